"""The formats of reading logs, in the order of page, command and docs."""

from dermdash.readings.formats import (
    dermachallenge,
    mapped_csv,
    mrmc_log,
    nature_medicine,
    own_export,
    phase_study,
)
from dermdash.readings.formats.log_format import LogFormat

LOG_FORMATS: dict[str, LogFormat] = {
    form.key: form
    for form in (
        nature_medicine.FORMAT,
        dermachallenge.FORMAT,
        phase_study.FORMAT,
        mrmc_log.IMRMC_FORMAT,
        mrmc_log.CSV_FORMAT,
        own_export.FORMAT,
        mapped_csv.FORMAT,
    )
}


def format_title(key: str) -> str:
    """What people call a format; a log of ours may be of one that is no more, which is called by its key."""
    return LOG_FORMATS[key].title if key in LOG_FORMATS else key
