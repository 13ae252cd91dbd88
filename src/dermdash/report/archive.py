"""The report with every table as CSV in one zip file."""

import io
import json
import zipfile

from dermdash.records.safe_csv import to_safe_csv
from dermdash.report.study_report import StudyReport


def report_archive(report: StudyReport, html: str, pdf: bytes | None = None) -> bytes:
    """``report.html``, ``report.json``, ``tables/<name>.csv`` and, where there is one, ``report.pdf``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.html", html)
        archive.writestr("report.json", json.dumps(report.as_dict(), indent=1, allow_nan=False))
        for table in report.tables:
            archive.writestr(f"tables/{table.name}.csv", to_safe_csv(table.numbers))
        if pdf is not None:
            archive.writestr("report.pdf", pdf)
    return buffer.getvalue()
