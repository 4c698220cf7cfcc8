"""``make crash-test``: a long run, figures, findings; exit code 1 if a promise was broken."""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.scenarios.crash.runs import Plan, Ran, run
from tests.scenarios.crash.town import Kind as Store
from tests.scenarios.crash.verdict import Finding, Kind

MOST_SHOWN = 20


def report(plan: Plan, ran: Ran, findings: Sequence[Finding]) -> str:
    """What happened, for whoever looks at the run; the last line says whether promises held."""
    lines = [f"{name:20} {value}" for name, value in ran.figures.items()]
    for finding in findings[:MOST_SHOWN]:
        lines += ["", f"{finding.kind}: {finding.message_id} {finding.text}", *_story(ran, finding)]
    if len(findings) > MOST_SHOWN:
        lines.append(f"And {len(findings) - MOST_SHOWN} more.")
    again = (
        f"make crash-test SEED={plan.seed} MESSAGES={plan.letters} STORE={plan.store} "
        f"GATEWAYS={plan.gateways}"
    )
    lines += ["", f"The same faults and letters again: {again}", summary(findings)]
    return "\n".join(lines)


def summary(findings: Sequence[Finding]) -> str:
    """How often each promise was broken."""
    counts = Counter(finding.kind for finding in findings)
    return ", ".join(f"{kind} {counts[kind]}" for kind in Kind)


def _story(ran: Ran, finding: Finding) -> list[str]:
    """What the gateway tells of the message, and when it left."""
    case = ran.evidence.cases.get(finding.message_id or "")
    if case is None:
        return []
    events = [
        f"  {event.at.isoformat()} {event.event} {event.state} attempt {event.attempt} {event.code}"
        for event in case.history
    ]
    sent = ran.evidence.sent.get(case.id, ())
    told = [
        f"  told at {one.at:.3f}: {one.status} {one.code} (asked at {one.asked_at:.3f})"
        for several in ran.evidence.told.values()
        for one in several
        if one.message_id == case.id
    ]
    return [*events, f"  left at {', '.join(f'{at:.3f}' for at in sent)}", *told]


def main() -> int:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--store", type=Store, default=Store.SQLITE, choices=list(Store))
    parser.add_argument("--gateways", type=int, default=1)
    parser.add_argument("--blows", type=int)
    options = parser.parse_args()
    # Also where a shell made its background jobs ignore the one: what was started has to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    plan = Plan(
        seed=options.seed,
        letters=options.messages,
        store=options.store,
        gateways=options.gateways,
        blows=options.blows,
    )
    sys.stdout.write(f"seed {plan.seed}, {plan.letters} letters, {plan.store}\n")
    folder = Path(tempfile.mkdtemp(prefix="agency-gateway-crash-"))
    ran = asyncio.run(run(plan, folder))
    findings = ran.evidence.findings()
    sys.stdout.write(f"{report(plan, ran, findings)}\n")
    if findings:
        sys.stdout.write(f"Logs are in {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
