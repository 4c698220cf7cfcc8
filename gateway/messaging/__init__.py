"""Values and rules of messaging: no I/O, no clock of its own, no format."""
