"""Which pages this browser may see: the study for a reader, everything for the admin, sign-in for anybody else."""

from functools import cache
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dermdash.ui import access, old_results
from dermdash.ui.messages import errors_shown

READ = "read"
# Streamlit leaves 6 rem above a page: a quarter of a laptop's height before the title.
_PAGE_STYLE = f"<style>.stMainBlockContainer {{ padding-top: 4.25rem; }}{old_results.STYLE}</style>"


def current_page() -> StreamlitPage:
    """Set up the navigation for this visitor and return the page to run."""
    with errors_shown():
        if "invitation" in st.query_params:
            return st.navigation(_everywhere("reader_study/read", "Reader study", READ), position="hidden")
        account = access.current_account()
        if account is None:
            return st.navigation(_everywhere("admin/sign_in", "Sign in", "sign-in"), position="hidden")
        st.html(_PAGE_STYLE)
        return st.navigation(_admin_pages(), position="top")
    raise AssertionError("unreachable")


def _page(script: str, title: str, url_path: str, *, icon: str = "", default: bool = False) -> StreamlitPage:
    return st.Page(
        f"pages/{script}.py",
        title=title,
        url_path=url_path,
        icon=f":material/{icon}:" if icon else None,
        default=default,
    )


def _everywhere(script: str, title: str, url_path: str) -> list[StreamlitPage]:
    """The one page this visitor may see, also under the address of another that he opened: a link used without signing
    in shows it, and no "Page not found".
    """
    pages = [_page(script, title, url_path, default=True)]
    opened = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    if opened in _admin_addresses():
        pages.append(_page(script, title, opened))
    return pages


@cache
def _admin_addresses() -> frozenset[str]:
    # Once: making the pages takes milliseconds, and this is asked at every answer of every reader.
    return frozenset(page.url_path for group in _admin_pages().values() for page in group if page.url_path)


def _admin_pages() -> dict[str, list[StreamlitPage]]:
    return {
        "": [_page("dataset/overview", "Overview", "overview", icon="home", default=True)],
        "Data set": [
            _page("dataset/records", "Records", "records", icon="grid_view"),
            _page("dataset/record", "Record", "record", icon="image_search"),
            _page("dataset/findings", "Findings", "findings", icon="content_copy"),
            _page("dataset/import_images", "Import", "import", icon="upload"),
        ],
        "Classifier": [
            _page("classifier/diagnose", "Diagnose an image", "diagnose", icon="biotech"),
            _page("classifier/similar_images", "Similar images", "similar-images", icon="image_search"),
            _page("classifier/models", "Models", "models", icon="network_node"),
            _page("classifier/training", "Training", "training", icon="model_training"),
            _page("classifier/evaluation", "Evaluation", "evaluation", icon="query_stats"),
            _page("classifier/comparison", "Comparison", "comparison", icon="compare_arrows"),
            _page("classifier/operating_points", "Operating points", "operating-points", icon="tune"),
            _page("classifier/saliency", "Saliency", "saliency", icon="center_focus_strong"),
        ],
        "Reader study": [
            _page("reader_study/studies", "Studies", "studies", icon="groups"),
            _page("reader_study/new_study", "New study", "new-study", icon="add_circle"),
            _page("reader_study/study", "Invitations and progress", "study", icon="mail"),
            _page("reader_study/results", "Results", "results", icon="monitoring"),
        ],
        "Analysis": [
            _page("analysis/benefit", "Benefit of assistance", "benefit", icon="trending_up"),
            _page("analysis/human_machine", "Readers and model", "human-machine", icon="scatter_plot"),
            _page("analysis/mrmc", "Multi-reader multi-case", "mrmc", icon="ssid_chart"),
            _page("analysis/reliance", "Reliance", "reliance", icon="rule"),
            _page("analysis/reading_time", "Reading time", "reading-time", icon="timer"),
            _page("analysis/agreement", "Agreement", "agreement", icon="handshake"),
            _page("analysis/readers_and_cases", "Readers and cases", "readers-and-cases", icon="stairs"),
            _page("analysis/collective", "Collective", "collective", icon="diversity_3"),
            _page("analysis/triage_simulation", "Triage", "triage", icon="fork_right"),
            _page("analysis/sample_size", "Sample size", "sample-size", icon="calculate"),
            _page("analysis/report", "Report", "report", icon="article"),
            _page("analysis/reading_logs", "Reading logs", "reading-logs", icon="upload_file"),
        ],
        "Account": [_page("admin/account", "Account", "account", icon="person")],
    }
