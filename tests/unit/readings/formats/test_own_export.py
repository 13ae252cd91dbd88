"""The export of a study is a log that can be read."""

from dermdash.reader_study.reading_columns import READING_COLUMN_NAMES
from dermdash.readings.formats.own_export import recognises


def test_every_column_that_a_study_exports_is_known_to_whoever_reads_it_back() -> None:
    found = recognises(READING_COLUMN_NAMES)
    assert found.foreign == ()
    assert found.fits
    assert recognises((*READING_COLUMN_NAMES, "foreign")).foreign == ("foreign",)
