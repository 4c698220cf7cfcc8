"""An operation whose documents are as long as one likes, for the bench and the tests."""
