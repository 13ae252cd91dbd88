"""Every format of the registry keeps the same contract, on a small source of its own layout."""

from pathlib import Path

import pytest
from tests.unit.dataset.formats.source_samples import SAMPLES

from dermdash.dataset.formats.layout import ANY, TARGETS
from dermdash.dataset.formats.recognition import recognise_source
from dermdash.dataset.formats.registry import FORMATS, RECOGNISED
from dermdash.dataset.formats.source_files import list_source
from dermdash.errors import InvalidInput
from dermdash.workflows.dataset.import_source import prepare_import

KEYS = list(RECOGNISED)


def test_every_format_has_a_sample() -> None:
    assert set(SAMPLES) == set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_format_recognises_its_source_and_closes_the_account_of_its_rows(key: str, tmp_path: Path) -> None:
    sample = SAMPLES[key]
    summary = prepare_import([sample.write(tmp_path)]).summary
    assert summary.format == key
    assert (summary.rows, summary.with_label, summary.images) == (sample.rows, sample.with_label, sample.images)
    assert summary.rows == summary.with_record + sum(summary.excluded.values())
    assert dict(summary.excluded) == sample.excluded
    assert sample.fields.items() <= summary.fields.items()
    assert summary.with_class <= summary.with_label <= summary.with_record
    assert not summary.lacks


@pytest.mark.parametrize("key", KEYS)
def test_a_source_is_refused_as_any_other_format_and_its_own_is_named(key: str, tmp_path: Path) -> None:
    listing = list_source([SAMPLES[key].write(tmp_path)])
    # Any table can be read as one, when somebody asks for that.
    for other in (k for k in KEYS if k not in (key, "table")):
        with pytest.raises(InvalidInput) as caught:
            recognise_source(listing, RECOGNISED, asked=other)
        assert f"({key})" in str(caught.value), other


@pytest.mark.parametrize("key", KEYS)
def test_every_image_of_a_source_has_an_id_of_its_own_and_says_its_row(key: str, tmp_path: Path) -> None:
    table = prepare_import([SAMPLES[key].write(tmp_path)]).table
    ids = [record.image_id for record in table.records]
    assert len(ids) == len(set(ids))
    assert all(record.row and record.lesion_id for record in table.records)


def test_a_layout_speaks_only_of_targets_that_exist_and_names_each_column_in_small_letters() -> None:
    for form in FORMATS.values():
        if form.layout is None:
            continue
        assert set(form.layout.constants) <= TARGETS, form.key
        for table in form.layout.tables:
            every = (*table.columns, *(c for p in table.pictures for c in p.columns))
            for column in every:
                assert column.name == column.name.lower(), form.key
                assert all(word == word.lower() or word == ANY for word in column.values), (form.key, column.name)


def test_every_format_is_documented() -> None:
    page = (Path(__file__).parents[4] / "docs" / "formats.md").read_text("utf-8")
    assert [key for key in KEYS if f"| `{key}` |" not in page] == []


def test_formats_that_are_read_under_another_key_name_one_that_is_known() -> None:
    assert {f.alias_of for f in FORMATS.values() if f.alias_of} <= set(RECOGNISED)
