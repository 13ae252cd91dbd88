"""Who may take a study out of the workspace, and when."""

from dermdash.storage import studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.reader_study.blinding import check_results_open


def require_archive(workspace: Workspace, actor: Account, study_id: str) -> None:
    """Raise AccessDenied where somebody may not see all that an archive holds, NotFound where there is no such study.

    An archive holds every answer with the truth of its case and the modality: while the protocol keeps the results
    from everybody (StillBlinded), nobody may have it.
    """
    require_right(actor, Right.RUN_STUDIES)
    studies.get_study(workspace.engine, study_id)
    check_results_open(workspace, study_id)
