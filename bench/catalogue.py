"""Every case by name: those with a budget, which ``make bench`` runs, and the long ones."""

from bench.attachments import attachment_1gib
from bench.cases import CASES, Budget, Case
from bench.growth import growth, memory
from bench.mixed import mixed_sizes
from bench.postgres import POSTGRES
from bench.shares import shares
from bench.sizes import size_sweep, xml_100kb
from bench.waiting import waiting_1000

SHORT: dict[str, Case] = {
    **CASES,
    **POSTGRES,
    "xml_100kb": Case(run=xml_100kb, budgets=(Budget(figure="per_second", limit=120),)),
    "memory_100k": Case(run=memory, budgets=(Budget(figure="growth_mib", limit=16, at_most=True),)),
    "waiting_1000": Case(
        run=waiting_1000, budgets=(Budget(figure="added_p99_ms", limit=1_000, at_most=True),)
    ),
    "shares": Case(run=shares, budgets=()),
}
"""What fits into a quarter of an hour."""

LONG: dict[str, Case] = {
    "size_sweep": Case(run=size_sweep, budgets=()),
    "mixed_sizes": Case(
        run=mixed_sizes,
        budgets=(
            Budget(figure="p99_ms", limit=250, at_most=True),
            Budget(figure="growth_mib", limit=32, at_most=True),
        ),
    ),
    "attachment_1gib": Case(
        run=attachment_1gib,
        budgets=(
            Budget(figure="growth_in_mib", limit=32, at_most=True),
            Budget(figure="growth_out_mib", limit=32, at_most=True),
        ),
    ),
    "growth": Case(
        run=growth,
        budgets=(
            Budget(figure="cost_ratio", limit=1.5, at_most=True),
            Budget(figure="look_ms_1e6", limit=50, at_most=True),
        ),
    ),
}
"""What takes longer: ``make bench-long``."""
