"""Tables of pages: what Streamlit's own download or a copy takes away, no spreadsheet executes."""

import ast
import re
from pathlib import Path

import pandas as pd
import pytest

import dermdash
from dermdash.ui.tables import safe_to_take_away

SOURCE = Path(dermdash.__file__).parent
PAGES = SOURCE.parents[1] / "pages"
# Their texts are ours or what the same person typed a moment ago.
EDITORS = {"rubric_control.py", "lasting_editor.py"}


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-2+A1", "＝1+1"]
)
def test_a_formula_in_a_cell_or_a_head_is_text(cell: str) -> None:
    shown = safe_to_take_away(pd.DataFrame({"name": [cell, "plain"], cell: [1, 2], "list": [[cell], []]}))
    assert list(shown["name"]) == ["'" + cell, "plain"]
    assert list(shown.columns) == ["name", "'" + cell, "list"]
    assert shown["list"].iloc[0] == ["'" + cell]


@pytest.mark.parametrize(
    "figure", ["-0.2 to 0.3", "+3.1 points (1.0 to 5.4)", "-12", "+0.5 %", "1 of 2", "<0.001", "\N{MINUS SIGN}0.3"]
)
def test_figures_stay_as_they_are_written(figure: str) -> None:
    frame = pd.DataFrame({"a": [figure, None]})
    assert safe_to_take_away(frame) is frame


def test_numbers_times_and_gaps_keep_their_types() -> None:
    frame = pd.DataFrame(
        {"n": [1, 2], "x": [0.5, None], "t": pd.to_datetime(["2026-01-01", None]), "b": [True, None], "s": ["=a", None]}
    )
    shown = safe_to_take_away(frame)
    assert dict(shown.dtypes)["t"] == frame["t"].dtype
    assert dict(shown.dtypes)["n"] == frame["n"].dtype
    assert shown["s"].iloc[0] == "'=a"
    assert pd.isna(shown["s"].iloc[1])
    assert safe_to_take_away(pd.DataFrame()).empty


def test_directions_in_a_cell_are_written_out() -> None:
    assert safe_to_take_away(pd.DataFrame({"a": ["x\u202eb"]}))["a"].iloc[0] == "x⟨U+202E⟩b"


def test_no_page_shows_a_table_in_another_way() -> None:
    found = []
    for path in [*SOURCE.rglob("*.py"), *PAGES.rglob("*.py")]:
        text = path.read_text("utf-8")
        if not re.search(r"\bst\s*\.\s*(?:dataframe|table|data_editor)\b", text):
            continue  # parsing all of them takes a second and a half
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Attribute) or node.attr not in ("dataframe", "table", "data_editor"):
                continue
            ours = path.name == "tables.py" and node.attr == "dataframe"
            editor = path.name in EDITORS and node.attr == "data_editor"
            streamlit = isinstance(node.value, ast.Name) and node.value.id == "st"
            if streamlit and not ours and not editor:
                found.append(f"{path.name}:{node.lineno}")
    assert found == []
