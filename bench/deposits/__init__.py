"""A format with attachments, and an authority that takes them."""
