"""The rows of a study as they leave: its own, and what its numbers rest on beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dermdash.errors import DermdashError
from dermdash.reader_study.beside_case import BesideCase
from dermdash.readings.small_cells import YEARS, SmallCells
from dermdash.records.record_columns import KEPT_INSIDE
from dermdash.storage import findings, models
from dermdash.storage import tables as t
from dermdash.storage.study_rows import PAIRS, Row, rows_of_study, rows_with
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.model_in_use import answering_model
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.archive.leaving import OF_PEOPLE, leaving

_IDENTITY = (
    "id", "dataset_id", "image_id", "lesion_id", "patient_id", "image_sha256", "completeness", "imported_at",
)  # fmt: skip
"""What leaves of a record that is no case and was shown to nobody: what it belongs together with."""


@dataclass(frozen=True, slots=True)
class StudyPrivacy:
    """What an archive holds back of people.

    ``whole_profiles``: what readers said of themselves leaves as they said it, and not in groups that are large enough.
    ``records``: what is hidden of patients.
    """

    whole_profiles: bool = False
    records: Privacy = AS_IT_IS

    def as_dict(self, shared: SmallCells) -> dict[str, Any]:
        """For the manifest."""
        return {
            "profiles": "whole" if self.whole_profiles else "reduced",
            "names": "hidden" if self.records.names else "as they are",
            "readers_merged": {} if self.whole_profiles else dict(shared.readers),
            "readers_emptied": {} if self.whole_profiles else dict(shared.emptied),
            "minimum_group": shared.minimum,
            "words": self.records.words,
        }


@dataclass(frozen=True, slots=True)
class StudyRows:
    """Rows by table, the images that readers saw (record id to hash of the stored file), and the model's id."""

    rows: Mapping[str, list[Row]]
    shown: Mapping[str, str]
    model_id: str | None
    shared: SmallCells
    logged: pd.DataFrame = field(repr=False)
    """The readings table that the archive's numbers are made of."""


def collect_rows(workspace: Workspace, study_id: str, privacy: StudyPrivacy) -> StudyRows:
    """All rows that leave with a study."""
    engine = workspace.engine
    rows = rows_of_study(engine, study_id)
    study = rows["study"][0]
    logged = study_results.readings_table(workspace, study_id, privacy=privacy.records)
    shared = study_results.readings_to_share(workspace, study_id, logged)
    if not privacy.whole_profiles:
        rows["reader_profile"] = _reduced(rows["reader_profile"], shared.frame)
        logged = shared.frame
        # What readers were balanced by is of their profile.
        rows["reader_arm"] = [{**row, "stratum": ""} for row in rows["reader_arm"]]
        rows["reader_admission"] = [
            {**row, "full": None if row["full"] is None else ""} for row in rows["reader_admission"]
        ]
    model_id = _answering(workspace, study)
    rows |= _model_rows(workspace, study, model_id)
    cases = [row["record_id"] for row in rows["study_case"]]
    shown = shown_records(rows)
    every = rows_with(engine, t.record, "id", list(identity_groups(workspace).with_relatives(shown)))
    rows["dataset"] = rows_with(engine, t.dataset, "id", [row["dataset_id"] for row in every] + [study["dataset_id"]])
    rows["record"] = _record_rows(workspace, every, shown, privacy.records)
    rows[PAIRS] = _pairs(workspace, {row["id"] for row in every})
    if model_id is not None:
        found = rows_with(engine, t.prediction, "record_id", cases)
        rows["prediction"] = [row for row in found if row["model_id"] == model_id]
    hashes = {row["id"]: row["image_sha256"] for row in every}
    return StudyRows(
        {name: leaving(name, found) for name, found in rows.items()},
        {record_id: hashes[record_id] for record_id in sorted(shown) if record_id in hashes},
        model_id,
        shared,
        logged,
    )


