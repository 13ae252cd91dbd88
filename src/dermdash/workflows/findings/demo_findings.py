"""Findings of the demo workspace: the cheap checks run, some of what they found decided, some given to somebody.

As everywhere in the demo all of it goes through the same acts as real work, and the people are invented.
"""

from __future__ import annotations

from collections.abc import Callable

from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.accounts.people import list_people
from dermdash.workflows.findings.checks import CHECKS
from dermdash.workflows.findings.decide_findings import assign_findings, decide_findings
from dermdash.workflows.findings.list_findings import DECIDED, ranked_findings
from dermdash.workflows.findings.run_checks import run_checks
from dermdash.workflows.lesion_identity.find_same_lesions import find_same_lesions

_DECIDED = (
    ("exact_duplicate", "duplicate", 2, "The second row repeats the first."),
    ("near_duplicate", "same_image", 3, ""),
    ("near_duplicate", "unsure", 1, "Ask the photographer."),
    ("impossible_value", "fault", 1, "A slip of the keyboard; the source is asked."),
    ("label_error", "right_label", 1, "Odd, and histology is clear."),
    ("off_topic", "off_topic", 2, ""),
)
"""Kind, decision, how many from the top of those that are open, note."""
_ASKED = ("label_error", 4)


def fill_demo_findings(
    workspace: Workspace,
    dataset_id: str,
    *,
    processes: bool = True,
    progress: Callable[[str, float], None] = lambda message, share: None,
) -> None:
    """Run the checks that take seconds over a data set that is simulated, and decide about some findings.

    One lesion under two ids is looked for among records of one patient and site alone: the whole search takes minutes.

    Nothing is decided where somebody has decided already. ``progress`` is called with what is done and the share of it
    (0..1).
    """
    quick = [key for key, check in CHECKS.items() if not check.slow]
    for place, key in enumerate(quick):
        progress("Checking the data", place / len(quick))
        if key == "split_leakage":  # which runs last, and counts what the search finds
            find_same_lesions(workspace, OPERATOR, dataset_id=dataset_id, likely_only=True, processes=processes)
        run_checks(workspace, OPERATOR, checks=[key], dataset_id=dataset_id, processes=processes)
    if ranked_findings(workspace, dataset_id=dataset_id, state=DECIDED):
        return
    curators = [p.account for p in list_people(workspace, OPERATOR) if p.account.has(Role.CURATOR)]
    if not curators:
        return
    curator = curators[-1]
    for kind, decision, n, note in _DECIDED:
        undecided = ranked_findings(workspace, kinds=[kind], dataset_id=dataset_id, state="open")[:n]
        if undecided:
            decide_findings(workspace, [one.id for one in undecided], decision, actor=curator, note=note)
    kind, n = _ASKED
    undecided = ranked_findings(workspace, kinds=[kind], dataset_id=dataset_id, state="open")[:n]
    if undecided:
        assign_findings(workspace, [one.id for one in undecided], curator.id, actor=curator)
