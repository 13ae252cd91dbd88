"""The text that stands beside an export: what it is, what it carries and loses, and how it is imported."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from dermdash.dataset.exports.export_format import DatasetExport, ExportedDataset
from dermdash.dataset.formats.beside_exports import LABELS, LEFT_OUT
from dermdash.records.visible_text import visible_text
from dermdash.wording import counted


def read_me(
    form: DatasetExport,
    dataset: ExportedDataset,
    *,
    written: int,
    left_out: Mapping[str, int],
    notes: Sequence[str],
    only: str,
    names: str,
    images: str,
    folder: str,
) -> bytes:
    """README.txt of an export."""
    about = [
        f"{visible_text(dataset.name)}: {form.title}",
        "",
        f"{counted(written, 'record')}, taxonomy {dataset.taxonomy.name} ({dataset.taxonomy.title}).",
    ]
    if dataset.simulated:
        about.append("The images are drawn, not photographs.")
    about += [
        f"State: {dataset.state or 'not tagged'}.",
        *([f"Split: {dataset.split}."] if dataset.split else []),
        *([f"Only: {only}."] if only else []),
        *([f"Licence: {dataset.licence}."] if dataset.licence else ["The data set names no licence."]),
        *([f"Source: {dataset.source}."] if dataset.source else []),
        names,
        f"Images: {images}",
        "",
        "What stands here",
        f"- {form.description}",
        f"- {LABELS}: who said what of each label, at which stage, blind to what, and what was overruled.",
        f"- {LEFT_OUT}: {counted(sum(left_out.values()), 'record')} of those chosen, left out for the reason given.",
        "",
        "Not the same after an import elsewhere",
        *(f"- {said}" for said in form.loses),
        *([] if form.masks else ["- Masks."]),
        *([] if form.further else ["- Further columns of the source."]),
    ]
    if notes:
        about += ["", "Written as something else, or left empty", *(f"- {note}" for note in notes)]
    command = (
        f"dermdash import auto {shlex.quote(folder)} --dataset {shlex.quote(dataset.id)} "
        f"--name {shlex.quote(dataset.name)} --taxonomy {form.taxonomy or dataset.taxonomy.name}"
    )
    return "\n".join([*about, "", "To import it", f"    {command}", ""]).encode()
