import json
import stat
from pathlib import Path

import pytest

from dermdash.errors import DermdashError, InvalidInput
from dermdash.settings import Settings
from dermdash.storage.pseudonym_key import key_facts, key_path, pseudonyms, rotate


def settings(tmp_path: Path, **more: str) -> Settings:
    return Settings(home=tmp_path / "workspace", **more)


def test_the_key_lies_beside_the_workspace_for_its_owner_alone(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert key_facts(made) == []
    name = pseudonyms(made).patient("d", "p")
    path = tmp_path / "workspace-pseudonyms.key"
    assert key_path(made) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pseudonyms(made).patient("d", "p") == name
    assert [fact.in_use for fact in key_facts(made)] == [True]


def test_a_key_inside_the_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="may not lie in the workspace"):
        pseudonyms(settings(tmp_path, pseudonym_key=str(tmp_path / "workspace" / "keys" / "p.key")))


def test_a_new_key_makes_other_pseudonyms_and_the_earlier_one_is_still_there(tmp_path: Path) -> None:
    made = settings(tmp_path, pseudonym_key=str(tmp_path / "elsewhere" / "p.key"))
    first = pseudonyms(made)
    second = rotate(made)
    assert pseudonyms(made) == second
    assert first.patient("d", "p") != second.patient("d", "p")
    assert pseudonyms(made, first.key_id) == first
    assert [fact.in_use for fact in key_facts(made)] == [False, True]
    with pytest.raises(InvalidInput, match="no key 'k9'"):
        pseudonyms(made, "k9")


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', '{"keys": [{"id": "k", "made_at": "", "key": "ab"}]}'])
def test_a_damaged_file_of_keys_is_never_replaced(tmp_path: Path, content: str) -> None:
    made = settings(tmp_path)
    path = key_path(made)
    path.write_text(content)
    for act in (pseudonyms, rotate):
        with pytest.raises(DermdashError, match=r"[bB]ring it back"):
            act(made)
    assert path.read_text() == content


def test_the_file_holds_the_keys_and_nothing_of_the_data(tmp_path: Path) -> None:
    made = settings(tmp_path)
    pseudonyms(made).patient("clinic", "Erika")
    stored = json.loads(key_path(made).read_text())
    assert set(stored) == {"keys"}
    assert "Erika" not in key_path(made).read_text()
