"""Drafts of mappings where the workspace cannot be written."""

from pathlib import Path

import pytest

from dermdash.dataset.formats.mapping_file import parse_mapping
from dermdash.errors import WorkspaceReadOnly
from dermdash.workflows.dataset.mapping_drafts import keep_draft, list_drafts, new_draft

MAPPING = parse_mapping("columns: {photo: image_id, label: diagnosis}\n", file="m.yaml")


def test_a_draft_that_cannot_be_written_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [("photo", "label")]
    draft = new_draft("ada", columns)

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        with pytest.raises(WorkspaceReadOnly, match="cannot be written"):
            keep_draft(tmp_path, draft, MAPPING)
    assert list_drafts(tmp_path, "ada", columns) == []
    keep_draft(tmp_path, draft, MAPPING)
    assert [d.id for d in list_drafts(tmp_path, "ada", columns)] == [draft]
    assert list_drafts(tmp_path, "bob", columns) == []
