"""``make crash-test``: a long run, figures, findings; exit code 1 if a promise was broken."""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.scenarios.crash.letters import Told
from tests.scenarios.crash.runs import Plan, Ran, run
from tests.scenarios.crash.town import Kind as Store
from tests.scenarios.crash.verdict import Finding, Kind

MOST_SHOWN = 20


def report(ran: Ran, findings: Sequence[Finding], *, again: str) -> str:
    """What happened, for whoever looks at the run; the last line says whether promises held.

    Args:
        ran: The run.
        findings: What must not be, of it.
        again: The command that does the same once more.
    """
    lines = [f"{name:20} {_shown(value)}" for name, value in ran.figures.items()]
    for finding in findings[:MOST_SHOWN]:
        lines += ["", f"{finding.kind}: {finding.message_id} {finding.text}", *_story(ran, finding)]
    if len(findings) > MOST_SHOWN:
        lines.append(f"And {len(findings) - MOST_SHOWN} more.")
    lines += ["", f"The same faults and letters again: {again}", summary(findings)]
    return "\n".join(lines)


def summary(findings: Sequence[Finding]) -> str:
    """How often each promise was broken."""
    counts = Counter(finding.kind for finding in findings)
    return ", ".join(f"{kind} {counts[kind]}" for kind in Kind)


def _shown(value: object) -> str:
    """A figure, or several by their names."""
    if not isinstance(value, Mapping):
        return str(value)
    return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"


def _story(ran: Ran, finding: Finding) -> list[str]:
    """What the gateway tells of the message, when it left, and what its callers were told."""
    story = []
    case = ran.evidence.cases.get(finding.message_id or "")
    if case is not None:
        story = [
            f"  {one.at.isoformat()} {one.event} {one.state} attempt {one.attempt} {one.code}"
            for one in case.history
        ]
        sent = ran.evidence.sent.get(case.id, ())
        story.append(f"  left at {', '.join(f'{at:.3f}' for at in sent) or 'no time'}")
    for number, told in ran.evidence.told.items():
        if number == finding.letter or _is_about(told, finding):
            story += [
                f"  asked at {one.asked_at:.3f}, told at {one.at:.3f}: {one.status} "
                f"{one.code or ''} {one.message_id or ''}"
                for one in told
            ]
    return story


def _is_about(told: Sequence[Told], finding: Finding) -> bool:
    known = finding.message_id is not None
    return known and any(one.message_id == finding.message_id for one in told)


def main() -> int:
    """Read the options, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--store", type=Store, default=Store.SQLITE, choices=list(Store))
    parser.add_argument("--gateways", type=int, default=1)
    options = parser.parse_args()
    # Also where a shell made its background jobs ignore the one: what was started has to end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    plan = Plan(
        seed=options.seed,
        letters=options.messages,
        store=options.store,
        gateways=options.gateways,
    )
    sys.stdout.write(f"seed {plan.seed}, {plan.letters} letters, {plan.store}\n")
    folder = Path(tempfile.mkdtemp(prefix="agency-gateway-crash-"))
    ran = asyncio.run(run(plan, folder))
    findings = ran.evidence.findings()
    again = (
        f"make crash-test SEED={plan.seed} MESSAGES={plan.letters} STORE={plan.store} "
        f"GATEWAYS={plan.gateways}"
    )
    sys.stdout.write(f"{report(ran, findings, again=again)}\n")
    if findings:
        sys.stdout.write(f"Logs are in {folder}\n")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
