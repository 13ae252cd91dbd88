"""Importing one table and its images, each named apart, as one of the formats with a reader of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import streamlit as st

from dermdash.dataset.formats.registry import FORMATS
from dermdash.errors import InvalidInput
from dermdash.records.taxonomy import DEFAULT_TAXONOMY, TAXONOMIES
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.choices import choose, switch
from dermdash.ui.entries import enter_number_or_none
from dermdash.ui.uploads import spooled
from dermdash.wording import counted, duration, number
from dermdash.workflows.dataset.import_dataset import import_dataset
from dermdash.workflows.dataset.import_report import ImportProgress, ImportReport

_FORMAT = "import.format"
WAY = "import.way"
"""Key of the choice that every visit of the page draws first."""
ANY, APART = "any", "apart"
WAYS = {ANY: "Any files", APART: "One table and its images apart"}
_ENCODINGS = {
    "": "Found out", "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)", "cp866": "cp866 (Cyrillic, DOS)",
    "cp1252": "Windows-1252 (Western)", "latin-1": "Latin-1",
}  # fmt: skip
UPLOAD, SERVER = "upload", "server"
PLACES = {UPLOAD: "Upload zip files", SERVER: "Folders on the machine that runs the app"}


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the form asks for; images and masks are uploaded files or paths on this machine."""

    adapter: str
    taxonomy: str
    metadata: bytes
    images: list[BinaryIO | Path]
    masks: list[BinaryIO | Path]
    dataset_id: str | None
    name: str | None
    encoding: str | None = None
    update: bool = False
    workers: int | None = None
    dry_run: bool = False
    pseudonyms: bool = False


def import_form(*, busy: bool = False) -> ImportRequest | None:
    """Draw the form; return what to import, or only to try, when it was just submitted.

    ``busy``: an import is under way, and another one has to wait.

    Raises
    ------
    InvalidInput
        The metadata file or the images were not given.
    """
    one_table = [key for key, form in FORMATS.items() if not form.from_files]
    adapter = choose("Format", one_table, lambda adapter: FORMATS[adapter].title, key=_FORMAT)
    form = FORMATS[adapter]
    taxonomy = form.taxonomy or choose(
        "Taxonomy of the diagnoses",
        list(TAXONOMIES),
        lambda name: TAXONOMIES[name].title,
        key="import.taxonomy",
        default=form.usual_taxonomy or DEFAULT_TAXONOMY,
        help="The classes that the column dx uses.",
    )
    place = choose(
        "Where are the images?", list(PLACES), PLACES.__getitem__, key="import.place", draw="radio", horizontal=True
    )
    with st.form("import.form", border=True):
        # Any ending: the official file of HAM10000 has none. What it holds decides.
        metadata = st.file_uploader("Metadata table", key="import.metadata")
        st.caption(f"{form.description} Expected columns: {form.needs}.")
        images: list[BinaryIO | Path] = []
        masks: list[BinaryIO | Path] = []
        if place == UPLOAD:
            images += st.file_uploader("Images (zip)", type="zip", accept_multiple_files=True, key="import.images")
            masks += st.file_uploader(
                "Lesion masks (zip, optional)", type="zip", accept_multiple_files=True, key="import.masks"
            )
        else:
            help_text = "One folder or zip file per line."
            images += paths_of(st.text_area("Image folders or zip files", key="import.image_paths", help=help_text))
            masks += paths_of(st.text_area("Mask folders or zip files (optional)", key="import.mask_paths", height=68))
        own_id, own_name = st.columns(2)
        dataset_id = own_id.text_input("Data set id (optional)", key="import.dataset_id", placeholder=form.dataset_id)
        name = own_name.text_input("Name (optional)", key="import.name", placeholder=form.name)
        with st.expander("How to import"):
            how = how_to_import()
        with st.container(horizontal=True):
            start = st.form_submit_button(
                "Start import", type="primary", key="import.start", icon=":material/upload:", disabled=busy
            )
            try_out = st.form_submit_button(
                "See what it would do", key="import.try", icon=":material/visibility:", disabled=busy,
                help="Reads the table, lists the images and compares with what is there. Nothing is stored.",
            )  # fmt: skip
    if not start and not try_out:
        return None
    if metadata is None:
        raise InvalidInput("Choose the metadata table first: it has one row per image.")
    if not images:
        raise InvalidInput("Name the images first: zip files to upload, or folders on this machine.")
    own_id_or_none, own_name_or_none = dataset_id.strip() or None, name.strip() or None
    return ImportRequest(
        adapter, taxonomy, metadata.getvalue(), images, masks, own_id_or_none, own_name_or_none, **how, dry_run=try_out
    )


def how_to_import() -> dict[str, Any]:
    """Whether to update, the encoding of tables, and how many workers."""
    update = switch(
        "Update records that are there", key="import.update",
        help="Rows that come again correct their records, and the change log says so for each field. What people here "
        "have decided is kept. Without this, what differs is only listed.",
    )  # fmt: skip
    encoding = choose(
        "Encoding of the table", list(_ENCODINGS), _ENCODINGS.__getitem__, key="import.encoding",
        help="Only where letters come out wrong.",
    )  # fmt: skip
    workers = enter_number_or_none(
        "Workers", 1, 64, key="import.workers", help="Images prepared at once; one per core when empty."
    )
    hide = switch(
        "Store patients, lesions and examiners under pseudonyms, and dates moved per patient", key="import.pseudonyms",
        help="The key lies outside the workspace; with it a person keeps one pseudonym in all imports.",
    )  # fmt: skip
    return {
        "update": update, "encoding": encoding or None, "workers": None if workers is None else int(workers),
        "pseudonyms": hide,
    }  # fmt: skip


def paths_of(text: str) -> list[Path]:
    """The paths that stand in a text, one a line."""
    return [Path(line.strip()).expanduser() for line in text.splitlines() if line.strip()]


def run_import(
    workspace: Workspace,
    request: ImportRequest,
    *,
    imported_by: str,
    progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Import what was asked for, beside the page: nothing here draws. The change log names who imports."""
    with spooled(workspace, request.images) as images, spooled(workspace, request.masks) as masks:
        return import_dataset(
            workspace,
            adapter=request.adapter,
            taxonomy=request.taxonomy,
            metadata=request.metadata,
            images=images,
            masks=masks,
            dataset_id=request.dataset_id,
            name=request.name,
            encoding=request.encoding,
            update=request.update,
            dry_run=request.dry_run,
            workers=request.workers,
            processes=None,
            progress=progress,
            imported_by=imported_by,
            pseudonyms=request.pseudonyms,
        )


def progress_words(progress: ImportProgress, seconds: float) -> str:
    """Say how far the import is, how fast it is and how long it will take."""
    words = f"{progress.done:,} of {counted(progress.total, 'image')}"
    if not progress.done or seconds <= 0:
        return words
    rate = progress.done / seconds
    left = (progress.total - progress.done) / rate
    return f"{words}, {number(rate, 0)} per second, {duration(left)} left"


def forget_earlier_visit() -> None:
    """Take away the result of an import when the page is opened anew: it is one of the past imports by then."""
    if WAY not in st.session_state:  # Streamlit drops the widgets of a page that is left
        for key in keys.OF_ONE_VISIT_OF_IMPORT:
            st.session_state.pop(key, None)