def _reduced(profiles: list[Row], shared: pd.DataFrame) -> list[Row]:
    """Profiles as the shared readings have them; of whoever has no reading yet nothing."""
    said = shared.drop_duplicates("reader").set_index("reader")
    found = []
    for row in profiles:
        known: Any = said.loc[row["reader_id"]] if row["reader_id"] in said.index else {}
        values = {name: _cell(name, known[name]) if name in known else None for name in OF_PEOPLE}
        # An empty text says that nothing is known, where null would be made up for from something else.
        empty = {name: values[name] or "" for name in ("profession", "experience_group")}
        found.append({**row, **values, **empty})
    return found


def _cell(name: str, value: Any) -> int | str | None:
    if value is None or pd.isna(value):
        return None
    return int(value) if name == YEARS else str(value)


def _answering(workspace: Workspace, study: Row) -> str | None:
    """The model whose predictions the analyses ask for: the study's own, else the one in use for its images."""
    try:
        return str(answering_model(workspace, study["model_id"], dataset_ids=[study["dataset_id"]])["id"])
    except DermdashError:  # removed since, or none is known: readings say what was shown
        return None


def _model_rows(workspace: Workspace, study: Row, model_id: str | None) -> dict[str, list[Row]]:
    if model_id is None:
        return {}
    engine = workspace.engine
    points = rows_with(engine, t.operating_point, "model_id", [model_id])
    withdrawn = t.operating_point_withdrawal
    rows = {
        "model": rows_with(engine, t.model, "id", [model_id]),
        "model_training_lesion": rows_with(engine, t.model_training_lesion, "model_id", [model_id]),
        "operating_point": points,
        "operating_point_withdrawal": rows_with(engine, withdrawn, "operating_point_id", [p["id"] for p in points]),
    }
    if study["model_id"] is None:  # nobody named it: that it is in use makes it answer
        latest = [choice for choice in models.list_choices(engine) if choice["model_id"] == model_id][:1]
        rows["model_choice"] = [{name: choice[name] for name in t.model_choice.c.keys()} for choice in latest]  # noqa: SIM118
    return rows


def shown_records(rows: Mapping[str, list[Row]]) -> set[str]:
    """Records of the cases, of what is seen beside them, and of similar images wherever the assistance names one."""
    named = {
        str(entry["record_id"])
        for table in ("study_case", "assignment", "reading")
        for row in rows.get(table, ())
        for entry in _named_records(row["assistance"])
    }
    for row in rows.get("study_case", ()):
        seen = BesideCase.from_json(row["beside"])
        named |= {*seen.lesions, *([] if seen.clinical is None else [seen.clinical])}
    return named | {str(row["record_id"]) for row in rows.get("study_case", ())}


def _named_records(payload: Any) -> list[Mapping[str, Any]]:
    if isinstance(payload, Mapping):
        own = [payload] if isinstance(payload.get("record_id"), str) else []
        return own + [entry for value in payload.values() for entry in _named_records(value)]
    if isinstance(payload, list):
        return [entry for value in payload for entry in _named_records(value)]
    return []


def _record_rows(workspace: Workspace, every: list[Row], shown: set[str], privacy: Privacy) -> list[Row]:
    rows = [
        {name: None if name in KEPT_INSIDE else value for name, value in row.items()}
        if row["id"] in shown
        else {name: row[name] for name in _IDENTITY}
        for row in every
    ]
    if not privacy.changes or not rows:
        return rows
    # Column by column as objects: a frame would turn whole numbers beside empty cells into floats.
    frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in t.record.c.keys()})  # noqa: SIM118
    changed = hidden(workspace, frame, privacy).to_dict("records")
    return [{name: _nothing_as_none(new.get(name)) for name in old} for old, new in zip(rows, changed, strict=True)]


def _nothing_as_none(value: Any) -> Any:
    """A cell of a frame as a row has it: a missing one is None, a list stays one."""
    return value if isinstance(value, list | dict) or not pd.isna(value) else None


def _pairs(workspace: Workspace, known: set[str]) -> list[Row]:
    return [
        {"record_1": a, "record_2": b, "decision": findings.CONFIRMING[1]}
        for a, b in findings.confirmed_pairs(workspace.engine)
        if a in known and b in known
    ]
