"""XMeld, the standard of the German residents' registries: maps and examples, no code."""
