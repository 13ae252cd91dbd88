"""Every key of session_state, in one place. Session state holds who is signed in and what widgets show."""

SESSION_TOKEN = "session_token"  # noqa: S105  a key, not a secret
SHOWN_TO = "shown_to"
ACCOUNT_LINK = "accounts.link"
PASSWORD_TURN = "account.password_turn"  # noqa: S105
ADDRESS = "address"
CHOSEN = "chosen"
RECEIPT = "reading.receipt"
DELIVERED = "reading.delivered"
AGREED_IN = "reading.agreed_in"
AGREED_TO = "reading.agreed_to"
ASKED_WHO = "reading.asked_who"
CAME = "reading.came"
LOOK = "reading.look"
ANNOTATING = "annotate.task"
ANNOTATED = "annotate.answered"
ANNOTATION_RECEIPT = "annotate.receipt"
NEW_LINKS = "study.new_links"
CASE_UNDER_REVIEW = "new.review.case"
DIAGNOSIS = "diagnose.result"
DIAGNOSIS_SALIENCY = "diagnose.saliency_map"
DIAGNOSE_UPLOAD = "diagnose.upload"
SIMILAR_DRAWN = "diagnose.similar_drawn"
DIAGNOSE_KEPT = "diagnose.kept"
POINT_PREVIEW = "points.preview"
JUST_EXPLAINED = "record.just_explained"
SALIENCY_IMAGES = "saliency.images"
SALIENCY_TARGET = "saliency.target"
DEIDENTIFICATION_PLACE = "deidentification.place"
DEIDENTIFICATION_LOOK = "deidentification.look"
ACQUISITION_IMAGE = "acquisition.image"
ACQUISITION_SEEN = "acquisition.seen_proposals"
FINDINGS_PLACE = "findings.place"
FINDINGS_STATE = "findings.state"
FINDINGS_OF = "findings.of"
CONTRADICTIONS_KIND = "contradictions.kind"
CONTRADICTIONS_STATE = "contradictions.state"
FINDINGS_VERDICTS = "findings.verdicts"
FINDINGS_VIEW = "findings.view"
FINDINGS_CHECKS = "findings.which_checks"
FINDINGS_CHECKS_SAID = "findings.checks_said"
FINDINGS_LIST_STATE = "findings.list_state"
FINDINGS_LIST_PLACE = "findings.list_place"
FINDINGS_LIST_VERDICTS = "findings.list_verdicts"
FINDINGS_KINDS = "findings.kinds"
FINDINGS_DATASET = "findings.dataset"
FINDINGS_ASKED = "findings.asked"
FINDINGS_SELECTED = "findings.selected"
FINDINGS_PAIR_VIEW = "findings.pair_view"
RECORDS_FACETS = "records.facets"
RECORDS_VIEW = "records.view"
RECORDS_SORT = "records.sort"
RECORDS_DESCENDING = "records.descending"
RECORDS_PAGE = "records.page"
RECORDS_PAGER = "records.pager"
RECORDS_QUERY = "records.query"
IMPORT_REPORT = "import.report"
IMPORT_ERROR = "import.error"
IMPORT_SEEN = "import.seen"
IMPORT_LOOK = "import.looked"
IMPORT_PROPOSAL = "import.proposal"
IMPORT_TRIAL = "import.trial"
IMPORT_EDITED = "import.edited"
IMPORT_DRAFT = "import.draft"
IMPORT_MAPPING_FILE = "import.mapping_file_seen"
OF_ONE_VISIT_OF_IMPORT = (IMPORT_REPORT, IMPORT_ERROR, IMPORT_LOOK, IMPORT_EDITED, IMPORT_DRAFT, IMPORT_TRIAL)
"""What is forgotten when the page is opened anew."""
LOGS_UPLOAD = "logs.upload"
LOGS_IMPORTED = "logs.imported"
REPORT = "report.made"
ASSIGN_PREVIEW = "verification.foreseen"
BOARD_PLACE = "board.place"
BOARD_FORMULATING = "board.formulating"
HISTOLOGY_RESULT = "histology.result"
LOG_VERDICT = "change_log.verdict"
ANSWER = "documents.answer"
OWN_LINK = "join.own_link"
ASKED_AGAIN = "reading.asked_again"


def outcome(place: str) -> str:
    """Key of what an act at that place did, shown once after it."""
    return f"{place}.outcome"


def filter_widget(facet: str) -> str:
    """Key of the widget of one filter facet."""
    return f"records.filter.{facet}"


def filter_choice(facet: str) -> str:
    """Key of what is chosen of one filter facet: a tuple of ids, no widget's value."""
    return f"records.choice.{facet}"


def of_kind(key: str, drawn: bool) -> str:
    """Key of a widget over photographs (the key itself) or over drawn images: each remembers its own choice."""
    return f"{key}.drawn" if drawn else key


def saliency_pager(pages: int) -> str:
    """Key of the pager of the saliency gallery when it has that many pages."""
    return f"saliency.page.{pages}"
