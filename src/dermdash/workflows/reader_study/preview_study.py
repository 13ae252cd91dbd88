"""A study as its readers will see it: an imagined reader at any step of it, made of the protocol. Nothing is stored.

The steps follow from the same schedule, rules and material as a reader's; only what stands in the database for a reader
is made here for the one case that is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from dermdash.errors import InvalidInput
from dermdash.reader_study.beside_case import BesideCase
from dermdash.reader_study.case_part import CasePart
from dermdash.reader_study.design import AidedFollows, Arm
from dermdash.reader_study.preview_way import (
    ASSISTED,
    INVENTED_OF_THREE,
    PreviewStep,
    Stop,
    stops_of,
)
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_session import Assignment, answers_in_order
from dermdash.reader_study.schedule import CaseSlot, schedule_reader
from dermdash.reader_study.wrong_advice import WRONG
from dermdash.readings.assistance.assistance_form import SaliencyInput
from dermdash.readings.modality import Modality, Phase
from dermdash.storage import studies
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier import classify, explain_predictions
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.reader_study.assign_cases import crowd_so_far
from dermdash.workflows.reader_study.case_assistance import assistance_of, expected_of, similar_to_cases
from dermdash.workflows.reader_study.case_material import image_key
from dermdash.workflows.reader_study.case_surroundings import cases_with_surroundings
from dermdash.workflows.reader_study.draw_cases import DrawnCases, drawn
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.reading_standing import ReadingSession

_KEY = secrets.token_hex(16)
"""With which pictures of a preview are made: they are those of no study."""
NOBODY = "preview"
"""Whose session it is."""


@dataclass(frozen=True, slots=True)
class PreviewCase:
    """A case as far as every step needs it; ``expected``: what an attention check asks for."""

    id: str
    record_id: str
    round: int
    part: CasePart
    truth_dx: str
    expected: dict[str, Any] | None

    @property
    def practice(self) -> bool:
        """Whether the schedule counts it as practice."""
        return self.part is CasePart.PRACTICE


@dataclass(frozen=True)
class PreviewStudy:
    """A protocol with the cases that its preview shows.

    Attributes
    ----------
    payloads
        What a modality shows of a case, given by its id, in stored form by modality; may raise a `DermdashError`.
    beside
        What is shown beside the image of a case.
    crowd
        What earlier readers say, by record and modality.
    study_id
        Of a frozen study; empty before that.
    """

    workspace: Workspace
    protocol: Protocol
    cases: Mapping[str, PreviewCase]
    payloads: Callable[[str, Modality], Mapping[str, Any]]
    beside: Callable[[str], BesideCase]
    crowd: Mapping[str, Mapping[str, Any]]
    study_id: str = ""
    _plans: dict[str, tuple[Assignment, ...]] = field(default_factory=dict)

    def plan(self, arm: Arm) -> tuple[Assignment, ...]:
        """The cases of a reader of an arm in their order, drawn as for a reader who begins."""
        if arm.key not in self._plans:
            protocol = self.protocol
            planned = schedule_reader(
                [self._slot(case) for case in self.cases.values()],
                modalities=protocol.modalities,
                seed=protocol.seed,
                reader_id=NOBODY,
                design=protocol.design,
                arm=arm,
                checks=protocol.checks,
            )
            self._plans[arm.key] = tuple(
                Assignment(
                    f"{NOBODY}-{turn}", one.case_id, one.position, one.modality, one.practice, one.part, one.round,
                    one.period, one.occasion, one.reading, turn,
                )
                for turn, one in enumerate(planned, 1)
            )  # fmt: skip
        return self._plans[arm.key]

    def _slot(self, case: PreviewCase) -> CaseSlot:
        known = self.crowd.get(case.record_id, {})
        growing = self.protocol.frozen_crowd is None
        available = {m for m in self.protocol.every_modality if not (m.form.needs_crowd and growing) or str(m) in known}
        return CaseSlot(case.id, case.round, case.practice, frozenset(available), case.part, case.truth_dx)

    def stops(self, arm: Arm, modality: Modality | None) -> dict[PreviewStep, Stop]:
        """The steps that a reader of an arm comes by, in their order; cases with this modality where there is one."""
        return stops_of(self.plan(arm), self.protocol, modality=modality)

    def shows(self, arm: Arm, modality: Modality) -> bool:
        """Whether a reader of an arm gets this assistance for any case, as things stand."""
        return any(one.modality is modality for one in self.plan(arm))

    def session(
        self,
        arm: Arm,
        stop: Stop,
        *,
        wrong: bool = False,
        answers: Mapping[tuple[str, Phase], Mapping[str, Any]] | None = None,
        browser: str = NOBODY,
    ) -> ReadingSession:
        """An imagined reader at a step.

        Parameters
        ----------
        wrong
            Whether the advice is the one that is wrong on purpose.
        answers
            What was answered in the preview, by assignment and phase; all else that lies before is invented.
        browser
            What the browser calls the reader.

        Raises
        ------
        DermdashError
            What is to be shown cannot be made before the freeze; the message says why.
        """
        plan = self.plan(arm)
        after_round = self.protocol.design.aided_follows is AidedFollows.AFTER_ROUND
        before = list(answers_in_order(plan, aided_after_round=after_round))[: stop.answered]
        return ReadingSession(
            self.study_id or NOBODY,
            NOBODY,
            self.protocol,
            True,
            plan,
            {one.id: {"assistance": self._assistance(one, stop, wrong)} for one in plan},
            {(one.id, phase): self._answer(one, phase, stop, answers or {}) for one, phase in before},
            frozenset(one.id for one in plan if one.id != stop.feedback),
            False,
            frozenset(one.id for one in plan if one.id != stop.before),
            screening_right=stop.step is not PreviewStep.NOT_ADMITTED,
            preview=PreviewMaterial(self, browser),
        )

    def _assistance(self, one: Assignment, stop: Stop, wrong: bool) -> dict[str, Any] | None:
        """Of the assignment that is shown, and of the one whose advice a debriefing speaks of."""
        planted = stop.step is PreviewStep.END and self.protocol.wrong_advice is not None and one.id == stop.debriefed
        shown = stop.step in ASSISTED and one.id == stop.shown
        if one.modality is Modality.NONE or not (shown or planted):
            return None
        made = {**self.payloads(one.case_id, one.modality), **self.crowd.get(self.cases[one.case_id].record_id, {})}
        if wrong or planted:
            made |= made.get(WRONG, {})
        found: dict[str, Any] | None = made.get(str(one.modality))
        if found is None and shown:
            raise InvalidInput(f"{one.modality.label} cannot be made for this case")
        return found

    def _answer(
        self, one: Assignment, phase: Phase, stop: Stop, answers: Mapping[tuple[str, Phase], Mapping[str, Any]]
    ) -> dict[str, Any]:
        given = answers.get((one.id, phase))
        if given is None:
            codes = list(self.protocol.classes.codes)
            truth = self.cases[one.case_id].truth_dx
            wrong = codes[(codes.index(truth) + 1) % len(codes)]
            # With assistance they are right more often, and never the other way round.
            right = one.turn % 3 < (INVENTED_OF_THREE if phase is Phase.UNAIDED else INVENTED_OF_THREE + 1)
            asked = self.protocol.asked
            given = {
                "dx": (truth if right else wrong) if asked.diagnosis else None,
                "confidence": 2 if asked.confidence else None,
                "malignancy_rating": 50 if asked.malignancy_rating else None,
                "management": "monitor" if asked.management else None,
            }  # fmt: skip
        washed_out = timedelta(days=self.protocol.design.washout_days + 1) if one.period < stop.period else timedelta()
        return {"id": f"{one.id}-{phase}", "recorded_at": now() - washed_out, **given}


@dataclass(frozen=True)
class PreviewMaterial:
    """The material of a preview: what the database has of a frozen study (`case_material.ShownMaterial`)."""

    study: PreviewStudy
    browser: str

    def image_key(self) -> str:
        """Of the study once it has one."""
        return image_key(self.study.workspace, self.study.study_id) if self.study.study_id else _KEY

    def browser_name(self, reader_id: str) -> str:
        """Nobody's: a browser files nothing under it that outlives the preview."""
        return self.browser

    def case_record(self, case_id: str) -> str:
        """The record that a case shows."""
        return self.study.cases[case_id].record_id

    def beside_case(self, case_id: str) -> BesideCase:
        """What is shown of a case beside its image."""
        return self.study.beside(case_id)

    def expected_answer(self, case_id: str) -> dict[str, Any] | None:
        """What an attention check tells the reader to answer; None for any other case."""
        return self.study.cases[case_id].expected

    def truths(self) -> Mapping[str, str]:
        """The diagnosis of each case."""
        return {case.id: case.truth_dx for case in self.study.cases.values()}

    def record_sending(self, reader_id: str, assignment_id: str, phase: Phase, shown: Mapping[str, Any]) -> None:
        """Nothing: nobody is sent anything."""


