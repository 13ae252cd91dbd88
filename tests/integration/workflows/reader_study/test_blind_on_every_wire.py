"""Every template with every form of assistance, walked from the link to the end: all that leaves, message by message
and picture by picture, is looked at for what would unblind its reader.
"""

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tests.filled_workspace import DATASET, MODEL, answer_next, begin, invite, make_event, read_cases
from tests.integration.workflows.reader_study.test_assistance_on_the_wire import fill_explained
from tests.integration.workflows.reader_study.test_designs_in_a_workspace import small
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.outbox import EventKind
from dermdash.reader_study.protocol import OFFERED_MODALITIES, Protocol
from dermdash.reader_study.protocol_parts import CaseView, Checks, Conduct, Feedback, PlantedAdvice, ReaderPages
from dermdash.reader_study.reading_session import StepKind
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.reader_study.wrong_advice import PLANTED, WRONG
from dermdash.readings.modality import Modality, Phase
from dermdash.records.taxonomy import HAM7
from dermdash.storage import records, studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import picture_route
from dermdash.ui.frontend.exchange.reading import HELD_WORDS, INVITATION_HEADER, PICTURES_PATH
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.reader_study import create_study, invitations, reading_standing, run_reading
from dermdash.workflows.reader_study.reading_standing import ReadingSession
from dermdash.workflows.reader_study.run_reading import Receipt
from dermdash.workflows.reader_study.withdraw import withdraw

UNAIDED = ("lancet-oncology-2019", "han-2018")
FORMS = tuple(m for m in OFFERED_MODALITIES if m is not Modality.NONE)
"""Every form of assistance, each of which a reader of as many cases gets once."""
WORDS_OF_ASSISTANCE = ("modality", "malignancy", "probabilities", "neighbours", "overlay", "readers", "similarity")
"""Entries of forms of assistance, none of which stands in a message before its time."""


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    opened, _ = made_once.open_copy(fill_explained, tmp_path / "workspace")
    yield opened
    let_go(opened)


