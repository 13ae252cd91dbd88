"""What is shown of a case, and of what stands beside it: pictures by hash, and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from dermdash.errors import NotFound
from dermdash.reader_study.beside_case import BesideCase
from dermdash.readings.modality import Phase
from dermdash.storage import records, studies
from dermdash.storage.unchanged import while_unchanged
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import send_step


class ShownMaterial(Protocol):
    """Where the screen of a reader gets from what it shows of cases, and where it says that something leaves."""

    def image_key(self) -> str:
        """The secret with which images are made for readers."""

    def browser_name(self, reader_id: str) -> str:
        """What a reader's browser calls them."""

    def case_record(self, case_id: str) -> str:
        """The record that a case shows."""

    def beside_case(self, case_id: str) -> BesideCase:
        """What is shown of a case beside its image."""

    def expected_answer(self, case_id: str) -> dict[str, Any] | None:
        """What an attention check tells the reader to answer; None for any other case."""

    def truths(self) -> Mapping[str, str]:
        """The diagnosis of each case; never for a browser, but for what follows from it."""

    def record_sending(self, reader_id: str, assignment_id: str, phase: Phase, shown: Mapping[str, Any]) -> None:
        """Record that a step is about to leave."""


@dataclass(frozen=True, slots=True)
class StudyMaterial:
    """The material of a frozen study, as it is stored (`ShownMaterial`)."""

    workspace: Workspace
    study_id: str

    def image_key(self) -> str:
        """As `image_key`."""
        return image_key(self.workspace, self.study_id)

    def browser_name(self, reader_id: str) -> str:
        """As `browser_name`."""
        return browser_name(self.workspace, reader_id)

    def case_record(self, case_id: str) -> str:
        """As `case_record`."""
        return case_record(self.workspace, case_id)

    def beside_case(self, case_id: str) -> BesideCase:
        """As `beside_case`."""
        return beside_case(self.workspace, case_id)

    def expected_answer(self, case_id: str) -> dict[str, Any] | None:
        """As `expected_answer`."""
        return expected_answer(self.workspace, case_id)

    def truths(self) -> Mapping[str, str]:
        """As `truths_of`."""
        return truths_of(self.workspace, self.study_id)

    def record_sending(self, reader_id: str, assignment_id: str, phase: Phase, shown: Mapping[str, Any]) -> None:
        """As `send_step.record_sending`."""
        send_step.record_sending(self.workspace, reader_id, assignment_id, phase, shown)


@lru_cache(maxsize=256)
def image_key(workspace: Workspace, study_id: str) -> str:
    """The secret with which the images of a study are made for its readers."""
    return str(studies.get_study(workspace.engine, study_id)["image_key"])


@lru_cache(maxsize=8192)
def browser_name(workspace: Workspace, reader_id: str) -> str:
    """What a reader's browser calls them: a random name that stands nowhere else."""
    return studies.browser_name(workspace.engine, reader_id)


@lru_cache(maxsize=8192)
def _case(workspace: Workspace, case_id: str) -> dict[str, Any]:
    return studies.get_case(workspace.engine, case_id)


def case_record(workspace: Workspace, case_id: str) -> str:
    """The record that a case shows."""
    return str(_case(workspace, case_id)["record_id"])


class ImagesNow:
    """Hashes of the images of records as they are now: regions may have been covered since the reader before.

    Asked of the database once for all that a step may show, and remembered until anything but readers' work is stored.
    """

    def __init__(self, workspace: Workspace, record_ids: Iterable[str]) -> None:
        wanted = frozenset(record_ids)
        # Looked up before anything is read for it: what is written meanwhile takes another one's place.
        known = while_unchanged(workspace.engine, "image hashes", dict[str, str | None])
        if missing := [record_id for record_id in wanted if record_id not in known]:
            found = records.image_hashes(workspace.engine, missing)
            known.update((record_id, found.get(record_id)) for record_id in missing)
        self._found = {record_id: known[record_id] for record_id in wanted}

    def get(self, record_id: str) -> str | None:
        """Of one record; None where it is not there any more."""
        return self._found.get(record_id)

    def of(self, record_id: str) -> str:
        """Of one record that has to be there.

        Raises
        ------
        NotFound
            It is not.
        """
        sha256 = self.get(record_id)
        if sha256 is None:
            raise NotFound(f"The record {record_id} that a case shows is not part of the workspace any more.")
        return sha256


@lru_cache(maxsize=8192)
def beside_case(workspace: Workspace, case_id: str) -> BesideCase:
    """What is shown of a case beside its image: written once, when the study was frozen."""
    return BesideCase.from_json(_case(workspace, case_id)["beside"])


def expected_answer(workspace: Workspace, case_id: str) -> dict[str, Any] | None:
    """What an attention check tells the reader to answer (dx, confidence); None for any other case."""
    expected: dict[str, Any] | None = _case(workspace, case_id)["expected"]
    return expected


@lru_cache(maxsize=64)
def truths_of(workspace: Workspace, study_id: str) -> dict[str, str]:
    """The diagnosis of each case of a study; never for a browser, but for what follows from it."""
    cases = studies.cases_of_study(workspace.engine, study_id)
    return dict(zip(cases["id"], cases["truth_dx"], strict=True))
