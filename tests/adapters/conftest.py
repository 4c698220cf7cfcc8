"""The adapters of the project, loaded with the official schemas."""

from pathlib import Path

import pytest

from gateway.registry import Adapter, load_adapter
from gateway.translation.exchange import Exchange
from gateway.translation.map import Map
from gateway.validation.catalogue import SchemaCatalogue, shipped_schemas
from gateway.validation.install import install_schemas

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def samples(standards: Path) -> Path:
    """Folder of real messages."""
    return standards / "xmeld-2511a" / "samples"


@pytest.fixture(scope="session")
def official(standards: Path, tmp_path_factory: pytest.TempPathFactory) -> SchemaCatalogue:
    """A catalogue in which the official editions are installed: one set holds both standards."""
    installed = tmp_path_factory.mktemp("installed")
    for standard, edition in (("xmeld", "25.11a"), ("xinneres-rueckweisung", "6")):
        install_schemas(
            standards / "xmeld-2511a", standard=standard, edition=edition, into=installed
        )
    return SchemaCatalogue(installed=installed, shipped=shipped_schemas())


@pytest.fixture(scope="session")
def xmeld(official: SchemaCatalogue) -> Adapter:
    """The XMeld adapter with the official schemas."""
    return load_adapter(PROJECT / "adapters" / "xmeld", official)


@pytest.fixture(scope="session")
def exchange(xmeld: Adapter) -> Exchange:
    return xmeld.exchanges["residents/search/v1"]


@pytest.fixture(scope="session")
def maps(xmeld: Adapter) -> dict[str, Map]:
    return {translation.root: translation for translation in xmeld.maps.values()}
