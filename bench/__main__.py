"""``python -m bench [case…]``: measure, compare with the budgets, keep the figures.

``python -m bench profile <case>`` runs one synchronous case with the gateway under cProfile.
"""

import argparse
import json
import sys
from typing import Any

from bench.cases import Bench, Case
from bench.catalogue import LONG, SHORT
from bench.inputs import RESULTS, prepared
from bench.pairs import Measured
from bench.processes import BenchError, last_error
from bench.profiling import profile

ALL = {**SHORT, **LONG}
LATEST = RESULTS / "latest.json"
COLUMNS = "{:<20} {:<16} {:>10} {:>19} {:>8}  {}"
PROFILE = "profile"


def main() -> int:
    given = _arguments()
    names = given.cases or list(LONG if given.long else SHORT)
    with prepared() as inputs:
        bench = Bench(inputs=inputs, seconds=given.seconds, pairs=given.pairs)
        if names[0] == PROFILE:
            print(profile(bench, names[1]))
            return 0
        print(f"Wire schema: {inputs.wire_schema}. {given.pairs} pairs of {given.seconds:g} s.")
        print(COLUMNS.format("case", "figure", "median", "spread", "budget", ""))
        passed = [_run(name, ALL[name], bench) for name in names]
    return 0 if all(passed) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=", ".join(ALL))
    parser.add_argument("--long", action="store_true", help="the long cases instead")
    parser.add_argument("--seconds", type=float, default=10, help="length of one half of a pair")
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    named = given.cases[1:] if given.cases[:1] == [PROFILE] else given.cases
    unknown = [name for name in named if name not in ALL]
    if unknown or (given.cases == [PROFILE]):
        parser.error(f"name a case of: {', '.join(ALL)}")
    return given


def _run(name: str, case: Case, bench: Bench) -> bool:
    """Measure one case, print and keep its figures; whether it meets its budgets."""
    try:
        figures = case.run(bench)
    except BenchError as error:
        print(f"{name}: {error}", file=sys.stderr)
        figures = {"error": str(error)}
    if figures.get("failures"):
        figures["last_error"] = last_error(bench.inputs.log("gateway"))
    sound = not figures.get("failures") and "error" not in figures
    result = {
        **figures,
        "wire_schema": bench.inputs.wire_schema,
        "budgets": {budget.figure: str(budget) for budget in case.budgets},
        "passed": sound and all(budget.is_met(figures) for budget in case.budgets),
    }
    _show(name, case, result)
    _keep({name: result})
    return bool(result["passed"])


def _show(name: str, case: Case, result: Measured) -> None:
    for budget in case.budgets:
        verdict = "pass" if budget.is_met(result) and result["passed"] else "FAIL"
        print(_line(name, budget.figure, result, str(budget), verdict))
    for figure in [key for key in result if f"{key}_spread" in result]:
        if figure not in result["budgets"]:
            print(_line("", figure, result, "", ""))
    if result.get("failures"):
        print(f"  failures: {result['failures']}; first: {result['first_failure']}")
        print(f"  last error in the gateway's log: {result['last_error']}")
    sys.stdout.flush()


def _line(name: str, figure: str, result: dict[str, Any], budget: str, verdict: str) -> str:
    median = result.get(figure)
    least, most = result.get(f"{figure}_spread", (None, None))
    spread = "" if least is None else f"{least:.6g} to {most:.6g}"
    return COLUMNS.format(
        name, figure, "-" if median is None else f"{median:.6g}", spread, budget, verdict
    )


def _keep(results: dict[str, Measured]) -> None:
    """Write the figures; other cases keep their last ones."""
    known = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.is_file() else {}
    LATEST.write_text(json.dumps({**known, **results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
