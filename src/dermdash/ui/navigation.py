"""Which pages this browser may see: the study for a reader, those of their roles for who is signed in, else sign-in.

`MENU` is the one place that says which roles a page is for. The menu shows what a person may open; the page asks again.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from dermdash.analyses.label_agreement.options import TITLE as LABELS_TITLE
from dermdash.analyses.registry import find_analysis
from dermdash.errors import OutOfReach
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, address, keys, page_frame
from dermdash.ui.messages import errors_shown
from dermdash.ui.page_style import page_style
from dermdash.ui.signed_in_connection import note_signed_in
from dermdash.ui.study_tabs import StudyTab
from dermdash.ui.unsaved_annotations import ANNOTATE
from dermdash.workflows.accounts import access as accounts
from dermdash.workflows.accounts.access import Account, Role
from dermdash.workflows.accounts.people import SET_PASSWORD_PARAMETER
from dermdash.workflows.accounts.rights import SEES_LABELS
from dermdash.workflows.reader_study.recruitment import JOIN_PARAMETER

READ = "read"
_ARRIVING = "start"
"""What the page at the root reserves as its address: Streamlit wants one, and serves nothing there."""
STUDY_SCRIPT = "reader_study/study"
RECORD_SCRIPT = "dataset/record"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: its script under pages/, title, address and icon, and the roles of whom it is for.

    ``listed`` False: it is about one thing that is chosen on another page, and the menu has that page alone.
    """

    script: str
    title: str
    address: str
    icon: str
    roles: tuple[Role, ...]
    listed: bool = True


_EVERYBODY = tuple(Role)
_CLASSIFIER = (Role.CURATOR, Role.COORDINATOR, Role.STATISTICIAN)
_STUDIES = (Role.COORDINATOR, Role.STATISTICIAN)
_LABELS = (Role.CURATOR, Role.STATISTICIAN)
_CURATOR, _COORDINATOR, _REVIEWER = (Role.CURATOR,), (Role.COORDINATOR,), (Role.REVIEWER,)

MENU: dict[str, tuple[Entry, ...]] = {
    "": (
        Entry("dataset/overview", "Overview", "overview", "home", SEES_LABELS),
        Entry("verification/my_work", "My work", "my-work", "task", _REVIEWER),
    ),
    "Data": (
        Entry("dataset/records", "Records", "records", "grid_view", (*SEES_LABELS, Role.REVIEWER)),
        Entry(RECORD_SCRIPT, "Record", "record", "image_search", (*SEES_LABELS, Role.REVIEWER), listed=False),
        Entry("dataset/compare", "Two records", "compare", "compare", (*SEES_LABELS, Role.REVIEWER), listed=False),
        Entry("dataset/statistics", "Statistics", "statistics", "bar_chart", SEES_LABELS),
        Entry("dataset/acquisition", "Image quality", "acquisition", "photo_camera", _CURATOR),
        Entry("dataset/findings", "Possible errors", "findings", "troubleshoot", _CURATOR),
        Entry("dataset/lesion_identity", "Images of one lesion", "lesion-identity", "join", _CURATOR),
        Entry("dataset/splits", "Splits and versions", "splits", "call_split", _LABELS),
        Entry("dataset/deidentification", "Privacy", "deidentification", "visibility_off", _CURATOR),
        Entry("dataset/taxonomies", "Diagnoses", "taxonomies", "account_tree", SEES_LABELS),
        Entry("dataset/import_images", "Import", "import", "upload", _CURATOR),
        Entry("dataset/documents", "Documents and exports", "documents", "description", _LABELS),
    ),
    "Verification": (
        Entry("verification/annotate", "Annotate", ANNOTATE, "edit_square", _REVIEWER),
        Entry("verification/verification", "Labels", "verification", "verified", _CURATOR),
        Entry("verification/board", "Board", "board", "forum", (Role.CURATOR, Role.REVIEWER)),
        Entry("verification/histology", "Histology", "histology", "lab_panel", _LABELS),
        Entry("verification/agreement", LABELS_TITLE, "label-agreement", "handshake", _LABELS),
        Entry("verification/change_log", "Change log", "change-log", "history", (*_LABELS, Role.ADMIN)),
    ),
    "Models": (
        Entry("classifier/diagnose", "Diagnose an image", "diagnose", "biotech", _CLASSIFIER),
        Entry("classifier/similar_images", "Similar images", "similar-images", "image_search", _CLASSIFIER),
        Entry("classifier/models", "Models", "models", "network_node", _CLASSIFIER),
        Entry("classifier/training", "Training", "training", "model_training", _CURATOR),
        Entry("classifier/evaluation", "Evaluation", "evaluation", "query_stats", _CLASSIFIER),
        Entry("classifier/comparison", "Two models", "comparison", "compare_arrows", _CLASSIFIER),
        Entry("classifier/operating_points", "Thresholds", "operating-points", "tune", _CLASSIFIER),
        Entry("classifier/saliency", "Where the model looks", "saliency", "center_focus_strong", _CLASSIFIER),
    ),
    "Studies": (
        Entry("reader_study/studies", "Studies", "studies", "groups", _STUDIES),
        Entry(STUDY_SCRIPT, "Study", "study", "monitoring", _STUDIES, listed=False),
        Entry("reader_study/new_study", "New study", "new-study", "add_circle", _COORDINATOR),
        Entry("analysis/sample_size", "How many readers?", "sample-size", "calculate", _STUDIES),
        Entry("analysis/reading_logs", "Readings from elsewhere", "reading-logs", "upload_file", _STUDIES),
        Entry("analysis/ratings_file", "Ratings of a file", "ratings-file", "table_view", _STUDIES, listed=False),
    ),
    "Account": (
        Entry("admin/account", "Account", "account", "person", _EVERYBODY),
        Entry("admin/accounts", "Accounts", "accounts", "manage_accounts", (Role.ADMIN,)),
        Entry("admin/operations", "Operations", "operations", "dns", (Role.ADMIN,)),
    ),
}
"""Every page for who is signed in by its group in the menu; the first one that they may open is where they arrive."""
ADDRESSES = frozenset(entry.address for group in MENU.values() for entry in group)


