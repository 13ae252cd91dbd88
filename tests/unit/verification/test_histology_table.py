import io
from datetime import date, datetime

import pandas as pd
from tests.unit.records.spreadsheet_factory import make_workbook

from dermdash.verification.histology_table import read_histology

HEADS = ["image_id", "diagnosis", "report_date", "comment"]
ROW = ["A", "melanoma", "2024-03-05", "Breslow 0,4 mm"]


def test_results_come_as_a_workbook_as_parquet_and_in_another_encoding() -> None:
    csv = "\n".join(";".join(line) for line in (HEADS, ROW))
    parquet = io.BytesIO()
    pd.DataFrame([[ROW[0], ROW[1], datetime(2024, 3, 5), ROW[3]]], columns=HEADS).to_parquet(parquet)
    (expected,), _ = read_histology(csv.encode())
    assert (expected.image_id, expected.dx_text, expected.report_date) == ("A", "melanoma", date(2024, 3, 5))
    for source in (make_workbook({"results": [HEADS, ROW]}), parquet.getvalue(), csv.encode("utf-16")):
        assert read_histology(source)[0] == (expected,)
