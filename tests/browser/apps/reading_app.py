"""A reader's screen over a store in memory, for the browser tests of the component.

The address says what is wanted: reader and try (name of the session), modality, cases, practice, limit, paused. The
folder DERMDASH_TEST_DIR takes a log of everything stored; while a file named "hold" lies there, nothing is stored, and
while one named "covered" does, every case has another version of its image.
"""

import dataclasses
import json
import os
from pathlib import Path

import streamlit as st
from drawn_images import lesion_uri

from dermdash.charts.palette import diagnosis_color
from dermdash.reader_study.management import Management
from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission
from dermdash.reader_study.words.for_screen import screen_words
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.questions import MANAGEMENT_NAMES
from dermdash.records.taxonomy import HAM7
from dermdash.ui.reading_panel import Delivered, reading_panel

st.set_page_config(page_title="Reading", layout="wide")
FOLDER = Path(os.environ["DERMDASH_TEST_DIR"])
query = st.query_params
READER = query.get("reader", "reader-a")
MODALITY = query.get("modality", "multiclass_probability")
TOTAL = int(query.get("cases", "10"))
PRACTICE = query.get("practice") == "1"
FURTHER, BESIDE = query.get("further") == "1", query.get("beside") == "1"
LIMIT = int(query.get("limit", "0")) or None
COVERED = 500
CONFIDENCE = ["Guess", "Unsure", "Fairly sure", "Sure", "Certain"]
PICTURES: dict[str, str] = {}
PROBABILITIES = dict(zip(HAM7.codes, (0.04, 0.11, 0.21, 0.003, 0.52, 0.1, 0.017), strict=True))


def picture(number: int, **size: int) -> str:
    """The name of a drawn picture, which goes along with this run's payload."""
    name = f"drawn-{number}"
    PICTURES[name] = lesion_uri(number, **size)
    return name


@st.cache_resource
def sessions() -> dict[str, dict]:
    return {}


session = sessions().setdefault(
    f"{READER} {query.get('try', '')}",
    {"answers": {}, "by_id": {}, "refused": {}, "events": {}, "paused": query.get("paused") == "1", "seen": 0},
)


def assistance() -> dict:
    if MODALITY == "malignancy_probability":
        return {"modality": MODALITY, "malignancy": 0.83}
    if MODALITY == "cbir":
        shown = [
            ("mel", 0.94),
            ("mel", 0.91),
            ("nv", 0.9),
            ("bkl", 0.88),
            ("akiec", 0.86),
            ("mel", 0.85),
            ("nv", 0.8),
        ]
        neighbours = [
            {"image": picture(900 + i, width=160, height=120), "dx": dx, "similarity": s}
            for i, (dx, s) in enumerate([*shown, ("nv", 0.8), ("bcc", 0.79)])
        ]
        return {"modality": MODALITY, "neighbours": neighbours}
    if MODALITY == "crowd_probability":
        return {"modality": MODALITY, "probabilities": PROBABILITIES, "readers": 23}
    return {"modality": MODALITY, "probabilities": PROBABILITIES}


def beside() -> dict:
    """All that can stand beside a case."""
    fields = {"Age": "72 years", "Sex": "male", "Site": "anterior torso", "Diameter": "12.5 mm", "Skin type": "IV"}
    return {
        "fields": [{"title": title, "value": value} for title, value in fields.items()],
        "clinical": picture(700),
        "lesions": [picture(701, width=160, height=120), picture(702, width=160, height=120)],
        "lesions_left_out": 0,
    }


def store(items: Delivered) -> None:
    if (FOLDER / "hold").exists():
        return
    for item in items:
        if str(item.id) in session["by_id"] or str(item.id) in session["events"]:
            continue
        if isinstance(item, ClientEvent):
            session["events"][str(item.id)] = item
            if item.event in ("pause", "resume"):
                session["paused"] = item.event == "pause"
            if item.event == "continue":
                session["seen"] += 1
        elif isinstance(item, ReadingSubmission):
            if (item.step_key, item.phase) in session["answers"]:
                session["refused"][str(item.id)] = "this case is already answered"
                continue
            session["answers"][(item.step_key, item.phase)] = item
            session["by_id"][str(item.id)] = item
        with (FOLDER / "log.jsonl").open("a") as log:
            log.write(json.dumps(dataclasses.asdict(item) | {"reader": READER}, default=str) + "\n")


def step(number: int) -> dict | None:
    """The step that is open when `number` answers are stored: unaided and aided in turn."""
    if PRACTICE and number and number % 2 == 0 and session["seen"] < number // 2:
        previous = step_of(number - 1)
        answer = session["answers"][(previous["key"], "aided")]
        return previous | {"feedback": {"correct": answer.dx == "mel", "truth": "mel"}}
    return step_of(number) if number < 2 * TOTAL else None


def said(answer: ReadingSubmission) -> dict:
    return {"dx": answer.dx, "confidence": answer.confidence, "malignancy_rating": None, "management": None}


def step_of(number: int) -> dict:
    position, aided = number // 2 + 1, number % 2 == 1
    key = f"{READER}-{position}"
    before = session["answers"].get((key, "unaided")) if aided else None
    return {
        "key": key,
        "phase": "aided" if aided else "unaided",
        "position": position,
        "total": TOTAL,
        "image": picture(position + (COVERED if (FOLDER / "covered").exists() else 0)),
        "instruction": "",
        "beside": beside() if BESIDE else None,
        "practice": PRACTICE,
        "screening": False,
        "time_limit_s": LIMIT,
        "previous": said(before) if before else None,
        "assistance": assistance() if aided else None,
        "feedback": None,
    }


answered = len(session["answers"])
now = step(answered)
ahead = answered // 2 + 2
reading_panel(
    {
        "reader": READER,
        "question": "What is your diagnosis?",
        "classes": [{"code": c.code, "name": c.name, "color": diagnosis_color(c.code)} for c in HAM7.classes],
        "confidence_levels": CONFIDENCE[2:] if FURTHER else CONFIDENCE,
        "room": {
            "answers": "probability" in MODALITY and MODALITY != "malignancy_probability",
            "line": MODALITY == "malignancy_probability",
            "counted": False,
            "pictures": 9 if MODALITY == "cbir" else 0,
        },
        "step": now,
        "large": None,
        "prefetch": {"key": f"{READER}-{ahead}", "image": picture(ahead)} if ahead <= TOTAL else None,
        "game": "",
        "asked": {
            "diagnosis": True,
            "malignancy_rating": FURTHER,
            "managements": [{"code": str(m), "name": str(MANAGEMENT_NAMES[m])} for m in Management] if FURTHER else [],
        },
        "pictures": PICTURES,
        "interlude": None,
        "messages": [],
        "closed": None,
        "closing": {
            "debrief": [],
            "results": [],
            "note": "",
            "missed": [],
            "missed_left_out": 0,
            "rank": "",
            "certificate": None,
        }
        if now is None
        else None,
        "language": "en",
        "languages": [{"code": "en", "name": "English"}],
        "words": dict(screen_words(Language.ENGLISH)),
        "acknowledged": [*session["by_id"], *session["events"]],
        "refused": [{"id": i, "reason": r} for i, r in session["refused"].items()],
        "paused": session["paused"],
        "finished": now is None,
    },
    key="reading",
    on_answers=store,
)