@cache
def roles_of_page(script: str) -> tuple[Role, ...]:
    """The roles that the page of a script is for."""
    return next(entry.roles for entries in MENU.values() for entry in entries if entry.script == script)


@cache
def address_of(script: str) -> str:
    """The address of the page of a script."""
    return next(entry.address for entries in MENU.values() for entry in entries if entry.script == script)


def open_page(script: str) -> Workspace:
    """Return the workspace if the page of this script is for who is signed in; first line of every page.

    Raises
    ------
    AccessDenied
        Nobody is signed in, or the page is for other roles.
    """
    accounts.require(access.current_account(), *roles_of_page(script))
    return access.current_workspace()


def may_open(script: str) -> bool:
    """Whether the page of a script is for who is signed in: then a link to it is drawn."""
    account = access.shown_to()
    return account is not None and account.has(*roles_of_page(script))


def page_link(script: str, **shown: Any) -> None:
    """Draw a link to a page for whom it is open; for others there is none."""
    if may_open(script):
        st.page_link(f"pages/{script}.py", **shown)


def switch_page(script: str, *, query_params: Mapping[str, str | list[str]]) -> NoReturn:
    """Go to a page; where it is not for who is signed in, the page they are on is drawn again."""
    if may_open(script):
        st.switch_page(f"pages/{script}.py", query_params=dict(query_params))
    st.rerun()


def run_current_page() -> None:
    """Set up the navigation for this visitor, and run the page."""
    with errors_shown():
        page, signed_in = _current_page()
    if not signed_in:
        page.run()
        return
    address.enter(page.url_path)
    try:
        page.run()
    except StopException:
        address.leave(whole=False)
        raise
    address.leave()


def _current_page() -> tuple[StreamlitPage, bool]:
    """The page to run, and whether it is one for who is signed in."""
    if "invitation" in st.query_params:
        page_style(reading=True)
        return st.navigation(_everywhere("reader_study/read", "Reader study", READ), position="hidden"), False
    if JOIN_PARAMETER in st.query_params:
        page_style(reading=True)
        return st.navigation(_everywhere("reader_study/join", "Reader study", READ), position="hidden"), False
    if SET_PASSWORD_PARAMETER in st.query_params:
        page_style()
        return st.navigation(_everywhere("admin/set_password", "Set a password", ""), position="hidden"), False
    try:
        account = access.current_account()
    except OutOfReach:
        if (address.opened_path() or address.page()) != ANNOTATE:
            raise
        # Never an error in place of the panel: its page says by itself what is away, and shows nothing but that.
        return _kept_page(), True
    access.show_to(account)
    page_style()
    if account is not None and (context := get_script_run_ctx()) is not None:
        note_signed_in(context.session_id, account)
    if account is None:
        return st.navigation(_everywhere("admin/sign_in", "Sign in", "sign-in"), position="hidden"), False
    page = st.navigation(_pages_of(account), position="top")
    page_frame.page_frame()
    if not any(entry.address == (page.url_path or _first_of(account).address) for entry in _open_to(account)):
        # It will say that it is for others; some roles have no menu to leave it by.
        first = _first_of(account)
        st.page_link(f"pages/{first.script}.py", label=f"To {first.title}", icon=f":material/{first.icon}:")
    return page, True


