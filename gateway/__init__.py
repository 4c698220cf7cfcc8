"""The interoperability gateway."""
