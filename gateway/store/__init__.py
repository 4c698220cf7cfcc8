"""Where messages are kept: one module a database, SQL in files beside them."""
