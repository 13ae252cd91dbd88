"""Which pages this browser may see: the study for a reader, everything for the admin, sign-in for anybody else."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from dermdash.analyses.registry import ANALYSES, find_analysis
from dermdash.ui import access, address, page_frame
from dermdash.ui.messages import errors_shown
from dermdash.ui.page_style import page_style
from dermdash.ui.signed_in_connection import note_signed_in

READ = "read"
ANALYSIS_SCRIPT = "analysis/analysis"
"""One script for the pages of all analyses: the address says which."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu: its script under pages/, title, address and icon."""

    script: str
    title: str
    address: str
    icon: str


MENU: dict[str, tuple[Entry, ...]] = {
    "": (Entry("dataset/overview", "Overview", "overview", "home"),),
    "Data set": (
        Entry("dataset/records", "Records", "records", "grid_view"),
        Entry("dataset/record", "Record", "record", "image_search"),
        Entry("dataset/findings", "Findings", "findings", "content_copy"),
        Entry("dataset/import_images", "Import", "import", "upload"),
    ),
    "Classifier": (
        Entry("classifier/diagnose", "Diagnose an image", "diagnose", "biotech"),
        Entry("classifier/similar_images", "Similar images", "similar-images", "image_search"),
        Entry("classifier/models", "Models", "models", "network_node"),
        Entry("classifier/training", "Training", "training", "model_training"),
        Entry("classifier/evaluation", "Evaluation", "evaluation", "query_stats"),
        Entry("classifier/comparison", "Comparison", "comparison", "compare_arrows"),
        Entry("classifier/operating_points", "Operating points", "operating-points", "tune"),
        Entry("classifier/saliency", "Saliency", "saliency", "center_focus_strong"),
    ),
    "Reader study": (
        Entry("reader_study/studies", "Studies", "studies", "groups"),
        Entry("reader_study/new_study", "New study", "new-study", "add_circle"),
        Entry("reader_study/study", "Invitations and progress", "study", "mail"),
        Entry("reader_study/results", "Results", "results", "monitoring"),
    ),
    "Analysis": (
        *(
            Entry(ANALYSIS_SCRIPT, analysis.menu or analysis.title, analysis.address, analysis.icon)
            for analysis in ANALYSES
            if analysis.page
        ),
        Entry("analysis/sample_size", "Sample size", "sample-size", "calculate"),
        Entry("analysis/report", "Report", "report", "article"),
        Entry("analysis/reading_logs", "Reading logs", "reading-logs", "upload_file"),
    ),
    "Account": (Entry("admin/account", "Account", "account", "person"),),
}
"""Every page of the admin by its group in the menu; the first one is where one arrives."""
ADMIN_ADDRESSES = frozenset(entry.address for group in MENU.values() for entry in group)


def run_current_page() -> None:
    """Set up the navigation for this visitor, and run the page."""
    with errors_shown():
        page, admin = _current_page()
    if not admin:
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
    """The page to run, and whether it is one of the admin's."""
    if "invitation" in st.query_params:
        page_style(reading=True)
        return st.navigation(_everywhere("reader_study/read", "Reader study", READ), position="hidden"), False
    account = access.current_account()
    page_style()
    if account is not None and (context := get_script_run_ctx()) is not None:
        note_signed_in(context.session_id)
    if account is None:
        return st.navigation(_everywhere("admin/sign_in", "Sign in", "sign-in"), position="hidden"), False
    page = st.navigation(_admin_pages(), position="top")
    page_frame.page_frame()
    return page, True


def _page(script: str, title: str, url_path: str, *, icon: str = "", default: bool = False) -> StreamlitPage:
    return st.Page(
        f"pages/{script}.py",
        title=title,
        url_path=url_path,
        icon=f":material/{icon}:" if icon else None,
        default=default,
    )


def analysis_link(key: str, *, query: Mapping[str, str], label: str = "") -> None:
    """Draw a link to the page of an analysis."""
    analysis = find_analysis(key)
    title = analysis.menu or analysis.title
    st.page_link(
        _page(ANALYSIS_SCRIPT, title, analysis.address),
        label=label or title,
        icon=f":material/{analysis.icon}:",
        query_params=dict(query),
    )


def _everywhere(script: str, title: str, url_path: str) -> list[StreamlitPage]:
    """The one page this visitor may see, also under the address of another that they opened: a link used without
    signing in shows it, and no "Page not found".
    """
    pages = [_page(script, title, url_path, default=True)]
    opened = (st.context.url or "").split("?", 1)[0].split("#", 1)[0].rstrip("/").rpartition("/")[2]
    if opened in ADMIN_ADDRESSES:
        pages.append(_page(script, title, opened))
    return pages


def _admin_pages() -> dict[str, list[StreamlitPage]]:
    first = next(iter(MENU.values()))[0]
    return {
        group: [_page(e.script, e.title, e.address, icon=e.icon, default=e is first) for e in entries]
        for group, entries in MENU.items()
    }
