"""Which role may do what: the one table, which pages, acts and docs/accounts.md follow."""

from enum import StrEnum

from dermdash.workflows.accounts import access
from dermdash.workflows.accounts.access import Account, Role

SEES_LABELS = (Role.CURATOR, Role.COORDINATOR, Role.STATISTICIAN, Role.ADMIN)
"""Whose pages show every label, whatever is under review: their own reviews cannot count as blind."""


class Right(StrEnum):
    """Something that not every role may do."""

    IMPORT_RECORDS = "import_records"
    CHECK_IDENTITY = "check_identity"
    ASSESS_ACQUISITION = "assess_acquisition"
    DECIDE_FINDINGS = "decide_findings"
    KEEP_VERSIONS = "keep_versions"
    RUN_MODELS = "run_models"
    RUN_STUDIES = "run_studies"
    UNBLIND_STUDIES = "unblind_studies"
    KEEP_READING_LOGS = "keep_reading_logs"
    UPLOAD_FILES = "upload_files"
    KEEP_RECORD_SETS = "keep_record_sets"
    ANNOTATE = "annotate"
    CURATE_LABELS = "curate_labels"
    DISCUSS_CASES = "discuss_cases"
    READ_HISTOLOGY = "read_histology"
    READ_ANSWERS = "read_answers"
    DESCRIBE_DATASETS = "describe_datasets"
    READ_CHANGE_LOG = "read_change_log"
    MANAGE_ACCOUNTS = "manage_accounts"
    SEE_OPERATIONS = "see_operations"
    STOP_WORK = "stop_work"

    @property
    def label(self) -> str:
        """What it is, in words."""
        return _TITLES[self]


_TITLES = {
    Right.IMPORT_RECORDS: "Import data sets and keep single images as records",
    Right.CHECK_IDENTITY: "Search images for burned-in text, cover regions, sign that no image shows who somebody is",
    Right.ASSESS_ACQUISITION: "Measure how images were taken and score their quality",
    Right.DECIDE_FINDINGS: "Look for images of one lesion and decide about findings",
    Right.KEEP_VERSIONS: "Make, lock and withdraw splits; tag versions of data sets",
    Right.RUN_MODELS: "Train, predict, explain and index; choose the model in use; keep operating points",
    Right.RUN_STUDIES: (
        "Design and freeze reader studies; make, renew and withdraw their invitations; pause, close and extend them, "
        "set places, mark and write to readers"
    ),
    Right.UNBLIND_STUDIES: "Open the results of a study that its protocol keeps until it is closed",
    Right.KEEP_READING_LOGS: "Import and withdraw reading logs",
    Right.UPLOAD_FILES: "Send files to the app: data sets, images to diagnose, predictions, reading logs",
    Right.KEEP_RECORD_SETS: "Draw maps of records, and keep records chosen on them as a set",
    Right.ANNOTATE: "Annotate and review the records that one is asked to; enter when one is away",
    Right.CURATE_LABELS: (
        "Assign and withdraw work, set the rule of reviews, decide on the board, enter histology, reopen and correct "
        "records"
    ),
    Right.DISCUSS_CASES: "See cases of the board and comment on them: reviewers those that they have answered",
    Right.READ_HISTOLOGY: "See which malignant labels wait for histology, and what histology contradicts",
    Right.READ_ANSWERS: "See how far reviewers agree; export data sets and labels with what everybody said",
    Right.DESCRIBE_DATASETS: "Answer the questions of documents about a data set",
    Right.READ_CHANGE_LOG: "Read and download the change log, and check that it is whole",
    Right.MANAGE_ACCOUNTS: "Invite people; give and take roles; reset, close and reopen accounts",
    Right.SEE_OPERATIONS: "See how the app runs: its processes, database and disk, and work under way",
    Right.STOP_WORK: "Stop work under way of anybody, in any process of the app",
}
ROLES_OF: dict[Right, tuple[Role, ...]] = {
    Right.IMPORT_RECORDS: (Role.CURATOR,),
    Right.CHECK_IDENTITY: (Role.CURATOR,),
    Right.ASSESS_ACQUISITION: (Role.CURATOR,),
    Right.DECIDE_FINDINGS: (Role.CURATOR,),
    Right.KEEP_VERSIONS: (Role.CURATOR, Role.STATISTICIAN),
    Right.RUN_MODELS: (Role.CURATOR,),
    Right.RUN_STUDIES: (Role.COORDINATOR,),
    Right.UNBLIND_STUDIES: (Role.STATISTICIAN,),
    Right.KEEP_READING_LOGS: (Role.COORDINATOR,),
    Right.UPLOAD_FILES: (Role.CURATOR, Role.COORDINATOR, Role.STATISTICIAN),
    Right.KEEP_RECORD_SETS: (Role.CURATOR, Role.COORDINATOR, Role.STATISTICIAN),
    Right.ANNOTATE: (Role.REVIEWER,),
    Right.CURATE_LABELS: (Role.CURATOR,),
    Right.DISCUSS_CASES: (Role.CURATOR, Role.REVIEWER),
    Right.READ_HISTOLOGY: (Role.CURATOR, Role.STATISTICIAN),
    Right.READ_ANSWERS: (Role.CURATOR, Role.STATISTICIAN),
    Right.DESCRIBE_DATASETS: (Role.CURATOR, Role.STATISTICIAN),
    Right.READ_CHANGE_LOG: (Role.CURATOR, Role.STATISTICIAN, Role.ADMIN),
    Right.MANAGE_ACCOUNTS: (Role.ADMIN,),
    Right.SEE_OPERATIONS: (Role.ADMIN,),
    Right.STOP_WORK: (Role.ADMIN,),
}


def may(account: Account | None, right: Right) -> bool:
    """Whether the account may do that."""
    return account is not None and account.has(*ROLES_OF[right])


def require_right(account: Account | None, right: Right) -> Account:
    """Return the account if it may do that, else raise AccessDenied."""
    return access.require(account, *ROLES_OF[right])
