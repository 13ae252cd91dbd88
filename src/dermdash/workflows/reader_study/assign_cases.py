"""Give a reader who begins their arm, and their cases with an order and a modality each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pandas as pd

from dermdash.reader_study.assistance import build_assistance
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.crowd import crowd_from_counts
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_draw import StudySoFar, draw_reader, reader_load, stratum_of
from dermdash.reader_study.schedule import CaseSlot, PlannedAssignment, completed_counts
from dermdash.reader_study.wrong_advice import WRONG, planted_cases
from dermdash.readings.modality import Modality
from dermdash.storage import readings, records, studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

AT_IT = timedelta(days=1)
"""Who answered so lately counts as somebody who will complete their cases."""


@dataclass(frozen=True, slots=True)
class AssignedCases:
    """Rows to store: of the reader's arm and of their assignments."""

    arm: dict[str, Any]
    assignments: list[dict[str, Any]]


def assign_cases(
    workspace: Workspace, study_id: str, reader_id: str, *, profile: ReaderProfile | None
) -> AssignedCases:
    """Draw arm, cases, order and modalities; nothing is stored.

    ``profile`` is needed where arms are balanced within strata.
    """
    protocol = protocol_of(workspace, study_id)
    before = studies.arms_of_readers(workspace.engine, study_id)
    stratum = stratum_of(protocol, profile)
    cases = studies.cases_of_study(workspace.engine, study_id).to_dict("records")
    crowd = crowd_so_far(workspace, protocol)
    payloads = {case["id"]: dict(case["assistance"]) | crowd.get(case["record_id"], {}) for case in cases}
    moment = now()
    so_far = StudySoFar(
        alike=readers_by_arm(before[before["stratum"] == stratum], moment=moment),
        everybody=readers_by_arm(before, moment=moment),
        began={str(arm): int(n) for arm, n in before["arm"].value_counts().items()},
        completed=completed_counts(studies.completed_by_case_and_modality(workspace.engine, study_id)),
    )
    drawn = draw_reader(
        protocol,
        [_slot(case, protocol, payloads[case["id"]]) for case in cases],
        so_far,
        reader_id=reader_id,
        stratum=stratum,
    )
    plan = drawn.plan
    planted = _planted(protocol, plan, cases, payloads, serial=len(before))
    shown = {case: made | (made.get(WRONG, {}) if case in planted else {}) for case, made in payloads.items()}
    return AssignedCases(
        {
            "reader_id": reader_id, "study_id": study_id, "arm": drawn.arm.key, "stratum": stratum,
            "serial": len(before),
        },
        [_row(one, turn, reader_id, shown[one.case_id]) for turn, one in enumerate(plan, 1)],
    )  # fmt: skip


def _planted(
    protocol: Protocol,
    plan: Sequence[PlannedAssignment],
    cases: Sequence[Mapping[Hashable, Any]],
    payloads: Mapping[str, Mapping[str, Any]],
    *,
    serial: int,
) -> frozenset[str]:
    """Cases in which this reader gets advice that is wrong on purpose, hidden repeats of them too."""
    if protocol.wrong_advice is None:
        return frozenset()
    truth = {str(case["id"]): str(case["truth_dx"]) for case in cases}
    could = {
        one.case_id: truth[one.case_id]
        for one in plan
        if one.part is CasePart.STUDY and str(one.modality) in payloads[one.case_id].get(WRONG, {})
    }
    return planted_cases(protocol.wrong_advice, could, seed=protocol.seed, serial=serial)


def readers_by_arm(readers: pd.DataFrame, *, moment: datetime) -> dict[str, float]:
    """Readers of each arm who completed it or are at it; who stayed away counts by the share they read.

    Columns as of `dermdash.storage.studies.arms_of_readers`.
    """
    found: dict[str, float] = {}
    for row in readers.to_dict("records"):
        last = row["drawn_at"] if pd.isna(row["last_answer_at"]) else max(row["drawn_at"], row["last_answer_at"])
        load = reader_load(answered=row["answered"], assigned=row["assigned"], at_it=moment - last < AT_IT)
        found[row["arm"]] = found.get(row["arm"], 0.0) + load
    return found


def _slot(case: Mapping[Hashable, Any], protocol: Protocol, payloads: Mapping[str, Any]) -> CaseSlot:
    available = frozenset(m for m in protocol.every_modality if m is Modality.NONE or str(m) in payloads)
    part = CasePart(case["part"] or (CasePart.PRACTICE if case["practice"] else CasePart.STUDY))
    return CaseSlot(case["id"], case["round"], case["practice"], available, part, case["truth_dx"])


def _row(one: PlannedAssignment, turn: int, reader_id: str, payloads: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid4().hex,
        "reader_id": reader_id,
        "case_id": one.case_id,
        "position": one.position,
        "modality": str(one.modality),
        "practice": one.practice,
        "assistance": payloads.get(str(one.modality)),
        "turn": turn,
        "part": str(one.part),
        "period": one.period,
        "occasion": one.occasion,
        "attempt": 1,
        "reading": str(one.reading),
    }


def crowd_so_far(workspace: Workspace, protocol: Protocol) -> dict[str, dict[str, Any]]:
    """What earlier readers say, by record and modality; nothing of a frozen crowd, which stands with the cases."""
    wanted = [m for m in protocol.every_modality if m.form.needs_crowd]
    # A frozen crowd stands with the cases, as the model's part does.
    if not wanted or protocol.frozen_crowd is not None:
        return {}
    datasets = {d["id"]: d for d in records.list_datasets(workspace.engine)}
    # Simulated readers may be the crowd of synthetic images only, never of real ones.
    simulated = bool(datasets[protocol.dataset_id]["simulated"])
    counts = readings.unaided_counts_by_record(workspace.engine, protocol.dataset_id, include_simulated=simulated)
    taxonomy = protocol.classes
    opinions = crowd_from_counts(
        counts, key="record_id", taxonomy=taxonomy, minimum_readers=protocol.minimum_crowd_readers
    )
    return {
        record_id: {
            str(modality): payload
            for modality, payload in build_assistance(taxonomy=taxonomy, crowd=opinion, modalities=wanted).items()
        }
        for record_id, opinion in opinions.items()
    }
