"""The DermaChallenge log (Barata et al. 2023, doi 10.7910/DVN/PWQMQ7) and its sister export.

Each image comes twice in a test: unaided, then with help. The first dialect names the help in ``probType`` ("no help"
when there was none) and writes commas; the sister export writes semicolons and decimal commas, names the help in
``tequ_mode_id`` (ending in ``_help``) and adds ``test_round`` and ``manage``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dermdash.readings.formats.clusters import CLUSTER_COLUMNS, clusters_of
from dermdash.readings.formats.log_format import LogFormat, of_tables
from dermdash.readings.formats.names import UNAIDED_NAMES, profession_name, renamed_modalities
from dermdash.readings.formats.parsed_log import (
    LogTable,
    ParsedLog,
    Recognition,
    name_cell,
    number_cell,
    recognition,
    rows_of,
    single,
    text_cell,
    unused_columns,
    whole_cell,
    yes_no_cell,
)
from dermdash.readings.modality import Phase
from dermdash.records.csv_table import clean_image_id
from dermdash.records.taxonomy import HAM7, MILK11
from dermdash.wording import counted, form

NAME, TITLE = "dermachallenge", "DermaChallenge reader log"
COLUMNS: tuple[str | tuple[str, ...], ...] = (
    "test_id", "tequ_user_id", "image_isic_id", "tequ_no", "tequ_correct", "answer", "image_diag_id",
    ("probType", "tequ_mode_id"),
)  # fmt: skip
_OPTIONAL = ("tequ_time", "test_round", "manage", "profession", "age_group", "age", "gender")
# How newer rounds, which use the eleven classes of MILK10k, spell some of them.
_SPELT = {"scc": "sccka", "other_malignant": "mal_oth", "other_benign": "ben_oth"}
_NO_ANSWER = frozenset({"", "timeout", "nan", "na", "none", "null"})
_MANAGEMENT = {"localtherapy": "local_therapy"}
_MOSTLY = 0.9
"""Share of the correct answers that must be spelt as the truth is, for both to be of one vocabulary."""
_TIMEOUT = "no answer (timeout or empty)"


def recognises(columns: Sequence[str]) -> Recognition:
    """Whether the columns are those of this log."""
    second = "tequ_mode_id" in columns and "probtype" not in columns
    why = "columns test_id, tequ_user_id and " + ("tequ_mode_id (second dialect)" if second else "probType")
    return recognition(NAME, TITLE, columns, COLUMNS, why=why)


def read(tables: Sequence[LogTable], *, options: Mapping[str, str]) -> ParsedLog:
    """Read the log; options ``modality:<as spelt>`` rename what was shown."""
    log = single(tables, TITLE)
    found = rows_of(log)
    clusters = clusters_of(cells for _, cells in found)
    rows = [_row(n, cells, log) | {"cluster": cluster} for (n, cells), cluster in zip(found, clusters, strict=True)]
    aided = [row for row in rows if row["phase"] == Phase.AIDED]
    names = renamed_modalities((row["modality"] for row in aided), options, source=log.name)
    for row in aided:
        row["modality"] = log.names.one("modality", names[row["modality"]])
    # The unaided row does not say what followed; its sister row does, even when that was not answered.
    shown = {_key(row): row["modality"] for row in aided}
    for row in rows:
        if row["phase"] == Phase.UNAIDED:
            row["modality"] = shown.get(_key(row), "none")
    answered = [row for row in rows if row["dx"].lower() not in _NO_ANSWER]
    diagnoses = _diagnoses(answered)
    excluded = {_TIMEOUT: len(rows) - len(answered)} if len(answered) < len(rows) else {}
    notes = [*diagnoses.notes, *_order_notes(answered)]
    used = {name.lower() for group in COLUMNS for name in ((group,) if isinstance(group, str) else group)}
    notes += unused_columns([log], used | {*_OPTIONAL, *CLUSTER_COLUMNS, "image_id"})
    return ParsedLog(pd.DataFrame(diagnoses.rows), diagnoses.taxonomy, excluded, tuple(notes))


def _row(number: int, cells: Mapping[str, str], log: LogTable) -> dict[str, Any]:
    where: dict[str, Any] = {"row": number, "source": log.name}
    phase, modality = _help(cells, **where)
    seconds = number_cell(cells, "tequ_time", least=0, **where)
    management = text_cell(cells, "manage")
    bare = None if management is None else management.removeprefix("manage_")
    return {
        "row": number,
        "reader": log.names.one("reader", name_cell(cells, "tequ_user_id", **where)),
        "session": log.names.one("session", name_cell(cells, "test_id", **where)),
        "case": log.names.one("case", clean_image_id(name_cell(cells, "image_isic_id", **where))),
        "round": whole_cell(cells, "test_round", **where),
        "position": whole_cell(cells, "tequ_no", **where),
        "phase": phase,
        "modality": modality,
        "dx": cells["answer"].strip(),
        "management": None if bare is None else _MANAGEMENT.get(bare, bare),
        "client_ms": None if seconds is None else 1000 * seconds,
        "truth_dx": text_cell(cells, "image_diag_id"),
        "correct": yes_no_cell(cells, "tequ_correct", **where),
        "profession": profession_name(text_cell(cells, "profession")),
        "age_group": text_cell(cells, "age_group") or text_cell(cells, "age"),
        "gender": text_cell(cells, "gender"),
    }


def _help(cells: Mapping[str, str], *, row: int, source: str) -> tuple[str, str]:
    """Phase, and what was shown, as spelt."""
    if "probtype" in cells:
        shown = name_cell(cells, "probtype", row=row, source=source)
        return (Phase.UNAIDED.value, "none") if shown.lower() in UNAIDED_NAMES else (
            Phase.AIDED.value, shown
        )  # fmt: skip
    mode = name_cell(cells, "tequ_mode_id", row=row, source=source)
    aided = mode.lower().endswith("_help") and not mode.lower().endswith("no_help")
    return (Phase.AIDED.value, mode) if aided else (Phase.UNAIDED.value, "none")


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["reader"], row["session"], row["case"]


@dataclass(frozen=True, slots=True)
class _Diagnoses:
    rows: list[dict[str, Any]]
    taxonomy: str | None
    notes: list[str]


def _diagnoses(rows: list[dict[str, Any]]) -> _Diagnoses:
    """Bring answers and truth into ham7 where they are of it; else trust ``tequ_correct``."""
    answers = {row["dx"]: HAM7.code_of(row["dx"]) for row in rows}
    truths = {row["truth_dx"]: HAM7.code_of(row["truth_dx"]) for row in rows if row["truth_dx"] is not None}
    notes: list[str] = []
    if None not in answers.values() and None in truths.values() and (found := _decoded(rows, answers)) is not None:
        truths = dict(found)
        notes.append(
            "The log's codes of the true diagnosis were decoded by the answers that it counts as correct: "
            + ", ".join(f"{code} = {dx}" for code, dx in sorted(found.items())) + "."
        )  # fmt: skip
    if None not in answers.values() and None not in truths.values():
        return _in_ham7(rows, answers, truths, notes)
    foreign = sorted({str(k) for k, v in (*answers.items(), *truths.items()) if v is None})
    notes.append(
        f"Diagnoses are the log's own ({', '.join(foreign[:5])}{', ...' if len(foreign) > 5 else ''} are not classes "
        "of ham7): whether an answer is correct is what the log says (tequ_correct)."
    )
    # Codes in another vocabulary than the answers cannot be compared with them.
    right = [_same(r["dx"], r["truth_dx"]) for r in rows if r["correct"]]
    one_vocabulary = bool(right) and sum(right) >= _MOSTLY * len(right)
    out = []
    for row in rows:
        truth = row["truth_dx"] if one_vocabulary else None
        changed = {"dx": row["dx"].lower(), "truth_dx": truth and truth.lower()}
        changed["malignant_answer"] = _is_malignant(row["dx"])
        changed["truth_malignant"] = None if truth is None else _is_malignant(truth)
        out.append(row | changed)
    if not one_vocabulary:
        notes.append("The codes of the true diagnosis are of another kind than the answers and were left out.")
    elif any(r["truth_malignant"] is not None for r in out):
        notes.append("Malignant are akiec, bcc, mel, sccka and other malignant lesions; unknown classes are neither.")
    return _Diagnoses(out, None, notes)


def _is_malignant(text: str) -> bool | None:
    """Whether a class of ham7 or of the eleven classes of MILK10k is malignant; None for an unknown one."""
    code = text.strip().lower()
    code = _SPELT.get(code, code)
    of = next((of for of in (HAM7, MILK11) if code in of), None)
    return None if of is None else of[code].malignancy


def _in_ham7(
    rows: list[dict[str, Any]], answers: Mapping[str, str | None], truths: Mapping[str, str | None], notes: list[str]
) -> _Diagnoses:
    out, contradicted = [], 0
    for row in rows:
        dx, truth = answers[row["dx"]], None if row["truth_dx"] is None else truths[row["truth_dx"]]
        if truth is not None and row["correct"] is not None and (dx == truth) != row["correct"]:
            contradicted += 1
        out.append(row | {"dx": dx, "truth_dx": truth, "correct": row["correct"] if truth is None else dx == truth})
    if contradicted:
        notes.append(
            f"In {counted(contradicted, 'reading')} tequ_correct says otherwise than answer and image_diag_id: the "
            "diagnoses decide here."
        )
    return _Diagnoses(out, HAM7.name, notes)


def _decoded(rows: list[dict[str, Any]], answers: Mapping[str, str | None]) -> dict[str, str] | None:
    """Meaning of each code of the truth by the answers counted as correct, when that is free of contradiction."""
    meaning: dict[str, set[str]] = {row["truth_dx"]: set() for row in rows if row["truth_dx"] is not None}
    for row in rows:
        if row["correct"] and row["truth_dx"] is not None:
            meaning[row["truth_dx"]].add(str(answers[row["dx"]]))
    if any(len(found) != 1 for found in meaning.values()):
        return None
    decoded = {code: found.pop() for code, found in meaning.items()}
    wrong = [r for r in rows if r["correct"] is False and decoded.get(r["truth_dx"]) == answers[r["dx"]]]
    return None if wrong else decoded


def _same(one: str, other: str | None) -> bool:
    return other is not None and one.strip().lower() == other.strip().lower()


def _order_notes(rows: list[dict[str, Any]]) -> list[str]:
    first = {_key(r): r["position"] for r in rows if r["phase"] == Phase.UNAIDED and r["position"] is not None}
    early = sum(
        r["phase"] == Phase.AIDED and r["position"] is not None and first.get(_key(r), r["position"]) > r["position"]
        for r in rows
    )
    if not early:
        return []
    return [
        f"{counted(early, 'reading')} with help {form(early, 'stands', 'stand')} before the unaided one of the "
        "same image in a test."
    ]


FORMAT = LogFormat(
    key=NAME,
    title=TITLE,
    description="One row per answer of a test, each image unaided and then with help, in either of the two dialects.",
    read=of_tables(read),
    recognises=recognises,
    options=("modality:",),
)
