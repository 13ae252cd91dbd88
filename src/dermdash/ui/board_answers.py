"""What several people said of one record, side by side and field by field, with what differs marked."""

import html
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dermdash.records.field_values import measured_in_words
from dermdash.records.fields import is_filled
from dermdash.records.taxonomy import diagnosis_name
from dermdash.verification.annotation import ENTERABLE, QUALITY_LEVELS
from dermdash.wording import counted
from dermdash.workflows.verification.board import BoardCase, CaseAnswer

_STYLE = """<style>
.dd-answers { overflow-x: auto; }
.dd-answers table { border-collapse: collapse; font-size: .875rem; min-width: 100%; }
.dd-answers th, .dd-answers td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; }
.dd-answers th[scope="row"] { font-weight: 400; opacity: .85; min-width: 6.5rem; }
.dd-answers td, .dd-answers th[scope="col"] { min-width: 6.5rem; }
.dd-answers tr { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.dd-answers thead tr { border-top: none; }
.dd-answers tr.differs td { font-weight: 650; }
.dd-answers .none { opacity: .65; font-style: italic; font-weight: 400; }
.dd-answers .said { white-space: pre-wrap; font-weight: 400; }
</style>"""
_DIAGNOSIS, _COMMENT = "Diagnosis", "Comment"
_ALWAYS_SEEN = (_DIAGNOSIS, _COMMENT)
_Read = Callable[[CaseAnswer], str | None]


def show_answers(case: BoardCase) -> None:
    """The table of answers, the first annotation beside them; what all said alike stands closed below it.

    Only rows that somebody filled. The diagnosis and what somebody wrote are always seen.
    """
    st.subheader("What they said", anchor=False)
    people = list(case.answers)
    columns = [*people, case.initial] if case.initial is not None else people
    heads = "".join(f'<th scope="col">{_head(answer, answer is case.initial)}</th>' for answer in columns)
    seen: list[str] = []
    alike: list[str] = []
    for title, read, compared in _lines():
        values = [read(answer) for answer in columns]
        if any(value is not None for value in values):
            same = title not in _ALWAYS_SEEN and len({*values}) == 1
            (alike if same else seen).append(_row(title, values, len(people), compared))
    _show_table(heads, seen, "Answers side by side")
    if alike:
        with st.expander(f"All said the same of {counted(len(alike), 'field')}"):
            _show_table(heads, alike, "What all said alike")


def _show_table(heads: str, rows: Sequence[str], name: str) -> None:
    st.html(
        f'{_STYLE}<div class="dd-answers" role="region" aria-label="{name}" tabindex="0"><table><thead>'
        f"<tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _head(answer: CaseAnswer, first: bool) -> str:
    changed = f"<br><small>changed {counted(answer.earlier, 'time')}</small>" if answer.earlier else ""
    return f"{html.escape(answer.name)}{'<br><small>first annotation</small>' if first else ''}{changed}"


def _lines() -> list[tuple[str, _Read, bool]]:
    """Title, what it reads of an answer, and whether answers are compared by it."""
    return [
        (_DIAGNOSIS, lambda a: diagnosis_name(a.dx) if a.dx else None, True),
        ("Unsure", lambda a: "yes" if a.unsure else "no", False),
        ("Image quality", lambda a: _quality(a.content.get("quality")), True),
        *((spec.title, lambda a, spec=spec: _value(a, spec), True) for spec in ENTERABLE),
        (_COMMENT, lambda a: str(a.content.get("comment") or "") or None, False),
    ]


def _quality(score: Any) -> str | None:
    if not isinstance(score, int) or not 1 <= score <= len(QUALITY_LEVELS):
        return None
    return f"{score} · {QUALITY_LEVELS[score - 1]}"


def _value(answer: CaseAnswer, spec: Any) -> str | None:
    value = answer.content.get("values", {}).get(spec.name)
    return measured_in_words(spec, value) if is_filled(value) else None


def _row(title: str, values: Sequence[str | None], reviewers: int, compared: bool) -> str:
    differs = compared and len({*values[:reviewers]}) > 1
    cells = "".join(
        '<td class="none">not given</td>' if value is None
        else f'<td class="{"" if compared else "said"}">{html.escape(value)}</td>'
        for value in values
    )  # fmt: skip
    mark = "<br><small>≠ differs</small>" if differs else ""
    shade = "differs" if differs else ""
    return f'<tr class="{shade}"><th scope="row">{html.escape(title)}{mark}</th>{cells}</tr>'
