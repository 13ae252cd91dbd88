"""Every list of options is drawn by `ui.choices`, and what is cached depends on nothing that only a session knows."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.parsed_sources import parsed

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [*sorted((ROOT / "src" / "dermdash" / "ui").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]
LISTS = {"selectbox", "multiselect", "segmented_control", "pills", "radio", "select_slider", "feedback"}
OWN_WAY = {
    "reader_forms.py": "the reader's own screen: it has no address but the invitation's",
    "records_view.py": "the filters of the records write their address as a whole (record_filters)",
    "record_filters.py": "the same; most of them are one component (facets)",
}
"""Files that draw lists themselves, and why."""
SESSION_ONLY = {"session_state", "query_params", "context"}
OF_SESSION = {"address", "shown_source", "study_of_source", "remembered", "current_account", "session_token"}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, parsed(path)


def draws_lists(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LISTS
    ]


def cached_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any("cache_" in ast.unparse(d) for d in node.decorator_list):
            yield node


def asks_the_session(function: ast.FunctionDef) -> list[str]:
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr in SESSION_ONLY:
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Name) and node.id in OF_SESSION:
            found.append(node.id)
    return found


def test_no_page_draws_a_list_of_options_itself() -> None:
    found = {path.name: lines for path, tree in trees() if (lines := draws_lists(tree))}
    assert {name: lines for name, lines in found.items() if name not in OWN_WAY} == {}
    assert set(OWN_WAY) <= set(found), "an exception that is none any more"


def test_nothing_cached_asks_the_address_or_the_session() -> None:
    found = {
        f"{path.name}: {function.name}": asked
        for path, tree in trees()
        for function in cached_functions(tree)
        if (asked := asks_the_session(function))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text", ["st.selectbox('a', [])", "left.multiselect('a', [])", "st.sidebar.radio('a', [])", "x[0].pills('a', [])"]
)
def test_a_list_is_found_wherever_it_is_drawn(text: str) -> None:
    assert draws_lists(ast.parse(text)) == [1]


@pytest.mark.parametrize(
    "body", ["return st.session_state['a']", "return address.asked('a')", "return f(study_id=shown_source())"]
)
def test_a_cached_function_that_asks_the_session_is_found(body: str) -> None:
    tree = ast.parse(f"@st.cache_data(ttl=1)\ndef f(a: int) -> int:\n    {body}\n")
    assert [asks_the_session(function) for function in cached_functions(tree)] != [[]]
