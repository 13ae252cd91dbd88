"""While a protocol blinds the study team, nobody sees how right readers are, or anything from which it follows.

The results of a study are opened by closing it, or by unblinding it with a reason; both are acts that stay on record.
Whatever tells results of a study asks here first: `study_results.readings_table` and all that is made of it,
`readings_source`, comparisons of readers with a model, reports and archives. What is counted without a diagnosis that
is true (`monitor_study`) may be seen.
"""

from __future__ import annotations

from dermdash.errors import InvalidInput, StillBlinded
from dermdash.reader_study.conduct import ActKind, StudyAct, check_text, conduct_after
from dermdash.reader_study.protocol import Protocol
from dermdash.storage import studies, study_acts
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study.conduct import acts_of_study
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

_OPENING = (ActKind.CLOSE, ActKind.UNBLIND)


def protocol_blinds(protocol: Protocol) -> bool:
    """Whether the protocol keeps results from everybody until the study is closed; older protocols do not."""
    return protocol.conduct.blinded


def opened_by(workspace: Workspace, study_id: str) -> StudyAct | None:
    """The act that opened the results of a study; None where nothing has."""
    return conduct_after(acts_of_study(workspace, study_id, _OPENING)).results_open


def is_blinded(workspace: Workspace, study_id: str) -> bool:
    """Whether nobody may see results of a study now."""
    return protocol_blinds(protocol_of(workspace, study_id)) and opened_by(workspace, study_id) is None


def check_results_open(workspace: Workspace, study_id: str) -> None:
    """Raise StillBlinded where nobody may see results of a study now."""
    if is_blinded(workspace, study_id):
        name = studies.get_study(workspace.engine, study_id)["name"]
        raise StillBlinded(
            f"The protocol of {name} keeps its results from everybody until the study is closed. Its monitoring shows "
            "what may be seen: who takes part, how far, how evenly and how fast."
        )


def unblind_study(workspace: Workspace, study_id: str, *, by: str, reason: str) -> None:
    """Open the results of a study that is still read, for a reason that stays on record; nothing closes them again.

    Raises
    ------
    InvalidInput
        There is no reason, or the results are open already.
    """
    reason = check_text(reason, what="the reason")
    if not is_blinded(workspace, study_id):
        raise InvalidInput("The results of this study are open already.")
    study_acts.save_act(workspace.engine, study_id=study_id, kind=str(ActKind.UNBLIND), account_id=by, reason=reason)
