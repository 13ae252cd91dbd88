"""The page of taxonomies: what each class is, what becomes of it elsewhere, what words mean, and adding one's own."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dermdash.records.diagnosis_words import read_diagnosis, read_diagnosis_path
from dermdash.records.taxonomies.mapping import MappedClass, map_taxonomy
from dermdash.records.taxonomies.taxonomy_file import taxonomy_yaml
from dermdash.records.taxonomy import TAXONOMIES, Taxonomy
from dermdash.storage.workspace import Workspace
from dermdash.ui import access
from dermdash.ui.choices import choose, choose_tab
from dermdash.ui.entries import enter_text
from dermdash.ui.messages import as_text, redraw_saying, show_outcome
from dermdash.ui.tables import data_table
from dermdash.wording import counted
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.dataset.browse_records import list_datasets
from dermdash.workflows.taxonomies import add_taxonomy

_TABS = {"classes": "Classes", "map": "In another taxonomy", "words": "What words mean", "add": "Add one"}
_SAID = "taxonomies.add"
_MOST_TEXT = 2000
_MOST_MEGABYTES = 1


def taxonomies_state() -> str:
    """How many there are, and whose."""
    added = len(TAXONOMIES.added)
    of_them = f" · {added} of this workspace" if added else ""
    return f"{counted(len(TAXONOMIES), 'taxonomy', 'taxonomies')}{of_them}"


def show_taxonomies(workspace: Workspace) -> None:
    """Choose one, and look at it."""
    show_outcome(_SAID)
    for problem in TAXONOMIES.problems.values():
        st.warning(f"A taxonomy of the workspace cannot be used. {as_text(problem)}", icon=":material/warning:")
    name = choose("Taxonomy", list(TAXONOMIES), _title, key="taxonomies.name", name="taxonomy", width=420)
    taxonomy = TAXONOMIES[name]
    for text in (taxonomy.source, taxonomy.note):
        if text:
            st.caption(as_text(text))
    used = [str(d["name"]) for d in list_datasets(workspace) if d["taxonomy"] == name]
    st.caption(f"Of the data sets {as_text(', '.join(used))}." if used else "No data set is of these classes.")
    tabs = dict(_TABS)
    if not access.may(Right.IMPORT_RECORDS):
        del tabs["add"]
    places = choose_tab(tabs, key="taxonomies.tab")
    with places["classes"]:
        _classes(taxonomy)
    with places["map"]:
        _mapping(taxonomy)
    with places["words"]:
        _words(taxonomy)
    if "add" in places:
        with places["add"]:
            _add(workspace)


def _title(name: str) -> str:
    return TAXONOMIES[name].title


def _classes(taxonomy: Taxonomy) -> None:
    frame = pd.DataFrame(
        {
            "Code": list(taxonomy.codes),
            "Class": [c.name for c in taxonomy.classes],
            "Origin": [str(c.origin) for c in taxonomy.classes],
            "Status": [str(c.status) for c in taxonomy.classes],
            "Also written": [", ".join(c.aliases) for c in taxonomy.classes],
        }
    )
    data_table(frame, key="taxonomies.classes")
    st.download_button(
        "Download as YAML",
        taxonomy_yaml(taxonomy).encode(),
        f"{taxonomy.name}.yaml",
        "application/yaml",
        key="taxonomies.yaml",
        icon=":material/download:",
        on_click="ignore",
        help="A file to begin one's own with.",
    )


def _mapping(taxonomy: Taxonomy) -> None:
    others = [name for name in TAXONOMIES if name != taxonomy.name]
    target = TAXONOMIES[choose("In", others, _title, key=f"taxonomies.in.{taxonomy.name}", name="in", width=420)]
    mapped = map_taxonomy(taxonomy, target)
    frame = pd.DataFrame(
        {
            "Class": [m.source.name for m in mapped],
            "Becomes": [_becomes(m, target) for m in mapped],
            "What is lost": [" ".join(m.lost) for m in mapped],
        }
    )
    data_table(frame, key="taxonomies.map", column_config={"What is lost": st.column_config.TextColumn(width="large")})
    decided = sum(m.code is not None for m in mapped)
    st.caption(
        f"{decided} of {counted(len(mapped), 'class', 'classes')} have one class in {as_text(target.title)}. Where the "
        "class does not decide, the words of the source may: its label is kept with every record."
    )


def _becomes(mapped: MappedClass, target: Taxonomy) -> str:
    if mapped.code is not None:
        return target[mapped.code].name
    names = " or ".join(target[code].name for code in mapped.candidates)
    return f"not decided: {names}" if names else "nothing"


def _words(taxonomy: Taxonomy) -> None:
    text = enter_text(
        "Diagnosis in words",
        key="taxonomies.words",
        name="words",
        max_chars=_MOST_TEXT,
        help="English, German or Russian, or a path of the ISIC archive with :: between its levels.",
    )
    if not text.strip():
        st.caption("Write a diagnosis as a table or a report has it, and see which class it means here, and why.")
        return
    found = read_diagnosis_path([text], taxonomy) if "::" in text else read_diagnosis(text, taxonomy)
    said = f"**{as_text(taxonomy[found.code].name)}**" if found.code is not None else "**No class**"
    st.markdown(f"{said}: {as_text(found.how)}.")
    if found.candidates:
        names = ", ".join(taxonomy[code].name for code in found.candidates)
        st.markdown(f"It may be {as_text(names)}.")


def _add(workspace: Workspace) -> None:
    st.markdown(
        "A taxonomy of one's own is a YAML file in the form of those that can be downloaded here. Imports, models, "
        "studies and analyses know it by its name as soon as it is added."
    )
    with st.form("taxonomies.form", border=False):
        file = st.file_uploader(
            "Taxonomy (YAML)", type=["yaml", "yml"], key="taxonomies.file", max_upload_size=_MOST_MEGABYTES
        )
        pressed = st.form_submit_button("Add", type="primary", key="taxonomies.start", icon=":material/add_circle:")
    if not pressed:
        return
    if file is None:
        st.info("Choose a file first.", icon=":material/info:")
        return
    access.act(Right.IMPORT_RECORDS)
    taxonomy = add_taxonomy(workspace.home, file.getvalue().decode("utf-8-sig", "replace"), file=file.name)
    redraw_saying(_SAID, f"{taxonomy.title} was added.")
