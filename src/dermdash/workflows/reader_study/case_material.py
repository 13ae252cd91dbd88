"""What is shown of a case, and of what stands beside it: pictures by hash, and names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dermdash.reader_study.beside_case import BesideCase
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace


@lru_cache(maxsize=256)
def image_key(workspace: Workspace, study_id: str) -> str:
    """The secret with which the images of a study are made for its readers."""
    return str(studies.get_study(workspace.engine, study_id)["image_key"])


@lru_cache(maxsize=8192)
def browser_name(workspace: Workspace, reader_id: str) -> str:
    """What a reader's browser calls them: a random name that stands nowhere else."""
    return studies.browser_name(workspace.engine, reader_id)


def case_image(workspace: Workspace, case_id: str) -> str:
    """Hash of the image of a case as it is now: regions of it may have been covered since the reader before."""
    return str(studies.get_case(workspace.engine, case_id)["image_sha256"])


@lru_cache(maxsize=8192)
def beside_case(workspace: Workspace, case_id: str) -> BesideCase:
    """What is shown of a case beside its image: written once, when the study was frozen."""
    return BesideCase.from_json(studies.get_case(workspace.engine, case_id)["beside"])


@lru_cache(maxsize=8192)
def expected_answer(workspace: Workspace, case_id: str) -> dict[str, Any] | None:
    """What an attention check tells the reader to answer (dx, confidence); None for any other case."""
    expected: dict[str, Any] | None = studies.get_case(workspace.engine, case_id)["expected"]
    return expected


def images_beside(workspace: Workspace, record_ids: Sequence[str]) -> dict[str, str]:
    """Hashes of the images of records as they are now; a record that is not there any more is left out."""
    return records.image_hashes(workspace.engine, record_ids)


def neighbour_images(workspace: Workspace, record_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Hashes of the images of similar records as they are now, in the order given."""
    rows = records.records_by_id(workspace.engine, record_ids).set_index("id")["image_sha256"]
    return tuple(str(rows[record_id]) for record_id in record_ids)