def preview_of_protocol(workspace: Workspace, protocol: Protocol) -> PreviewStudy:
    """The preview of a protocol that is not frozen.

    Raises
    ------
    InvalidInput
        The cases cannot be drawn.
    """
    found = drawn(workspace, protocol)
    cases = {
        case.record_id: PreviewCase(
            case.record_id, case.record_id, case.round, case.part, case.truth_dx, expected_of(protocol, case)
        )
        for case in found.selection.cases
    }
    maker = _Maker(workspace, protocol, found)
    crowd = crowd_so_far(workspace, protocol)
    return PreviewStudy(workspace, protocol, cases, maker.payloads, maker.beside, crowd)


def preview_of_study(workspace: Workspace, study_id: str) -> PreviewStudy:
    """The preview of a frozen study: what was fixed when it was, as its protocol is now."""
    protocol = protocol_of(workspace, study_id)
    rows = {str(row["id"]): row for row in studies.cases_of_study(workspace.engine, study_id).to_dict("records")}
    cases = {
        key: PreviewCase(
            key, str(row["record_id"]), int(row["round"]),
            CasePart(row["part"] or (CasePart.PRACTICE if row["practice"] else CasePart.STUDY)),
            str(row["truth_dx"]), row["expected"],
        )
        for key, row in rows.items()
    }  # fmt: skip
    return PreviewStudy(
        workspace,
        protocol,
        cases,
        lambda case_id, _: rows[case_id]["assistance"],
        lambda case_id: BesideCase.from_json(rows[case_id]["beside"]),
        crowd_so_far(workspace, protocol),
        study_id,
    )


