"""Which pictures of a workspace were covered in part, for imports to know them again."""

from dermdash.storage import deidentification as store
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.covered_versions import CoveredVersions


def covered_versions(workspace: Workspace) -> CoveredVersions:
    """Every version that is locked away because regions of it were covered."""
    engine = workspace.engine
    return CoveredVersions.of_rows(store.covered_images(engine), store.locked_images(engine))
