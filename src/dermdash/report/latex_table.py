r"""A table of results as LaTeX: booktabs, every cell escaped, thousands apart by a thin space (``1\,044``)."""

import re

import pandas as pd

from dermdash.analyses.section import ResultTable
from dermdash.records.visible_text import visible_text
from dermdash.wording import NO_BREAK, thousands_apart

_ESCAPED = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", NO_BREAK: "~", "\N{EN DASH}": "--", "\N{EM DASH}": "---",
    "\N{MINUS SIGN}": "$-$", "\N{PLUS-MINUS SIGN}": r"$\pm$", "\N{MIDDLE DOT}": r"\textperiodcentered{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}", "\N{MULTIPLICATION SIGN}": r"$\times$",
}  # fmt: skip
_NUMBER = re.compile(r"[\d.,/ %<>\N{MINUS SIGN}\N{NO-BREAK SPACE}\N{EM DASH}\N{EN DASH}]*")
_WIDE = 44
"""Characters from which on a column of text breaks its lines."""


def latex_table(table: ResultTable) -> bytes:
    r"""The table as people see it, as a floating ``table`` with caption and label; needs ``\usepackage{booktabs}``."""
    shown = table.shown
    cells = [[latex_text(_written(value)) for value in row] for row in shown.itertuples(index=False)]
    heads = [latex_text(str(head)) for head in shown.columns]
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table}[htbp]",
        r"  \centering",
        rf"  \caption{{{latex_text(table.title)}}}",
        rf"  \label{{tab:{table.name}}}",
        rf"  \begin{{tabular}}{{{_columns(shown)}}}",
        r"    \toprule",
        f"    {' & '.join(heads)} \\\\",
        r"    \midrule",
        *(f"    {' & '.join(row)} \\\\" for row in cells),
        r"    \bottomrule",
        r"  \end{tabular}",
        *([rf"  \par\smallskip\footnotesize {latex_text(table.note)}"] if table.note else []),
        r"\end{table}",
    ]
    return ("\n".join(lines) + "\n").encode()


def latex_text(text: str) -> str:
    """Text as LaTeX prints it: nothing in it is a command, and nothing of it is lost."""
    escaped = "".join(_ESCAPED.get(c, c) for c in visible_text(text).replace("\n", " "))
    return thousands_apart(escaped, r"\,")


def _written(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)


def _columns(shown: pd.DataFrame) -> str:
    """Numbers to the right, text to the left, long text in lines of a fixed width."""
    texts = [[_written(value) for value in shown.iloc[:, i]] for i in range(shown.shape[1])]
    long = [max(map(len, column), default=0) > _WIDE for column in texts]
    share = round(0.8 / sum(long), 2) if sum(long) > 1 else 0.45
    width = f"p{{{share:g}\\linewidth}}"
    return "".join(
        width if wide else "r" if column and all(_NUMBER.fullmatch(text) for text in column) else "l"
        for column, wide in zip(texts, long, strict=True)
    )
