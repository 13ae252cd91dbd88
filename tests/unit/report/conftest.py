import pytest
from tests.unit.report.report_factory import whole_report

from dermdash.report.study_report import StudyReport


@pytest.fixture(scope="session")
def report() -> StudyReport:
    """Every analysis of made-up readings with hostile names; made once."""
    return whole_report()
