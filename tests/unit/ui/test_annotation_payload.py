"""What leaves for an annotator is a list of allowed entries, and nothing of what a blind one must not know."""

import base64
import io
import json
import tomllib
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from PIL import Image

from dermdash.charts.palette import STRUCTURE_COLORS
from dermdash.deliveries import MAX_CHARACTERS
from dermdash.errors import FileMissing
from dermdash.records.fields import CONTEXT, FIELDS, STRUCTURES
from dermdash.records.taxonomy import HAM7
from dermdash.ui.annotation_payload import (
    AnnotatorPicture,
    TaskContent,
    annotation_data,
    annotator_picture,
    marks_view_data,
    waiting_annotation,
)
from dermdash.ui.frontend.exchange.annotation import AnnotationPayload, AnnotationTaskPayload
from dermdash.ui.frontend.nomenclature import nomenclature
from dermdash.verification.annotation import ENTERABLE, MOST_COMMENT, STRUCTURES_FIELD
from dermdash.verification.marks import MOST_RAW_POINTS, Mark, MarkShape, parse_marks

CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"
EVERY_FIELD = {f.name: f"value of {f.name}" for f in FIELDS}


def stored_image(width: int = 300, height: int = 200) -> bytes:
    noise = np.random.default_rng(3).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def picture() -> AnnotatorPicture:
    return annotator_picture(stored_image(), key="secret")


def make_task(picture: AnnotatorPicture, **changes: Any) -> TaskContent:
    return TaskContent(**{
        "key": "task-1", "picture": picture, "taxonomy": HAM7, "known": EVERY_FIELD, "sites": ("back", "face"),
        "position": 2, "total": 9,
    } | changes)  # fmt: skip


def shown(task: TaskContent | None, following: TaskContent | None = None) -> AnnotationPayload:
    return annotation_data(task, following, annotator="opaque", acknowledged=["a"], refused=[("b", "why")])


def test_a_task_leaves_with_the_declared_entries_and_no_others(picture: AnnotatorPicture) -> None:
    data = shown(make_task(picture), make_task(picture, key="task-2"))
    assert set(data) == set(AnnotationPayload.__annotations__)
    for task in (data["task"], data["following"]):
        assert task is not None
        assert set(task) == set(AnnotationTaskPayload.__annotations__)
    assert (data["acknowledged"], data["refused"]) == (["a"], [{"id": "b", "reason": "why"}])


def test_of_what_is_known_only_patient_and_lesion_leave(picture: AnnotatorPicture) -> None:
    task = shown(make_task(picture))["task"]
    assert task is not None
    assert set(task["known"]) == {f.name for f in CONTEXT}
    text = json.dumps(task)
    for name in set(EVERY_FIELD) - {f.name for f in CONTEXT}:
        assert EVERY_FIELD[name] not in text


def test_label_and_model_leave_only_where_the_rule_shows_them(picture: AnnotatorPicture) -> None:
    blind = shown(make_task(picture))["task"]
    assert blind is not None
    assert (blind["initial"], blind["model"], blind["draft"]) == (None, None, None)
    sighted = shown(make_task(picture, initial="nv", model={"nv": 0.3, "mel": 0.6, "not_of_ham7": 0.1}))["task"]
    assert sighted is not None
    assert sighted["initial"] == "nv"
    assert sighted["model"] == [{"code": "mel", "share": 0.6}, {"code": "nv", "share": 0.3}]


def test_the_picture_is_no_file_of_the_data_set_and_the_same_for_all_annotators(picture: AnnotatorPicture) -> None:
    sent = base64.b64decode(picture.uri.partition(",")[2])
    assert sent != stored_image()
    assert annotator_picture(stored_image(), key="secret").uri == picture.uri
    assert annotator_picture(stored_image(), key="of another data set").uri != picture.uri
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (picture.frame.picture_width, picture.frame.picture_height)
        assert image.size != (300, 200)
        assert not image.getexif()


def test_a_damaged_file_says_so_without_naming_it() -> None:
    with pytest.raises(FileMissing, match="damaged"):
        annotator_picture(b"no image", key="secret")


def test_marks_leave_for_the_view_in_pixels_of_the_picture_and_come_back_where_they_were(
    picture: AnnotatorPicture,
) -> None:
    mark = Mark("streaks", MarkShape.POLYGON, ((10, 20), (200, 30), (120, 180)))
    view = marks_view_data(picture, [("Reviewer 1", [mark]), ("Reviewer 2", [])], label="Image")
    assert [p["name"] for p in view["people"]] == ["Reviewer 1", "Reviewer 2"]
    sent = view["people"][0]["marks"][0]
    (back,) = parse_marks([dict(sent)], width=300, height=200, frame=picture.frame)
    assert np.allclose(back.points, mark.points, atol=0.06)


def test_while_nothing_can_be_read_only_receipts_leave() -> None:
    waiting = waiting_annotation(acknowledged=["a"], refused=[])
    assert waiting == {"waiting": True, "acknowledged": ["a"], "refused": []}


def test_the_largest_annotation_passes_the_limit_of_a_message() -> None:
    limit = tomllib.loads(CONFIG.read_text("utf-8"))["server"]["maxWidgetStateSize"] * 1024 * 1024
    mark = {"structure": max(STRUCTURES, key=len), "shape": "rectangle", "points": [[1234.5, 1234.5]] * 500}
    annotation = {
        "dx": "mel", "values": dict.fromkeys((f.name for f in ENTERABLE), "x" * 200),
        "marks": [mark] * (MOST_RAW_POINTS // 500), "unsure": True, "comment": "\u00e9" * MOST_COMMENT, "quality": 5,
    }  # fmt: skip
    item = {"kind": "annotation", "id": str(uuid4()), "task": "t" * 36, "annotation": annotation, "client_ms": 1.5}
    assert len(json.dumps(item)) < MAX_CHARACTERS
    # Many small ones are delivered up to this size, and a single large one alone.
    assert limit > 2 * MAX_CHARACTERS


def test_the_form_has_every_enterable_field_once_in_its_block() -> None:
    made = nomenclature()
    fields = [field["name"] for block in made["BLOCKS"] for field in block["fields"]]
    assert sorted([*fields, STRUCTURES_FIELD]) == sorted(f.name for f in ENTERABLE)
    assert len(made["BLOCKS"]) == 6
    assert [s["name"] for s in made["STRUCTURES"]] == list(STRUCTURES)


def test_every_structure_has_a_colour_of_its_own_that_shows_on_the_dark_rim() -> None:
    assert set(STRUCTURE_COLORS) == set(STRUCTURES)
    assert len(set(STRUCTURE_COLORS.values())) == len(STRUCTURES)
    for color in STRUCTURE_COLORS.values():
        red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert (luminance + 0.05) / (0.012 + 0.05) >= 4.5, color
