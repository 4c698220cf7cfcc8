"""Processes beside the gateway's own that do what would hold up everybody else."""
