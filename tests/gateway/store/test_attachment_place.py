from pathlib import Path

from gateway.settings import Settings
from gateway.store.attachment_files import AttachmentFiles
from gateway.store.attachment_place import make_attachment_store


async def test_without_a_bucket_attachments_go_into_a_folder(tmp_path: Path) -> None:
    store = {"path": tmp_path / "messages.db"}
    beside = make_attachment_store(Settings.model_validate({"store": store}))
    elsewhere = make_attachment_store(
        Settings.model_validate({"store": store, "attachments": {"path": tmp_path / "here"}})
    )
    for place in (beside, elsewhere):
        assert isinstance(place, AttachmentFiles)
        await place.open("owner")
    assert folders(tmp_path) == {"messages.db.attachments", "here"}


def folders(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
