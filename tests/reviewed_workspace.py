"""A workspace whose records were annotated and reviewed: one agreed on, one that waits for the board, one untouched."""

from dermdash.storage.workspace import Workspace
from dermdash.verification.review_rule import ReviewRule
from dermdash.workflows.verification.annotate import open_task
from dermdash.workflows.verification.assign_reviews import assign_work
from tests.ladder_workspace import add_curator, add_people, answer_next, fill_unannotated, set_rule


def _square(side: float) -> dict[str, object]:
    return {"structure": "globules", "shape": "rectangle", "points": [[0, 0], [side, side]]}


def fill_reviewed(workspace: Workspace) -> list[str]:
    """Ada annotates two of three records; Ben, Cem and Dora review both, and two of them mark globules."""
    record_ids = fill_unannotated(workspace, 3)
    set_rule(workspace, ReviewRule(repeat_share=0.0))
    ada, *reviewers = add_people(workspace, "ada", "ben", "cem", "dora", experts=["ben"])
    assign_work(workspace, add_curator(workspace))
    agreed = ""
    for _ in range(2):
        agreed = answer_next(workspace, ada, "nv", values={"elevation": "flat"}).image_sha256
    for place, reviewer in enumerate(reviewers):
        for _ in range(2):
            task = open_task(workspace, reviewer)
            assert task is not None
            dx = "nv" if task.image_sha256 == agreed else "mel" if place else "bkl"
            marks = [_square(100.0 + 50 * place)] if place < 2 else []
            answer_next(workspace, reviewer, dx, values={"elevation": "flat"}, marks=marks, comment="said ben")
    return record_ids
