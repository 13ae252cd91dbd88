"""A whole report of made-up readings, with hostile names where there is room for one."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
from tests.readings_factory import make_readings
from tests.unit.analysis.evaluation_factories import make_probabilities

from dermdash.analyses.declaration import AnalysisContext
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.records.taxonomy import HAM7
from dermdash.report.study_report import StudyReport, build_report
from dermdash.workflows.classifier.evaluation_cases import PredictionFile

HOSTILE = "</script><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"
MADE_AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)


def hostile_readings(**changes: Any) -> ReadingsTable:
    """Readings whose study, readers and profession bear names that would run or load something."""
    table = make_readings(readers=4, cases=14)
    frame = table.frame.assign(
        reader=[f"{HOSTILE}{r}" for r in table.frame["reader"]],
        profession=[HOSTILE if p == "dermatologist" else p for p in table.frame["profession"]],
    )
    options: dict[str, Any] = {"source": HOSTILE, "format": "study", "taxonomy": "ham7", "seed": 1}
    return make_readings_table(frame, **(options | changes))


def predictions_for(table: ReadingsTable, name: str = "net.csv") -> PredictionFile:
    """A file of class probabilities for every case of the table."""
    truth = table.frame.drop_duplicates("case").set_index("case")["truth_dx"]
    p = make_probabilities(np.array([HAM7.codes.index(dx) for dx in truth]), 7, seed=5, skill=1.5)
    lines = [
        f"{case}," + ",".join(f"{v:.6f}" for v in row / row.sum()) for case, row in zip(truth.index, p, strict=True)
    ]
    return PredictionFile(name, "\n".join(["image," + ",".join(HAM7.codes), *lines]).encode())


def whole_report(**changes: Any) -> StudyReport:
    """Every analysis of `hostile_readings` beside a file of predictions."""
    table = hostile_readings(**changes)
    context = AnalysisContext(predictions=predictions_for(table, f"{HOSTILE}.csv"))
    return build_report(table, context, made_at=MADE_AT)
