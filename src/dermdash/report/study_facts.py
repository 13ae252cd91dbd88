"""What is to be said of a study before any result: who took part, when, with what, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from dermdash.errors import NotFound
from dermdash.readings.aggregate import AggregateTable
from dermdash.readings.crowd_shown import CrowdShown
from dermdash.readings.modality import Modality, Phase
from dermdash.readings.pairs import unpaired
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage import models, readings, records, studies
from dermdash.storage.workspace import Workspace
from dermdash.wording import counted
from dermdash.workflows.reader_study import study_results
from dermdash.workflows.reader_study.blinding import check_results_open
from dermdash.workflows.verification.verified_cases import verified_only

PROFILE_COLUMNS = ("profession", "experience_group", "age_group", "gender", "country")


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A stage of the data flow: how many are left, and who or what was left out before the next stage, by reason."""

    label: str
    count: int
    unit: str
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """Facts of a study or a log; None where they are not known.

    Attributes
    ----------
    protocol
        The frozen protocol as a dict; None for a log.
    flow
        Readers, then readings, in the order of the stages.
    readers
        Number of readers by value of each column of ``PROFILE_COLUMNS`` that is known.
    cases
        True class of the cases that were read: class to number.
    warnings
        What limits every result that is made of the readings.
    crowd
        How a crowd's shares were shown to readers; None where there was no crowd.
    """

    source: str
    format: str
    taxonomy: str | None
    protocol_sha256: str | None
    protocol: Mapping[str, Any] | None
    frozen_at: datetime | None
    first_reading: datetime | None
    last_reading: datetime | None
    dataset: Mapping[str, Any] | None
    model: Mapping[str, Any] | None
    simulated: bool
    seed: int
    n_readers: int
    n_cases: int
    n_readings: int
    modalities: tuple[str, ...]
    prespecified: tuple[str, ...]
    notes: tuple[str, ...]
    flow: tuple[FlowStep, ...]
    readers: Mapping[str, Mapping[str, int]]
    cases: Mapping[str, int]
    verification: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    crowd: CrowdShown | None = None


def study_facts(
    table: ReadingsTable | AggregateTable, *, workspace: Workspace | None = None, study_id: str | None = None
) -> StudyFacts:
    """Collect the facts of a source; ``study_id`` names the study of the workspace it comes from."""
    known: dict[str, Any] = dict.fromkeys(
        ("protocol", "frozen_at", "first_reading", "last_reading", "dataset", "model")
    )
    flow: list[FlowStep] = []
    if workspace is not None and study_id is not None:
        known, flow = _of_study(workspace, study_id)
    if isinstance(table, AggregateTable):
        return _of_aggregate(table, known)
    frame = table.frame
    by_reader = frame.drop_duplicates("reader")
    cases = frame.drop_duplicates("case")
    truth = cases["truth_dx"] if table.has("truth_dx") else cases["truth_malignant"].map(_side)
    return StudyFacts(
        source=table.source,
        format=table.format,
        taxonomy=table.taxonomy,
        protocol_sha256=table.protocol_sha256,
        simulated=table.simulated,
        seed=table.seed,
        n_readers=len(by_reader),
        n_cases=len(cases),
        n_readings=len(frame),
        modalities=table.modalities,
        prespecified=table.prespecified,
        notes=table.notes,
        warnings=table.warnings,
        crowd=table.crowd,
        flow=(*flow, *_readings_flow(table)),
        readers={
            column: {group: int((by_reader[column].astype(object) == group).sum()) for group in table.groups_of(column)}
            | ({"not said": missing} if (missing := int(by_reader[column].isna().sum())) else {})
            for column in PROFILE_COLUMNS
            if table.has(column)
        },
        cases=_count(truth),
        verification=_verification(workspace, study_id, set(frame["case"]) if verified_only(table) else None),
        **known,
    )


def _side(malignant: Any) -> str | None:
    return None if pd.isna(malignant) else "malignant" if malignant else "benign"


def _count(values: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(n) for name, n in values.dropna().value_counts().sort_index().items()}