def _kept_page() -> StreamlitPage:
    """The page of the annotation panel while nobody can tell who is there, with the menu that was there before.

    All stands in the same place, or the browser would take the panel down.
    """
    page_style()
    account: Account | None = st.session_state.get(keys.SHOWN_TO)
    if account is None or not account.has(*roles_of_page("verification/annotate")):
        alone = [_page("verification/annotate", "Annotate", path, default=not path) for path in ("", ANNOTATE)]
        page = st.navigation(alone, position="hidden")
    else:
        page = st.navigation(_pages_of(account), position="top")
    page_frame.page_frame()
    return page


def _page(
    script: str, title: str, url_path: str, *, icon: str = "", default: bool = False, hidden: bool = False
) -> StreamlitPage:
    # To make one costs a look at every folder on the way to its file: of a reader's step it was a fifteenth. Each run
    # has its own, as Streamlit marks in it whether it was chosen.
    context = get_script_run_ctx()
    beside = "" if context is None else str(context.pages_manager.main_script_parent)
    return copy(_made(beside, script, title, url_path, icon, default, hidden))


@cache
def _made(
    _beside: str, script: str, title: str, url_path: str, icon: str, default: bool, hidden: bool
) -> StreamlitPage:
    return st.Page(
        f"pages/{script}.py",
        title=title,
        url_path=url_path,
        icon=f":material/{icon}:" if icon else None,
        default=default,
        visibility="hidden" if hidden else "visible",
    )


def study_link(tab: StudyTab, *, source: Mapping[str, str], label: str = "", icon: str = "", **more: str) -> None:
    """Draw a link to a tab of the study page for whom it is open; ``source`` says of which study or log."""
    page_link(
        STUDY_SCRIPT, label=label or tab.label, icon=f":material/{icon or tab.icon}:",
        query_params={**source, **tab.query, **more},
    )  # fmt: skip


def analysis_link(key: str, *, source: Mapping[str, str], label: str = "") -> None:
    """Draw a link to an analysis of a study or log for whom it is open."""
    analysis = find_analysis(key)
    label = label or analysis.menu or analysis.title
    study_link(StudyTab.DETAILS, source=source, label=label, icon=analysis.icon, analysis=key)


def _everywhere(script: str, title: str, url_path: str) -> list[StreamlitPage]:
    """The one page this visitor may see, also under the address of another that they opened: a link used without
    signing in shows it, and no "Page not found".
    """
    pages = [_page(script, title, url_path, default=True)]
    opened = address.opened_path()
    if opened in ADDRESSES:
        pages.append(_page(script, title, opened))
    return pages


def _open_to(account: Account) -> list[Entry]:
    return [entry for entries in MENU.values() for entry in entries if account.has(*entry.roles)]


def _first_of(account: Account) -> Entry:
    """Where the account arrives: every one has a page of its own at least."""
    return _open_to(account)[0]


def _pages_of(account: Account) -> dict[str, list[StreamlitPage]]:
    """What the account may open, by group; and the page that was opened where it is for others: it says so itself.

    Where they arrive is also under its own address, where others have it: to Streamlit the default page is at no
    address but the root, and a link or Back to it would be "Page not found".
    """
    first, opened = _first_of(account), address.opened_path()
    pages: dict[str, list[StreamlitPage]] = {}
    for group, entries in MENU.items():
        for entry in entries:
            if entry is first:
                arriving = _page(entry.script, entry.title, _ARRIVING, icon=entry.icon, default=True)
                own = _page(entry.script, entry.title, entry.address, hidden=True)
                pages.setdefault(group, []).extend((arriving, own))
            elif account.has(*entry.roles):
                page = _page(entry.script, entry.title, entry.address, icon=entry.icon, hidden=not entry.listed)
                pages.setdefault(group, []).append(page)
            elif entry.address == opened:
                pages.setdefault(group, []).append(_page(entry.script, entry.title, opened, hidden=True))
    return pages
