"""A file of ratings may say which cases are of one lesion or patient."""

from pathlib import Path

import pytest

from dermdash.analyses.mrmc.ratings_file import read_mrmc_file
from dermdash.analysis.mrmc.analysis import analyse_mrmc
from dermdash.analysis.mrmc.choices import Covariance
from dermdash.errors import InvalidInput

ROWS = [
    f"{reader},{modality},c{case},{case % 2},{(case * 7 + reader * 3 + len(modality)) % 5},P{case // 4}"
    for reader in range(3)
    for modality in ("a", "bb")
    for case in range(40)
]


def test_the_units_of_a_file_of_ratings_decide_the_covariance() -> None:
    text = "reader,modality,case,truth,rating,patient_id\n" + "\n".join(ROWS)
    data = read_mrmc_file(text.encode()).data
    assert (len(data.cases), data.unit_count) == (40, 10)
    assert data.units["c0"] == data.units["c3"] == "patient P0"
    assert analyse_mrmc(data).covariance is Covariance.CLUSTERED
    bare = "\n".join(row.rpartition(",")[0] for row in ROWS)
    alone = read_mrmc_file(f"reader,modality,case,truth,rating\n{bare}".encode()).data
    assert analyse_mrmc(alone).covariance is Covariance.JACKKNIFE


def test_a_case_of_two_patients_is_refused_with_both_rows(tmp_path: Path) -> None:
    rows = [*ROWS[:3], ROWS[40].replace("P0", "P9")]
    file = tmp_path / "r.csv"
    file.write_text("reader,modality,case,truth,rating,patient_id\n" + "\n".join(rows))
    with pytest.raises(InvalidInput, match="row 5: case c0 has cluster patient P9, in row 2 it has patient P0"):
        read_mrmc_file(file)
