"""The simulated authority: an adapter's maps in reverse, with a plan of answers and faults."""

from gateway.simulation.plan import Plan, load_plan
from gateway.simulation.server import create_authority, serve

__all__ = ["Plan", "create_authority", "load_plan", "serve"]