@dataclass(frozen=True)
class _Maker:
    """Makes for one case what a freeze makes for all."""

    workspace: Workspace
    protocol: Protocol
    drawn: DrawnCases

    @cached_property
    def _surroundings(self) -> dict[str, BesideCase]:
        return cases_with_surroundings(self.workspace, self.protocol, self.drawn.selection)

    @cached_property
    def _banned(self) -> set[str]:
        return identity_groups(self.workspace).with_relatives(case.record_id for case in self.drawn.selection.cases)

    @cached_property
    def _images(self) -> dict[str, str]:
        rows = self.drawn.candidates
        return dict(zip(rows["record_id"], rows["image_id"].astype(str), strict=True))

    @cached_property
    def _made(self) -> dict[tuple[str, Modality], Mapping[str, Any]]:
        return {}

    def beside(self, record_id: str) -> BesideCase:
        return self._surroundings.get(record_id, BesideCase.from_json(None))

    def payloads(self, record_id: str, modality: Modality) -> Mapping[str, Any]:
        if (record_id, modality) not in self._made:
            case = next(one for one in self.drawn.selection.cases if one.record_id == record_id)
            similar = similar_to_cases(
                self.workspace, self.protocol, [record_id], banned=self._banned, modalities=[modality]
            )
            self._made[record_id, modality] = assistance_of(
                self.protocol,
                case,
                probabilities=self._probabilities(record_id, modality),
                similar=similar.get(record_id, ()),
                crowd=self.drawn.crowd.get(self._images[record_id]),
                saliency=self._saliency(record_id, modality),
                modalities=[modality],
            )
        return self._made[record_id, modality]

    def _probabilities(self, record_id: str, modality: Modality) -> Mapping[str, float] | None:
        model_id = self.protocol.model_id
        if model_id is None or not modality.needs_model:
            return None
        return classify.probabilities_of(self.workspace, record_id, model_id=model_id)

    def _saliency(self, record_id: str, modality: Modality) -> SaliencyInput | None:
        model_id = self.protocol.model_id
        if model_id is None or not modality.form.needs_saliency:
            return None
        return explain_predictions.map_to_look_at(self.workspace, record_id, model_id=model_id)
