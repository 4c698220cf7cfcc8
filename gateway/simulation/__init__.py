"""The simulated authority: an adapter's maps in reverse, with a plan of answers and faults."""

from gateway.simulation.certificate import Certificate, make_identity
from gateway.simulation.faults import Fault
from gateway.simulation.plan import Plan
from gateway.simulation.plan_file import load_plan, quick_plan
from gateway.simulation.server import create_authority, serve

__all__ = [
    "Certificate",
    "Fault",
    "Plan",
    "create_authority",
    "load_plan",
    "make_identity",
    "quick_plan",
    "serve",
]
