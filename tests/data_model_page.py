"""Writes docs/data-model.md from the registries: `python -m tests.data_model_page` after one of them changed."""

from collections.abc import Iterable
from pathlib import Path

from dermdash.dataset.formats.registry import FORMATS
from dermdash.readings.formats.registry import LOG_FORMATS
from dermdash.readings.modality import Modality
from dermdash.records.fields import FIELDS, Filter
from dermdash.records.record_columns import AFTER_FIELDS, BEFORE_FIELDS, allowed_values
from dermdash.records.record_filter import FILTERS
from dermdash.records.taxonomy import TAXONOMIES
from tests.markdown_table import markdown_table

PAGE = Path(__file__).parents[1] / "docs" / "data-model.md"


def page() -> str:
    """The whole page."""
    parts = [
        "# Data model\n\nWritten from the registries by `python -m tests.data_model_page`; a test compares.\n"
        "How to add to them: [how-to-add.md](how-to-add.md).",
        "## Fields of a record\n\n`dermdash records dictionary --out FILE.csv` (Records page: *Data dictionary*)\n"
        "writes this list as CSV. An import reads a column under any of its names.",
        markdown_table(
            ("field", "title", "block", "values", "meaning", "other names", "used for"),
            (
                (f"`{f.name}`", f.title, str(f.block), allowed_values(f), f.meaning, _names(f.names[1:]), _uses(f))
                for f in FIELDS
            ),
        ),
        "## Other columns of a record",
        markdown_table(
            ("column", "title", "values", "meaning"),
            ((f"`{c.name}`", c.title, c.values, c.meaning) for c in (*BEFORE_FIELDS, *AFTER_FIELDS)),
        ),
        "## Filters\n\nParameters of the address of the Records page, and of `dermdash records export --where\n"
        "NAME=VALUE`. A list takes several values; `unknown` is a missing one. Besides: `text` (part of an image,\n"
        "lesion or patient id) and `quality_source` (`best`, `human`, `estimated`).",
        markdown_table(
            ("parameter", "title", "kind"),
            ((_names(f.parameters), f.title, "list" if f.shape is Filter.OPTIONS else "range") for f in FILTERS),
        ),
        "## Taxonomies",
        markdown_table(
            ("name", "title", "classes (malignant in bold)"),
            (
                (f"`{t.name}`", t.title, ", ".join(f"**{c.code}**" if c.is_malignant else c.code for c in t.classes))
                for t in TAXONOMIES.values()
            ),
        ),
        "## Formats of data sets",
        markdown_table(
            ("command", "title", "columns", "taxonomy"),
            ((f"`dermdash import {f.key}`", f.title, f.needs, f.taxonomy or "asked for") for f in FORMATS.values()),
        ),
        "## Formats of reading logs\n\nIn full: [analysis/reading_logs.md](analysis/reading_logs.md#formats).",
        markdown_table(
            ("`--format`", "title", "what it is"),
            ((f"`{f.key}`", f.title, f.description) for f in LOG_FORMATS.values()),
        ),
        "## Forms of assistance",
        markdown_table(
            ("name", "title", "needs", "in studies"),
            ((f"`{m.value}`", m.label, _needs(m), "yes" if m.form.offered else "in logs only") for m in Modality),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _uses(field: object) -> str:
    uses = {"filter": "filter", "listed": "tables", "subgroup": "subgroups"}
    return ", ".join(text for name, text in uses.items() if getattr(field, name))


def _needs(modality: Modality) -> str:
    form = modality.form
    needs = {"a model": form.needs_model, "an index of similar images": form.needs_neighbours}
    return ", ".join(name for name, needed in (needs | {"earlier readers": form.needs_crowd}).items() if needed)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
