"""The log of a study in phases (Chanda et al., Nature Communications 2024): one file per phase.

Phase 1 is unaided, phase 2 shows the AI's diagnosis, phase 3 its explanation too. ``prediction`` is 1 (melanoma), 0
(nevus) or 0.5 (nevus, but excise). The 3rd and the 13th image of a group are the same one.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dermdash.errors import InvalidInput
from dermdash.readings.formats.clusters import CLUSTER_COLUMNS, clusters_of
from dermdash.readings.formats.crossover import one_session_per_modality
from dermdash.readings.formats.log_format import LogFormat, of_tables
from dermdash.readings.formats.names import renamed_modalities
from dermdash.readings.formats.parsed_log import (
    LogTable,
    ParsedLog,
    Recognition,
    name_cell,
    number_cell,
    recognition,
    rows_of,
    text_cell,
    unused_columns,
)
from dermdash.readings.modality import Phase
from dermdash.records.csv_table import number_or_none
from dermdash.records.taxonomy import HAM7
from dermdash.wording import counted, form

NAME, TITLE = "phase-study", "Study in phases, one file each"
COLUMNS = (
    "participant", "group", "mask", "benign_malignant", "prediction", "confidence", "trust", "AI_prediction",
    "language",
)  # fmt: skip
NEVUS_BUT_EXCISE = "nevus_but_excise"
"""Option: whether the prediction 0.5 counts as ``benign`` (default) or ``malignant``."""
_NEEDED = ("participant", "group", "mask", "benign_malignant", "prediction", "AI_prediction")
_IMAGE_COLUMNS = ("image_id", "image", "isic_id", "mask")
_SHOWN = {2: "AI support", 3: "AI support with explanation"}
_PHASE = re.compile(r"phase[\s_-]*(\d)", re.IGNORECASE)
_TRUTHS = {"benign": "nv", "malignant": "mel", "nevus": "nv", "melanoma": "mel", "0": "nv", "1": "mel"}
_SCALE = 100.0
_AGAIN, _FIRST_OF_TWO = 13, 3


def recognises(columns: Sequence[str]) -> Recognition:
    """Whether the columns are those of this log."""
    return recognition(NAME, TITLE, columns, _NEEDED, why="columns participant, mask, benign_malignant, prediction")


def read(tables: Sequence[LogTable], *, options: Mapping[str, str]) -> ParsedLog:
    """Read the files of all phases together.

    Options: ``nevus_but_excise`` (``benign`` or ``malignant``), ``phase`` (of a single file whose name does not say
    it), ``modality:<as spelt>`` (another name for what a phase showed).
    """
    excise_malignant = _excise_option(options)
    rows: list[dict[str, Any]] = []
    phases: dict[int, str] = {}
    image = _image_column(tables)
    for log in tables:
        phase = _phase_of(log, options if len(tables) == 1 else {})
        if phase in phases:
            raise InvalidInput(f"{phases[phase]} and {log.name} are both phase {phase}: expected one file per phase")
        phases[phase] = log.name
        found = rows_of(log)
        for (n, cells), cluster in zip(found, clusters_of(cells for _, cells in found), strict=True):
            rows.append(_row(n, cells, log, phase, image, excise_malignant) | {"cluster": cluster})
    frame = pd.DataFrame(rows)
    shown = frame.loc[frame["phase"] == Phase.AIDED, "modality"]
    frame["modality"] = frame["modality"].replace(renamed_modalities(shown, options, source=tables[0].name))
    masks = frame.groupby("case")["arm"].nunique()
    if (masks > 1).any():  # numbered anew in every group
        frame["case"] = tables[0].names.column("case", frame["arm"] + "/" + frame["case"])
    frame, repeat_note = _repeats(frame)
    excised = int(frame["management"].eq("excise").sum())
    frame, twice_note = one_session_per_modality(frame)
    notes = [
        f"Files: {', '.join(f'phase {number} {name}' for number, name in sorted(phases.items()))}; phase 1 is the "
        "unaided reading.",
        f"The answer nevus but excise (0.5, {counted(excised, 'reading')}) counts as a "
        + ("malignant" if excise_malignant else "benign")
        + " answer with the management excise.",
        repeat_note,
        twice_note,
        "The malignancy rating was derived: the confidence, positive for a malignant and negative for a benign answer.",
        *unused_columns(tables, {c.lower() for c in COLUMNS} - {"language"} | {image, "phase", *CLUSTER_COLUMNS}),
    ]
    return ParsedLog(
        frame.drop(columns="_phase"), HAM7.name, {}, tuple(note for note in notes if note), rating_derived=True
    )


def _excise_option(options: Mapping[str, str]) -> bool:
    value = options.get(NEVUS_BUT_EXCISE, "benign")
    if value not in ("benign", "malignant"):
        raise InvalidInput(f"{NEVUS_BUT_EXCISE} is {value!r}: expected benign or malignant")
    return value == "malignant"


def _image_column(tables: Sequence[LogTable]) -> str:
    return next(name for name in _IMAGE_COLUMNS if all(name in log.table.columns for log in tables))


def _phase_of(log: LogTable, options: Mapping[str, str]) -> int:
    named = options.get("phase") or next(iter(_PHASE.findall(log.name)), "")
    if not named.isdecimal() or int(named) < 1:
        raise InvalidInput(
            f"{log.name}: which phase is it? Name the files as ...phase1.csv, ...phase2.csv, or say phase=1 in the "
            "mapping"
        )
    return int(named)


def _row(
    number: int,
    cells: Mapping[str, str],
    log: LogTable,
    phase: int,
    image: str,
    excise_malignant: bool,
) -> dict[str, Any]:
    where: dict[str, Any] = {"row": number, "source": log.name}
    truth = name_cell(cells, "benign_malignant", **where)
    if truth.lower() not in _TRUTHS:
        raise InvalidInput(f"{log.name}, row {number}: benign_malignant is {truth!r}, expected benign or malignant")
    answer = number_or_none(cells["prediction"])
    if answer not in (0.0, 0.5, 1.0):
        raise InvalidInput(
            f"{log.name}, row {number}: prediction is {cells['prediction'].strip()!r}, expected 0 (nevus), 0.5 (nevus "
            "but excise) or 1 (melanoma)"
        )
    malignant = answer == 1 or (answer == 0.5 and excise_malignant)
    truth_dx = _TRUTHS[truth.lower()]
    confidence = number_cell(cells, "confidence", least=0, most=_SCALE, **where)
    aided = phase > 1
    shown = _SHOWN.get(phase, f"phase {phase}")
    advice = number_cell(cells, "ai_prediction", least=0, most=1, **where) if aided else None
    certain = advice in (0.0, 1.0)
    return {
        "row": f"{number} of {log.name}",
        "_phase": phase,
        "reader": log.names.one("reader", name_cell(cells, "participant", **where)),
        "arm": log.names.one("arm", name_cell(cells, "group", **where)),
        "case": log.names.one("case", name_cell(cells, image, **where)),
        "phase": (Phase.AIDED if aided else Phase.UNAIDED).value,
        "modality": shown if aided else "none",
        "dx": "mel" if answer == 1 else "nv",
        "malignant_answer": malignant,
        "malignancy_rating": None if confidence is None else confidence if malignant else -confidence,
        "confidence": confidence,
        "trust": number_cell(cells, "trust", least=0, most=_SCALE, **where),
        "management": "excise" if answer == 0.5 else None,
        "truth_dx": truth_dx,
        "correct": malignant == (truth_dx == "mel"),
        "advice_dx": ("mel" if advice == 1 else "nv") if certain else None,
        "advice_malignant": None if advice is None else advice >= 0.5,
        "advice_probability": None if certain else advice,
        "profession": text_cell(cells, "profession"),
    }


def _repeats(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Number the showings of an image to a participant in a phase, and their place in it."""
    own = ["reader", "arm", "_phase"]
    frame = frame.assign(position=frame.groupby(own).cumcount() + 1)
    frame["repeat"] = frame.groupby([*own, "case"]).cumcount()
    if (frame["repeat"] > 0).any():
        _refuse_second_answers(frame, own)
        count = Counter(frame["repeat"])[1]
        return (
            frame,
            f"{counted(count, 'reading')} {form(count, 'is', 'are')} of an image that the reader had seen before in "
            "the same phase (repeat).",
        )
    again = frame[frame["position"] == _AGAIN]
    first = frame[frame["position"] == _FIRST_OF_TWO].set_index(own)
    if again.empty:
        return frame, ""
    keys = pd.MultiIndex.from_frame(again[own])
    if not (again["truth_dx"].to_numpy() == first["truth_dx"].reindex(keys).to_numpy()).all():
        return frame, ""
    frame.loc[again.index, "case"] = first["case"].reindex(keys).to_numpy()
    frame.loc[again.index, "repeat"] = 1
    return frame, (
        f"No image is named twice in a phase; as published, the 13th image of a group was taken for the 3rd shown "
        f"again ({counted(len(again), 'reading')})."
    )


def _refuse_second_answers(frame: pd.DataFrame, own: list[str]) -> None:
    """One image of a group comes twice by design: any further repetition is a reader with two answers."""
    again = frame[frame["repeat"] > 0]
    further = again[again.duplicated(own)]
    if len(further):
        bad = further.iloc[0]
        mine = again[(again[own] == bad[own]).all(axis=1)]
        rows = " and ".join(f"{case} (row {row})" for case, row in zip(mine["case"][:3], mine["row"][:3], strict=True))
        raise InvalidInput(
            f"participant {bad['reader']} has two answers in phase {bad['_phase']} to {rows}: only one image of a "
            f"group is shown twice ({counted(len(further), 'row')} too many)"
        )


FORMAT = LogFormat(
    key=NAME,
    title=TITLE,
    description="One file per phase, as a folder, a zip file or several files; benign or malignant, with a confidence.",
    read=of_tables(read),
    recognises=recognises,
    options=("modality:", "phase", NEVUS_BUT_EXCISE),
)
