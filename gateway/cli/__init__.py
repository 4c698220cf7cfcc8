"""The command line: a thin shell over the same use cases as the API."""