def _readings_flow(table: ReadingsTable) -> list[FlowStep]:
    frame = table.frame
    excluded = dict(table.excluded)
    aided = int((frame["phase"] == Phase.AIDED).sum())
    steps = [FlowStep("Readings in the source", len(frame) + sum(excluded.values()), "readings", excluded)]
    alone = unpaired(table)
    without = int(((frame["phase"] == Phase.UNAIDED) & (frame["modality"] == Modality.NONE)).sum())
    left = {"the other answer of the pair is missing": alone, "read without any assistance by design": without}
    steps.append(
        FlowStep(
            f"Readings analysed ({len(frame) - aided:,} without, {aided:,} with assistance)",
            len(frame),
            "readings",
            {reason: n for reason, n in left.items() if n} if aided else {},
        )
    )
    if aided:
        steps.append(
            FlowStep("Pairs of answers without and with assistance", (len(frame) - alone - without) // 2, "pairs")
        )
    return steps


def _of_study(workspace: Workspace, study_id: str) -> tuple[dict[str, Any], list[FlowStep]]:
    check_results_open(workspace, study_id)
    study = studies.get_study(workspace.engine, study_id)
    protocol = study_results.study_protocol(workspace, study_id)
    stored = readings.readings_of_study(workspace.engine, study_id)
    stored = stored[~stored["practice"].astype(bool)] if len(stored) else stored
    progress = study_results.reader_progress(workspace, study_id)
    invited = study_results.invitations(workspace, study_id)
    invited = invited[invited["public"].isna()]  # those of groups are counted as people come by them
    began = int((progress["last_answer"].notna()).sum())
    complete = int((progress["cases_done"] >= progress["cases_total"]).sum()) if len(progress) else 0
    not_taken = invited[invited["reader_id"].isna()]
    withdrawn = int(not_taken["withdrawn_at"].notna().sum())
    flow = [
        FlowStep(
            "Invitations",
            len(invited),
            "readers",
            _known({"withdrawn before use": withdrawn, "not used": len(not_taken) - withdrawn}),
        ),
        FlowStep(
            "Consented", len(progress), "readers", _known({"gave no answer beyond practice": len(progress) - began})
        ),
        FlowStep("Answered at least one case", began, "readers", _known({"have not finished": began - complete})),
        FlowStep(f"Finished all {counted(protocol.case_count, 'case')}", complete, "readers"),
    ]
    dataset = next((d for d in records.list_datasets(workspace.engine) if d["id"] == study["dataset_id"]), None)
    return {
        "protocol": _protocol_dict(protocol),
        "frozen_at": study["frozen_at"],
        "first_reading": _moment(stored["recorded_at"].min() if len(stored) else None),
        "last_reading": _moment(stored["recorded_at"].max() if len(stored) else None),
        "dataset": dataset,
        "model": _model(workspace, study["model_id"]),
    }, flow


def _protocol_dict(protocol: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(protocol)


def _known(counts: dict[str, int]) -> dict[str, int]:
    return {reason: n for reason, n in counts.items() if n}


def _moment(value: Any) -> datetime | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()


def _model(workspace: Workspace, model_id: str | None) -> dict[str, Any] | None:
    if model_id is None:
        return None
    try:
        return models.get_model(workspace.engine, model_id)
    except NotFound:  # removed since; the log still says which it was
        return {"id": model_id}


def _verification(workspace: Workspace | None, study_id: str | None, images: set[str] | None) -> dict[str, int]:
    """How the truth of the cases was verified: stage of the ladder to number of cases; ``images``: of these alone."""
    if workspace is None or study_id is None:
        return {}
    cases = studies.cases_of_study(workspace.engine, study_id)
    cases = cases[~cases["practice"].astype(bool)]
    rows = records.records_by_id(workspace.engine, list(cases["record_id"]))
    return _count((rows if images is None else rows[rows["image_id"].isin(images)])["verification_stage"])


def _of_aggregate(table: AggregateTable, known: dict[str, Any]) -> StudyFacts:
    frame = table.frame
    counts = [c for c in frame.columns if c.startswith(("unaided_", "aided_"))]
    answers = int(frame[counts].to_numpy().sum())
    excluded = dict(table.excluded)
    return StudyFacts(
        source=table.source,
        format=table.format,
        taxonomy=table.taxonomy,
        protocol_sha256=None,
        simulated=False,
        seed=table.seed,
        n_readers=0,
        n_cases=int(frame["case"].nunique()),
        n_readings=answers,
        modalities=tuple(dict.fromkeys(map(str, frame["modality"]))),
        prespecified=(),
        notes=table.notes,
        warnings=table.warnings,
        flow=(
            FlowStep("Rows in the source", len(frame) + sum(excluded.values()), "rows", excluded),
            FlowStep("Images with a modality", len(frame), "rows"),
            FlowStep("Answers counted in them", answers, "answers"),
        ),
        readers={},
        cases=_count(frame.drop_duplicates("case")["truth_dx"]),
        verification={},
        **known,
    )
