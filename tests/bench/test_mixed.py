"""Messages of every size: each has an authority, and is asked for as often as it should be."""

from collections.abc import Iterator

import pytest

from bench.inputs import Inputs, prepared
from bench.load import read_mix
from bench.mixed import LARGE, SMALL, gateway
from bench.processes import fetch


@pytest.fixture(scope="module")
def inputs() -> Iterator[Inputs]:
    with prepared() as inputs:
        yield inputs


def test_a_thousand_messages_hold_every_size_as_often_as_its_share_says(inputs: Inputs) -> None:
    with gateway(inputs) as running:
        kinds = read_mix(running.url, running.mix)
        status, body = fetch(running.url + "/health/ready")
    names = [kind.name for kind in kinds]
    assert len(names) == 1000
    assert {name: names.count(name) for name in names} == {
        name: share for name, (share, _) in {**SMALL, **LARGE}.items()
    }
    assert (status, b'"ready"' in body) == (200, True)
