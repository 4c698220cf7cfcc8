"""Measure the gateway against its budgets, beside a bare forwarding proxy in the same run."""
