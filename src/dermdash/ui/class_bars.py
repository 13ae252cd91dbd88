"""Shares of the classes as bars in their fixed colours: a line each, so that they have room beside a picture."""

import html
from collections.abc import Mapping

import streamlit as st

from dermdash.charts.palette import diagnosis_color
from dermdash.records.taxonomy import Taxonomy
from dermdash.wording import percent

_STYLE = """<style>
.dd-classes { display: grid; grid-template-columns: fit-content(55%) minmax(3rem, 1fr) auto; gap: .2rem .75rem;
  align-items: center; font-size: .875rem; margin: 0 0 .25rem !important; padding: 0 !important; }
.dd-classes > div { display: contents; }
.dd-classes dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.dd-classes .dd-bar { height: .625rem; background: color-mix(in srgb, currentColor 14%, transparent); }
.dd-classes .dd-bar span { display: block; height: 100%; width: calc(var(--share) * 100%); }
.dd-classes .dd-highest { font-weight: 650; }
</style>"""


def class_bars(shares: Mapping[str, float], *, taxonomy: Taxonomy) -> str:
    """One bar per class (shares 0..1) in taxonomy order, so that a class is always found at the same place, as HTML.

    Malignant classes say so in words beside their name; the highest share is bold. A class without a share has no bar.
    """
    classes = [one for one in taxonomy.classes if one.code in shares]
    highest = max(classes, key=lambda c: shares[c.code]).code
    rows = []
    for one in classes:
        name = f"{one.name} \N{MIDDLE DOT} malignant" if one.is_malignant else one.name
        bold = ' class="dd-highest"' if one.code == highest else ""
        bar = f'<span style="--share: {float(shares[one.code])}; background: {diagnosis_color(one.code)}"></span>'
        rows.append(
            f'<div><dt{bold}>{html.escape(name)}</dt><dd class="dd-bar">{bar}</dd>'
            f"<dd{bold}>{percent(shares[one.code], 0)}</dd></div>"
        )
    return f'<dl class="dd-classes">{"".join(rows)}</dl>'


def show_class_bars(shares: Mapping[str, float], *, taxonomy: Taxonomy) -> None:
    """Show them, as wide as their column."""
    st.html(_STYLE + class_bars(shares, taxonomy=taxonomy))
