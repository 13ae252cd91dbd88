"""A calm row of a few figures with their intervals."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

_STYLE = """<style>
.dd-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 0 1rem;
  margin: .25rem 0 0 !important; padding: 0 !important; }
.dd-figures > div { border-left: 2px solid color-mix(in srgb, currentColor 22%, transparent);
  padding: .1rem 0 .1rem .75rem; margin-bottom: .75rem;
  display: grid; grid-row: span 3; grid-template-rows: subgrid; } /* values stand in line where a name wraps */
.dd-figures dt { font-size: .875rem; opacity: .8; }
.dd-figures dd { margin: 0; font-size: 1.3rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.dd-figures dd.dd-interval { font-size: .875rem; font-weight: 400; opacity: .8; min-height: 1.3em; }
</style>"""


class KeyFigure(NamedTuple):
    """A name, a value in words, and below it the interval or what else explains it."""

    name: str
    value: str
    below: str = ""


def show_key_figures(figures: Sequence[KeyFigure]) -> None:
    """Show them side by side, fewer per row on a narrow screen."""
    cells = "".join(
        f"<div><dt>{html.escape(f.name)}</dt><dd>{html.escape(f.value)}</dd>"
        f'<dd class="dd-interval">{html.escape(f.below)}</dd></div>'
        for f in figures
    )
    st.html(f'{_STYLE}<dl class="dd-figures">{cells}</dl>')
