"""Which cases of a log belong together, in the words of its columns."""

import pandas as pd
import pytest

from dermdash.errors import InvalidInput
from dermdash.readings.formats.clusters import clusters_of
from dermdash.readings.formats.log_file import LogFile
from dermdash.readings.readings_table import ReadingsTable, make_readings_table
from dermdash.workflows.readings.read_reading_log import read_files

HEAD = "reader,case,phase,modality,dx,truth_dx"


def table_of(text: str, name: str = "log.csv", **options: object) -> ReadingsTable:
    found = read_files([LogFile(name, text.encode())], **options).table  # type: ignore[arg-type]
    assert isinstance(found, ReadingsTable)
    return found


def test_a_cluster_is_what_the_log_calls_it_else_the_patient_else_the_lesion() -> None:
    rows = [
        {"cluster": "K1", "patient_id": "P1", "lesion_id": "L1"},
        {"cluster": "", "patient_id": "P1", "lesion_id": "L2"},
        {"cluster": "", "patient_id": "", "lesion_id": "L2"},
        {"cluster": "", "patient_id": "", "lesion_id": "L3"},
        {"cluster": "NA", "patient_id": "", "lesion_id": ""},
    ]
    assert clusters_of(rows) == ["K1", "patient P1", "patient P1", "lesion L3", None]
    assert clusters_of([{"patient": "1", "lesion": "2"}, {"lesion": "1"}]) == ["patient 1", "lesion 1"]
    assert clusters_of([{"lesion_id": "L1"}, {"lesion_id": "L1"}]) == ["lesion L1", "lesion L1"]


def test_lesions_of_our_own_form_are_units_of_every_analysis() -> None:
    table = table_of(
        f"{HEAD},lesion_id\nA,i1,unaided,none,nv,nv,L1\nA,i2,unaided,none,mel,nv,L1\nA,i3,unaided,none,mel,mel,\n"
    )
    assert table.units == {"i1": "lesion L1", "i2": "lesion L1"}
    assert table.clustered
    assert list(table.unit_numbers(["i1", "i2", "i3"])) == [0, 0, 1]
    assert "not used" not in " ".join(table.notes)


def test_a_cluster_that_one_row_of_a_case_names_holds_for_all_its_rows() -> None:
    table = table_of(
        f"{HEAD},cluster\nA,i1,unaided,none,nv,nv,\nB,i1,unaided,none,nv,nv,K\nA,i2,unaided,none,nv,nv,K\n"
    )
    assert table.frame["cluster"].tolist() == ["K", "K", "K"]


def test_two_clusters_of_a_case_are_refused_with_both_rows() -> None:
    rows = [
        {"reader": r, "case": "i1", "phase": "unaided", "modality": "none", "cluster": c, "row": n}
        for n, (r, c) in enumerate((("A", "P1"), ("B", "P2")), 2)
    ]
    with pytest.raises(InvalidInput, match=r"row 3: case i1 has cluster 'P2' here and 'P1' in row 2: one cluster"):
        make_readings_table(pd.DataFrame(rows), source="log.csv", format="x")


def test_spellings_of_a_cluster_that_look_alike_are_said() -> None:
    table = table_of(
        f"{HEAD},patient_id\nA,i1,unaided,none,nv,nv,P 1\nA,i2,unaided,none,nv,nv,p 1\nA,i3,unaided,none,nv,nv,P 1\n"
    )
    assert any("one cluster" in text for text in table.warnings)
    assert (
        not table_of(
            f"{HEAD},patient_id\nA,i1,unaided,none,nv,nv,P 1\nA,i2,unaided,none,nv,nv,p 1\n",
            spelling_rule={"cluster": "merge"},
        )
        .frame["cluster"]
        .nunique()
        > 1
    )


def test_a_mapping_names_the_column_of_the_patients() -> None:
    table = table_of(
        "Who,What,Patient,Before,After\nA,i1,7,nv,nv\nA,i2,7,mel,nv\n",
        mapping={
            "Who": "reader", "What": "case", "Patient": "cluster", "Before": "dx_unaided", "After": "dx_aided",
            "modality:*": "cbir",
        },
    )  # fmt: skip
    assert table.clustered


def test_the_dermachallenge_log_and_a_study_in_phases_may_name_patients() -> None:
    head = "test_id,tequ_user_id,image_isic_id,tequ_no,tequ_correct,answer,image_diag_id,probType,patient_id"
    body = "\n".join(f"1,u,ISIC_{i},{i},1,nv,nv,no help,P{i // 2}" for i in range(4))
    table = table_of(f"{head}\n{body}\n")
    assert table.unit_of(pd.Series(["ISIC_0", "ISIC_1", "ISIC_2"])).tolist() == [
        "unit patient P0", "unit patient P0", "unit patient P1",
    ]  # fmt: skip
    assert "not used" not in " ".join(table.notes)
    phases = "participant,group,mask,benign_malignant,prediction,confidence,trust,AI_prediction,lesion\n"
    body = "\n".join(f"p,g,m{i},malignant,1,50,50,1,L{i // 2}" for i in range(4))
    table = table_of(phases + body, "x_phase1.csv", mapping={"phase": "1"})
    assert table.clustered
