"""Entries of a protocol that change what happens: the number of readers wanted, pictures as they are stored."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.filled_workspace import begin, fill_judged, invite, make_protocol, read_cases
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.errors import AccessDenied
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.words import running
from dermdash.storage.workspace import Workspace
from dermdash.ui import leaving_pictures
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import (
    create_study,
    invitations,
    join_study,
    recruitment,
    withdraw,
)
from dermdash.workflows.reader_study.conduct import enough_readers, reader_target
from dermdash.workflows.reader_study.monitor_study import monitor_study
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.simulate_readers import simulate_readers
from dermdash.workflows.reader_study.watch_as_json import watch_as_json


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_judged, tmp_path / "workspace")
    yield opened
    let_go(opened)


def wanting(readers: int) -> Protocol:
    return make_protocol(conduct={"target_readers": readers})


def test_once_enough_readers_are_complete_nobody_else_begins_and_who_has_begun_goes_on(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, wanting(1))
    first, second, late = invite(workspace, study_id, "First", "Second", "Late")
    group = invitations.invite_group(workspace, study_id, "Ward")
    _, one = begin(workspace, first)
    _, two = begin(workspace, second)
    read_cases(workspace, study_id, one, answers=5)
    assert enough_readers(workspace, study_id) is None
    read_cases(workspace, study_id, one)
    target = monitor_study(workspace, study_id).target
    assert target is not None
    assert (target.wanted, target.complete, target.reached) == (1, 1, True)
    told = watch_as_json(monitor_study(workspace, study_id), blinded=False)["target"]
    assert told == {"wanted": 1, "complete": 1, "reached": True}
    with pytest.raises(AccessDenied) as refused:
        begin(workspace, late)
    assert refused.value.args[0] is running.ENOUGH_READERS
    with pytest.raises(AccessDenied):
        recruitment.take_own_link(workspace, join_study.open_invitation(workspace, group.token), address="192.0.2.1")
    # Who began before goes on to the end.
    assert read_cases(workspace, study_id, two).step.assignment is None
    target = reader_target(workspace, study_id)
    assert target is not None
    assert target.complete == 2


def test_who_withdraws_is_no_complete_reader(workspace: Workspace) -> None:
    study_id = create_study.create_study(workspace, wanting(1))
    first, second = invite(workspace, study_id, "First", "Second")
    read_cases(workspace, *begin(workspace, first))
    assert enough_readers(workspace, study_id) is running.ENOUGH_READERS
    withdraw.withdraw(workspace, first)
    begin(workspace, second)


def test_a_study_that_names_no_number_takes_readers_without_end_and_simulated_ones_are_as_many_as_asked_for(
    workspace: Workspace,
) -> None:
    assert reader_target(workspace, create_study.create_study(workspace, make_protocol())) is None
    simulated = create_study.create_study(workspace, wanting(1), simulated=True)
    simulate_readers(workspace, simulated, count=3, seed=1)
    target = reader_target(workspace, simulated)
    assert target is not None
    assert target.complete == 3


def whole_way(workspace: Workspace, protocol: Protocol) -> str:
    """All that one reader's browser receives on the way through a study."""
    study_id = create_study.create_study(workspace, protocol)
    reader = begin(workspace, *invite(workspace, study_id, "Ada"))
    received: list[str] = []

    def look(session: ReadingSession) -> None:
        received.append(json.dumps(panel_data(workspace, session, Receipt())))

    read_cases(workspace, *reader, at_each_step=look)
    return "\n".join(received)


def pictures_in(wire: str) -> set[bytes]:
    pictures = [uri for line in wire.splitlines() for uri in json.loads(line)["pictures"].values()]
    return {base64.b64decode(uri.partition(",")[2]) for uri in pictures}


def held(workspace: Workspace, kind: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (workspace.home / kind).rglob("*") if path.is_file()}


def test_where_the_protocol_says_so_images_leave_as_stored_and_names_and_ids_do_not(workspace: Workspace) -> None:
    plain = make_protocol(conduct={"unfindable_images": False})
    wire = whole_way(workspace, plain)
    stored = set(held(workspace, "originals").values()) | set(held(workspace, "thumbnails").values())
    pictures = pictures_in(wire)
    assert len(pictures) > plain.case_count
    assert pictures <= stored
    text = json.dumps([{k: v for k, v in json.loads(line).items() if k != "pictures"} for line in wire.splitlines()])
    names = {name for line in wire.splitlines() for name in json.loads(line)["pictures"]}
    told = text.lower() + " ".join(names)
    digests = [path.name.split(".")[0].lower() for path in (workspace.home / "originals").rglob("*") if path.is_file()]
    assert digests
    assert not [digest for digest in digests if digest[:16] in told]
    assert "clinic:" not in told
    assert not pictures_in(whole_way(workspace, make_protocol(name="As always"))) & stored


def test_a_file_too_large_to_wait_for_is_made_smaller(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving_pictures, "LARGEST_AS_STORED", 100)
    wire = whole_way(workspace, make_protocol(conduct={"unfindable_images": False}))
    assert not pictures_in(wire) & set(held(workspace, "originals").values())
    assert all(Image.open(io.BytesIO(picture)).size for picture in pictures_in(wire))
