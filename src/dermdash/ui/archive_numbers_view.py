"""What came out when the numbers of an archive were computed anew: equal or not, which differ, and the file of it."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from dermdash.report.study_archive import Reproduction
from dermdash.report.study_numbers import MOST_NAMED
from dermdash.ui.messages import as_code, as_text
from dermdash.ui.tables import data_table
from dermdash.wording import counted, form

_KEY = "studies.archive.reproduction"


def show_reproduction(found: Reproduction) -> None:
    """Say whether the numbers are the archived ones, list those that are not, and offer all as a file."""
    compared = found.compared
    if found.equal:
        st.success(
            f"Equal: {counted(compared.numbers, 'number')} computed anew from the readings are the archived ones, and "
            "the exports of the readings are the same bytes.",
            icon=":material/check_circle:",
        )
    else:
        st.error(_differ(found), icon=":material/difference:")
    if compared.differences:
        if compared.n_different > MOST_NAMED:
            st.caption(f"The first {MOST_NAMED} of {counted(compared.n_different, 'place')} that differ.")
        rows = [
            {"Number": d["number"], "Archived": _said(d["archived"]), "Now": _said(d["anew"])}
            for d in compared.differences
        ]
        data_table(pd.DataFrame(rows), key=f"{_KEY}.differences", width="stretch")
    for name in found.files:
        st.markdown(f"- {as_code(name)} is not what the rows of the study give.")
    versions = found.as_dict()["other_versions"]
    for name, both in versions.items():
        here = both["here"] or "not here"
        st.caption(f"Made with {as_text(name)} {as_text(both['archived'])}; here it is {as_text(here)}.")
    st.download_button(
        "Download the comparison (JSON)",
        lambda: json.dumps(found.as_dict(), indent=1, default=str).encode(),
        file_name="reproduction.json",
        mime="application/json",
        key=f"{_KEY}.download",
        icon=":material/download:",
        on_click="ignore",
    )


def _differ(found: Reproduction) -> str:
    compared, said = found.compared, []
    if compared.n_different:
        n = compared.n_different
        said.append(f"{counted(n, 'place')} of {counted(compared.numbers, 'number')} {form(n, 'differs', 'differ')}")
    if found.files:
        said.append(f"{counted(len(found.files), 'export')} of the readings {form(len(found.files), 'is', 'are')} not "
                    "what the rows give")  # fmt: skip
    return f"Different: {' and '.join(said)}. The archive was changed after it was made, or another version made it."


def _said(value: object) -> str:
    return "" if value is None else str(value)