@pytest.fixture
def client(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(picture_route, "current_workspace", lambda: workspace)
    return TestClient(Starlette(routes=picture_route.picture_routes()))


@dataclass
class Secrets:
    """What no reader of a study may receive, and the stored pictures by what one could find them by."""

    words: set[str]
    prints: set[Any]


def secrets_of(workspace: Workspace, study_id: str) -> Secrets:
    words = {f"{DATASET}:", MODEL, study_id, PLANTED, f'"{WRONG}"', "truth_dx", "record_id", '"heat"', "LABELMARK"}
    for row in records.records_of_dataset(workspace.engine, DATASET).to_dict("records"):
        names = ("id", "image_id", "lesion_id", "patient_id", "image_sha256")
        words |= {str(row[name]) for name in names if row[name] is not None and row[name] == row[name]}
        words |= {row["image_sha256"][:12], base64.b64encode(bytes.fromhex(row["image_sha256"])).decode()[:16]}
    words |= set(studies.cases_of_study(workspace.engine, study_id)["id"])
    words |= set(studies.reader_ids(workspace.engine, study_id))
    prints: set[Any] = set()
    for kind in ("originals", "thumbnails"):
        for path in (workspace.home / kind).rglob("*"):
            if path.is_file():
                prints |= prints_of(path.read_bytes())
    return Secrets(words, prints)


def prints_of(picture: bytes) -> set[Any]:
    """Bytes, hashes, pixels and size: by each of them one would find a picture in a data set."""
    with Image.open(io.BytesIO(picture)) as image:
        pixels = hashlib.sha256(image.convert("RGB").tobytes()).digest()
        return {
            hashlib.sha256(picture).digest(), hashlib.md5(picture, usedforsecurity=False).digest(), pixels, image.size,
        }  # fmt: skip


def text_in(data: Mapping[str, Any]) -> str:
    """A message without the data of its pictures."""
    return json.dumps({key: value for key, value in data.items() if key != "pictures"}, ensure_ascii=False)


@dataclass
class Walk:
    """A reader's way, message by message."""

    workspace: Workspace
    client: TestClient
    token: str
    secrets: Secrets
    names: dict[str, bytes] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    steps: int = 0

    def goes_on(self, study_id: str, reader_id: str) -> bool:
        """Read until there is no case; whether that was the end."""
        for dx in cycle(HAM7.codes):
            session = reading_standing.load_session(self.workspace, study_id, reader_id)
            self.look(session)
            if session.feedback_due is not None:
                told = make_event(EventKind.CONTINUE, session.feedback_due.id)
                run_reading.receive(self.workspace, study_id, reader_id, [told])
            elif session.step.assignment is None:
                return session.step.step is StepKind.FINISHED
            else:
                asked = {"management": "monitor"} if session.protocol.asked.management else {}
                assert not answer_next(self.workspace, session, dx, **asked).refused
        raise AssertionError

    def look(self, session: ReadingSession) -> None:
        """At what is sent where a reader stands, and at what they can fetch then."""
        along = panel_data(self.workspace, session, Receipt(), held=self.names)
        self.steps += 1
        text = text_in(along)
        assert not [word for word in self.secrets.words if word in text]
        self.look_at_step(session, along)
        for name, uri in along["pictures"].items():
            self.look_at_picture(name, uri)
        assert set(along["pictures"]) <= set(named_in(along)) <= set(self.names)

    def look_at_step(self, session: ReadingSession, data: Any) -> None:
        step = data["step"]
        if data["prefetch"] is not None:
            self.look_at_prefetch(session, data["prefetch"]["key"])
        if step is None:
            assert data["prefetch"] is None
            return
        if step["feedback"] is None:
            assert '"truth"' not in text_in({k: v for k, v in data.items() if k != "words"})
        else:
            assert session.feedback_due is not None
            assert session.feedback_due.id == step["key"]
        if step["assistance"] is not None:
            assert step["phase"] == Phase.AIDED
            own = next(a for a in session.assignments if a.id == step["key"])
            assert (own.id, Phase.UNAIDED) in session.answered or own.phases == (Phase.AIDED,)
            self.shown.add(step["assistance"]["modality"])
            return
        said = text_in({k: v for k, v in data.items() if k not in ("words", "asked", "classes")})
        assert not [word for word in WORDS_OF_ASSISTANCE if f'"{word}"' in said]
        assert not [m for m in Modality if m is not Modality.NONE and f'"{m}"' in said]
        beside = step["beside"] or {"lesions": None, "clinical": None}
        pictures = {step["image"], *(beside["lesions"] or []), *([beside["clinical"]] if beside["clinical"] else [])}
        assert set(data["pictures"]) <= pictures | ({data["prefetch"]["image"]} if data["prefetch"] else set())

    def look_at_prefetch(self, session: ReadingSession, key: str) -> None:
        """Nothing comes before a washout is over, nor before it is known whether the reader is admitted."""
        at = session.feedback_due or session.step.assignment
        assert at is not None
        following = next(a for a in session.assignments if a.id == key)
        assert following.period == at.period
        assert at.kind is not CasePart.SCREENING or following.kind is CasePart.SCREENING

    def look_at_picture(self, name: str, uri: str) -> None:
        data = base64.b64decode(uri.partition(",")[2])
        assert not self.secrets.prints & prints_of(data)
        assert not [word for word in self.secrets.words if word.encode() in data]
        with Image.open(io.BytesIO(data)) as image:
            assert not {"exif", "comment", "xmp", "Software"} & image.info.keys()
        assert name not in self.names
        self.names[name] = data
        answer = self.client.get(f"/{PICTURES_PATH}/{name}", headers={INVITATION_HEADER: self.token})
        assert (answer.status_code, answer.content) == (200, data)
        assert set(answer.headers) == {"cache-control", "accept-ranges", "content-type", "content-length"}


def named_in(data: Any) -> Iterator[str]:
    """Pictures that a message names anywhere."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        if key in ("image", "overlay", "clinical") and value:
            yield value
        elif key == "lesions" and value:
            yield from value
        elif key not in ("pictures", "words"):
            yield from named_in(value)


def protocol_of_walk(key: str) -> Protocol:
    """A template that shows every form, where it shows any."""
    if key in UNAIDED:
        return small(key)
    mix = dict.fromkeys(HAM7.codes, 1) | {"mel": 2}
    protocol = small(
        key, cases_per_round=len(FORMS), class_mix=mix, modalities=FORMS, minimum_crowd_readers=1, model_id=MODEL
    )
    assert len(FORMS) == sum(mix.values())
    return protocol


def walked(workspace: Workspace, client: TestClient, protocol: Protocol, *, readers: int) -> list[Walk]:
    """Readers who take part one after the other; after each washout it is the day on which they may go on."""
    study_id = create_study.create_study(workspace, protocol)
    walks = []
    for token in invite(workspace, study_id, *(f"LABELMARK{n}" for n in range(readers))):
        _, reader_id = begin(workspace, token)
        walk = Walk(workspace, client, token, secrets_of(workspace, study_id))
        with pytest.MonkeyPatch.context() as patched:
            while not walk.goes_on(study_id, reader_id):
                later = now() + timedelta(days=29)
                patched.setattr(reading_standing, "now", lambda moment=later: moment)
        walks.append(walk)
    return walks


@pytest.mark.parametrize("key", STUDY_TEMPLATES)
def test_nothing_that_leaves_unblinds(key: str, workspace: Workspace, client: TestClient) -> None:
    protocol = protocol_of_walk(key)
    # The second of each arm comes after somebody whose answers make a crowd.
    readers = 1 if key in UNAIDED else 2 * len(protocol.arms)
    walks = walked(workspace, client, protocol, readers=readers)
    assert set().union(*(walk.shown for walk in walks)) == ({str(m) for m in FORMS} if key not in UNAIDED else set())
    assert sum(walk.steps for walk in walks) > 4 * readers
    # The same picture has the same name for everybody, another picture another one.
    every: dict[str, bytes] = {}
    for walk in walks:
        for name, data in walk.names.items():
            assert every.setdefault(name, data) == data
    assert len(set(every.values())) == len(every)


def shape(value: Any) -> Any:
    """The entries of a message and their kinds, without what they hold."""
    if isinstance(value, dict):
        return {
            key: shape(inner) for key, inner in value.items() if key not in ("pictures", "acknowledged", "prefetch")
        }
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def test_before_the_unaided_answer_all_messages_are_alike_whatever_follows(workspace: Workspace) -> None:
    every = tuple(m for m in FORMS if m is not Modality.CROWD_PROBABILITY)
    planted = PlantedAdvice(share_percent=50)
    protocol = small("nature-medicine-2020", practice_cases=0, modalities=every, wrong_advice=planted)
    study_id = create_study.create_study(workspace, protocol)
    (token,) = invite(workspace, study_id, "A")
    _, reader_id = begin(workspace, token)
    seen: dict[str, Any] = {}

    def look(session: ReadingSession) -> None:
        at = session.step.assignment
        if at is not None and session.step.phase is Phase.UNAIDED and session.interlude is None:
            seen[str(at.modality)] = shape(panel_data(workspace, session, Receipt(), held=[f"{HELD_WORDS}en"]))

    read_cases(workspace, study_id, reader_id, at_each_step=look)
    assert len(seen) > 3
    assert len({json.dumps(one) for one in seen.values()}) == 1


def test_what_stands_beside_a_case_checks_and_repeats_unblind_nobody(workspace: Workspace, client: TestClient) -> None:
    view = CaseView(fields=("sex", "age_at_exam", "anatomical_site"), clinical_image=True, whole_patient=True)
    checks = Checks(attention_checks=1, hidden_repeats=2, unaided_only=1)
    pages = ReaderPages(feedback=Feedback.END, certificate=True, game=True)
    for conduct in (Conduct(), Conduct(blinded=True)):
        protocol = small(
            "nature-medicine-2020", view=view, checks=checks, pages=pages, conduct=conduct, minimum_crowd_readers=1
        )
        walks = walked(workspace, client, protocol, readers=1)
        assert walks[0].steps > 10


@pytest.mark.parametrize(
    "range_", ["bytes=0-10,20-30", "bytes=-5", "bytes=99999999999-", "bytes=5-2", "x", "bytes=\u00b2-"]
)
def test_an_odd_range_gives_the_whole_picture_once(range_: str, workspace: Workspace, client: TestClient) -> None:
    _, token, name = offered(workspace)
    whole = client.get(f"/{PICTURES_PATH}/{name}", headers={INVITATION_HEADER: token})
    headers = {INVITATION_HEADER.encode(): token.encode(), b"Range": range_.encode("latin-1")}
    answer = client.get(f"/{PICTURES_PATH}/{name}", headers=headers)
    assert (answer.status_code, answer.content) == (200, whole.content)


def offered(workspace: Workspace, key: str = "nature-medicine-2020") -> tuple[str, str, str]:
    """A study, the link of a reader who has begun, and the picture that was named to them."""
    study_id = create_study.create_study(workspace, small(key, practice_cases=0))
    (token,) = invite(workspace, study_id, "A")
    _, reader_id = begin(workspace, token)
    data = panel_data(workspace, reading_standing.load_session(workspace, study_id, reader_id), Receipt())
    assert data["step"] is not None
    return study_id, token, data["step"]["image"]


def test_nobody_fetches_pictures_of_another_study_or_under_another_name(
    workspace: Workspace, client: TestClient
) -> None:
    _, mine, name = offered(workspace)
    _, other, elsewhere = offered(workspace, "wrong-advice")
    # Of two studies with the same cases: the same image is another file under another name.
    assert name != elsewhere
    for token, asked in ((mine, elsewhere), (other, name)):
        assert client.get(f"/{PICTURES_PATH}/{asked}", headers={INVITATION_HEADER: token}).status_code == 404
    stored = records.records_of_dataset(workspace.engine, DATASET)["image_sha256"].iloc[0]
    for odd in (stored, stored[:32], "..%2f..%2foriginals", "%00", "x" * 3000, name.upper(), f"{name}/x"):
        answer = client.get(f"/{PICTURES_PATH}/{odd}", headers={INVITATION_HEADER: mine})
        assert answer.status_code == 404
        assert "originals" not in answer.text


def test_the_link_of_a_group_and_an_invitation_that_nobody_took_fetch_nothing(
    workspace: Workspace, client: TestClient
) -> None:
    study_id, _, name = offered(workspace)
    group = invitations.invite_group(workspace, study_id, "Everybody").link.split("invitation=")[1]
    (unused,) = invite(workspace, study_id, "B")
    for token in (group, unused):
        assert client.get(f"/{PICTURES_PATH}/{name}", headers={INVITATION_HEADER: token}).status_code == 403


def test_who_has_withdrawn_is_given_no_picture_any_more(workspace: Workspace, client: TestClient) -> None:
    _, token, name = offered(workspace)
    headers = {INVITATION_HEADER: token}
    assert client.get(f"/{PICTURES_PATH}/{name}", headers=headers).status_code == 200
    withdraw(workspace, token)
    assert client.get(f"/{PICTURES_PATH}/{name}", headers=headers).status_code == 404
