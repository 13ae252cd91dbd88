"""Names that no page could show."""

import pandas as pd
import pytest

from dermdash.errors import InvalidInput
from dermdash.readings.formats.cell_text import LONGEST, check_text


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a" * (LONGEST + 1), "has 301 characters"),
        ("a\u202etxt.exe", "holds a control character"),
        ("a\x1b[2Jb", "holds a control character"),
        ("two\nlines", "holds a control character"),
    ],
)
def test_an_endless_name_or_one_with_control_characters_is_refused_with_its_row(name: str, problem: str) -> None:
    frame = pd.DataFrame({"row": [2, 3], "reader": ["fine", name]})
    with pytest.raises(InvalidInput, match=rf"log\.csv, row 3: reader .* {problem}"):
        check_text(frame, ["case", "reader"], source="log.csv")


def test_names_in_any_script_are_kept() -> None:
    frame = pd.DataFrame({"reader": ["Ærø Ñandú", "皮膚科", "د. سمير", "a" * LONGEST, None], "round": [1, 2, 3, 4, 5]})
    check_text(frame, ["reader", "round"], source="log.csv")
