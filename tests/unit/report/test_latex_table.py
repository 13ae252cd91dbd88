"""Tables as LaTeX: nothing in a cell is a command, numbers stand to the right."""

import pandas as pd

from dermdash.analyses.section import ResultTable
from dermdash.report.latex_table import latex_table, latex_text


def table(shown: pd.DataFrame, note: str = "") -> str:
    return latex_table(ResultTable("a-table", "Shares & counts", shown, shown, note)).decode()


def test_what_latex_would_execute_is_text() -> None:
    assert latex_text(r"50 % of \input{x} & $a_1$ #2 ~^ <b>") == (
        r"50 \% of \textbackslash{}input\{x\} \& \$a\_1\$ \#2 \textasciitilde{}\textasciicircum{} "
        r"\textless{}b\textgreater{}"
    )
    assert latex_text("two\nlines") == "two lines"
    assert latex_text("\N{MINUS SIGN}1,044,000 and 1,04") == r"$-$1\,044\,000 and 1,04"


def test_a_table_has_rules_heads_rows_caption_and_note() -> None:
    made = table(pd.DataFrame({"Class": ["Nevus", None], "N": ["1,044", "2"], "Share, %": [71.4, None]}), "A note_1.")
    assert r"\begin{tabular}{lrr}" in made
    assert r"\caption{Shares \& counts}" in made
    assert r"\label{tab:a-table}" in made
    assert r"Class & N & Share, \% \\" in made
    assert r"Nevus & 1\,044 & 71.4 \\" in made
    assert r" & 2 &  \\" in made
    assert r"A note\_1." in made
    assert [made.count(rule) for rule in (r"\toprule", r"\midrule", r"\bottomrule")] == [1, 1, 1]


def test_long_text_breaks_its_lines_and_a_table_without_rows_has_its_heads() -> None:
    assert r"p{0.45\linewidth}" in table(pd.DataFrame({"Purpose": ["x" * 60], "N": [1]}))
    assert r"Class & N \\" in table(pd.DataFrame({"Class": [], "N": []}))
