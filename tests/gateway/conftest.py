"""What tests of the whole gateway share: a data folder of their own with the wire schemas."""

from pathlib import Path

import pytest

from gateway.validation import SchemaCatalogue, install_schemas, shipped_schemas

XMELD = "xmeld/25.11a"


@pytest.fixture(scope="session")
def installed_schemas(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """A data folder in which XMeld has a wire schema, official where it is at hand."""
    folder = tmp_path_factory.mktemp("data")
    into = folder / "agency-gateway" / "schemas"
    shipped = SchemaCatalogue(installed=None, shipped=shipped_schemas()).list()
    if XMELD not in {source.name for source in shipped}:
        standards: Path = request.getfixturevalue("standards")
        install_schemas(standards / "xmeld-2511a", standard="xmeld", edition="25.11a", into=into)
    return folder


@pytest.fixture
def data_home(installed_schemas: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes the data folder the one of this process, and removes settings of the user."""
    monkeypatch.setenv("XDG_DATA_HOME", str(installed_schemas))
    for name in ("CONFIG", "TOKEN", "URL"):
        monkeypatch.delenv(f"AGENCY_GATEWAY_{name}", raising=False)
    return installed_schemas / "agency-gateway"
