"""Questions about a log that only a person can answer: what its columns mean, what was without assistance."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
from dermdash.errors import MissingColumns
from dermdash.readings.formats.detect import columns_of, recognise
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.formats.mrmc_log import CSV_NAME, IMRMC_NAME
from dermdash.readings.formats.names import modality_name
from dermdash.readings.modality import Modality
from dermdash.readings.spellings import SpellingChoice
from dermdash.records.alike_names import AlikeNames
from dermdash.records.csv_table import read_table
from dermdash.records.taxonomy import TAXONOMIES
from dermdash.ui.analysis.spelling_form import read_when_asked
from dermdash.ui.choices import choose, pick
from dermdash.ui.messages import as_text
from dermdash.ui.navigation import page_link

_LONG, _WIDE = "long", "wide"
_SHAPES = {_LONG: "One answer per row", _WIDE: "Both answers of a pair in one row"}
_NOT_THERE = ""
_VALUES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class _Target:
    """One of our columns, what it is called on the page, and names that files use for it."""

    name: str
    label: str
    usual: tuple[str, ...] = ()
    needed: bool = False


_ABOUT = (
    _Target("reader", "Reader", ("reader_id", "user", "user_id", "participant", "rater", "observer"), needed=True),
    _Target("case", "Case or image", ("case_id", "image", "image_id", "isic_id", "lesion"), needed=True),
)
_LONG_ANSWERS = (
    _Target("phase", "Before or after assistance", ("condition", "stage", "step"), needed=True),
    _Target("dx", "Diagnosis answered", ("diagnosis", "answer", "response")),
    _Target("malignant_answer", "Malignant answered (yes or no)", ("malignant",)),
    _Target("malignancy_rating", "Malignancy rating", ("rating", "score")),
    _Target("confidence", "Confidence", ("certainty",)),
    _Target("management", "Management", ("manage", "decision")),
    _Target("client_ms", "Time in milliseconds", ("time_ms", "rt")),
    _Target("client_s", "Time in seconds", ("time", "time_s", "seconds")),
)
_WIDE_ANSWERS = tuple(
    _Target(f"{target.name}_{phase}", f"{target.label}, {words}", (f"{target.name}_{short}",))
    for target in _LONG_ANSWERS[1:]
    for phase, words, short in (("unaided", "before", "before"), ("aided", "after", "after"))
)
_MODALITY = _Target("modality", "What was shown", ("assistance", "arm", "help", "treatment"))
_CASE_TRUTH = (
    _Target("truth_dx", "True diagnosis", ("truth", "ground_truth", "gt", "label")),
    _Target("truth_malignant", "Truly malignant (yes or no)", ("target",)),
)
_MORE = (
    _Target("correct", "Correct (yes or no)", ("is_correct",)),
    _Target("advice_dx", "Diagnosis advised", ("ai_prediction", "advice", "ai_dx")),
    _Target("advice_probability", "Malignancy probability shown", ("ai_probability",)),
    _Target("session", "Session or test", ("test_id", "session_id")),
    _Target("position", "Place in the session", ("trial", "order")),
    _Target("profession", "Profession", ("role",)),
    _Target("years_experience", "Years of experience", ("experience",)),
    _Target("experience_group", "Experience group", ("expertise",)),
    _Target("age_group", "Age group", ("age",)),
    _Target("gender", "Gender", ("sex",)),
    _Target("country", "Country", ()),
)


def mapping_form(file: LogFile, turn: int) -> dict[str, str]:
    """Draw the form; the mapping that was said, empty as long as something needed is missing."""
    columns = columns_of(file)
    shape = choose("Rows", list(_SHAPES), _SHAPES.__getitem__, key=f"logs.shape.{turn}", draw="radio", horizontal=True)
    mapping: dict[str, str] = {}
    chosen: dict[str, str] = {}
    answers = _LONG_ANSWERS if shape == _LONG else _WIDE_ANSWERS
    _choose((*_ABOUT, _MODALITY, *_CASE_TRUTH, *answers), columns, chosen, turn)
    with st.expander("More columns"):
        _choose([t for t in _MORE if shape == _LONG or t.name != "correct"], columns, chosen, turn)
        taxonomy = choose(
            "Classes of the diagnoses",
            ["", *TAXONOMIES],
            lambda name: TAXONOMIES[name].title if name else "Tell them from the diagnoses",
            key=f"logs.taxonomy.{turn}",
        )
        scale = st.text_input(
            "Scale of the confidence", key=f"logs.scale.{turn}", placeholder="1-5",
            help="Values outside are refused. Empty: any number.",
        )  # fmt: skip
    needed = [t.label for t in (*_ABOUT, *answers) if t.needed and t.name not in chosen]
    if shape == _WIDE and not any(name in {t.name for t in answers} for name in chosen):
        needed.append("an answer")
    if needed:
        st.info("Still to say: " + ", ".join(needed) + ".", icon=":material/info:")
        return {}
    mapping = {column: target for target, column in chosen.items()}
    if len(mapping) < len(chosen):
        st.info("One column was chosen for two things: choose another.", icon=":material/info:")
        return {}
    mapping |= _modality_values(file, chosen.get("modality"), turn)
    if "phase" in chosen:
        mapping |= _phase_values(file, chosen["phase"], turn)
    if taxonomy:
        mapping["taxonomy"] = taxonomy
    if scale.strip():
        mapping["scale:confidence"] = scale.strip()
    return mapping


def unaided_choice(files: Sequence[LogFile], format: str, turn: int) -> tuple[dict[str, str], SpellingChoice] | None:
    """Ask which modality of a file of ratings is the reading without assistance, when none is called so.

    Returns
    -------
    tuple or None
        The mapping that says so, and what was said of names that look alike; None until everything is said.
    """
    nothing: tuple[dict[str, str], SpellingChoice] = ({}, SpellingChoice())
    try:
        recognised = recognise(files, format=format)
    except MissingColumns:
        return nothing
    if recognised.format not in (CSV_NAME, IMRMC_NAME) or len(files) != 1:
        return nothing
    digest = file_digest(files[0])
    asked = read_when_asked(
        lambda choice: _modalities(files[0], digest, choice.as_dict()),
        lambda found: found[1],
        key=f"logs.spelling.{turn}",
    )
    if asked is None:
        return None
    (spelt, _), said = asked
    if any(modality_name(name) == Modality.NONE for name in spelt):
        return {}, said
    chosen = pick(
        "Which of these is the reading without assistance?",
        spelt,
        key=f"logs.unaided.{turn}",
        placeholder="None of them",
    )
    page_link("analysis/ratings_file", label="Compare them as they are", icon=":material/table_view:")
    if chosen is None:
        st.info(
            "These are ratings under several modalities. Multi-reader multi-case compares them from the file, without "
            "import. The other analyses need a reading without assistance: choose it above to go on.",
            icon=":material/info:",
        )
        return None
    return {f"modality:{chosen}": "unaided"}, said


def _choose(targets: Sequence[_Target], columns: Sequence[str], chosen: dict[str, str], turn: int) -> None:
    places = st.columns(3)
    for i, target in enumerate(targets):
        guess = next((n for n in (target.name, *target.usual) if n in columns and n not in chosen.values()), None)
        answer = choose(
            target.label + (" (needed)" if target.needed else ""),
            [_NOT_THERE, *columns],
            lambda column: column or "(not in the file)",
            key=f"logs.column.{target.name}.{turn}",
            default=guess,
            place=places[i % 3],
        )
        if answer != _NOT_THERE:
            chosen[target.name] = answer


def file_digest(file: LogFile) -> str:
    """What a cache knows a file by: hashing 200 MB takes a moment, reading them takes a minute."""
    return hashlib.sha256(file.data).hexdigest()


@st.cache_data(ttl=900, max_entries=4, show_spinner="Reading the log")
def _modalities(_file: LogFile, digest: str, spellings: Mapping[str, Any]) -> tuple[list[str], list[AlikeNames]]:
    read = read_mrmc_file(_file.data, name=_file.name, spellings=SpellingChoice.of_dict(spellings))
    return list(read.data.modalities), list(read.alike)


def _values(file: LogFile, column: str) -> list[str]:
    return _values_of(file, file_digest(file), column)


@st.cache_data(ttl=900, max_entries=20, show_spinner="Reading the log")
def _values_of(_file: LogFile, digest: str, column: str) -> list[str]:
    """Different texts in a column, in the order of the file."""
    table = read_table(_file.data, file_kind=_file.name)
    return list(dict.fromkeys(row.cells[column].strip() for row in table if row.cells is not None))


def _phase_values(file: LogFile, column: str, turn: int) -> dict[str, str]:
    found = _values(file, column)[:_VALUES_SHOWN]
    meanings = {"unaided": "before assistance", "aided": "after assistance"}
    mapping = {}
    for place, value in zip(st.columns(max(2, len(found))), found, strict=False):
        first = value.lower() in ("unaided", "before", "pre", "0", "no help", "without", "none", "first")
        mapping[f"phase:{value}"] = choose(
            f"{as_text(value) or 'empty'} is",
            list(meanings),
            meanings.__getitem__,
            key=f"logs.phase.{value}.{turn}",
            default="unaided" if first else "aided",
            place=place,
        )
    return mapping


def _modality_values(file: LogFile, column: str | None, turn: int) -> dict[str, str]:
    if column is None:
        shown = choose(
            "What was shown in the whole file",
            list(Modality),
            lambda modality: modality.label,
            key=f"logs.shown.{turn}",
            default=Modality.MULTICLASS_PROBABILITY,
        )
        return {"modality:*": shown.value}
    found = _values(file, column)[:_VALUES_SHOWN]
    mapping = {}
    for place, value in zip(st.columns(max(2, len(found))), found, strict=False):
        meant = modality_name(value)
        options = list(dict.fromkeys([*([value] if value else []), *(m.value for m in Modality)]))
        mapping[f"modality:{value}" if value else "modality:*"] = choose(
            f"{as_text(value) or 'empty'} is",
            options,
            lambda code: Modality(code).label if code in set(Modality) else f"{code} (as spelt)",
            key=f"logs.modality.{value}.{turn}",
            default=meant if meant in options else options[0],
            place=place,
        )
    return mapping
