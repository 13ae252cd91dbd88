"""What counts as never seen by a model: not the lesion, not its patient, not the file, not a confirmed twin."""

import pandas as pd
from tests.confirmed_pairs import confirm
from tests.filled_workspace import DATASET, MODEL, fill_model, fill_records

from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.classifier.held_out import held_out_records


def lesions_held_out(workspace: Workspace) -> set[str]:
    rows: pd.DataFrame = records.records_of_dataset(workspace.engine, DATASET)
    return set(rows["lesion_id"][held_out_records(workspace, MODEL, rows)])


def test_lesions_of_the_training_are_not_held_out_and_others_are(duckdb_workspace: Workspace) -> None:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace), trained_lesions=("L_nv_4", "L_mel_4"))
    found = lesions_held_out(duckdb_workspace)
    assert not {"L_nv_4", "L_mel_4"} & found
    assert {"L_nv_3", "L_df_3"} <= found


def test_a_record_confirmed_to_show_a_trained_lesion_counts_as_seen(duckdb_workspace: Workspace) -> None:
    fill_model(duckdb_workspace, fill_records(duckdb_workspace), trained_lesions=("L_nv_4",))
    rows = records.records_of_dataset(duckdb_workspace.engine, DATASET).drop_duplicates("lesion_id")
    id_of = rows.set_index("lesion_id")["id"]
    confirm(duckdb_workspace, id_of["L_nv_4"], id_of["L_df_3"], "same_lesion")
    confirm(duckdb_workspace, id_of["L_df_3"], id_of["L_vasc_3"], "same_image")  # a twin of the twin
    # Lesion 0 has a second image and a patient with a lesion of the next class: both go with the twin.
    confirm(duckdb_workspace, id_of["L_vasc_3"], id_of["L_akiec_0"], "same_lesion")
    confirm(duckdb_workspace, id_of["L_nv_4"], id_of["L_bkl_3"], "different")
    found = lesions_held_out(duckdb_workspace)
    assert not {"L_nv_4", "L_df_3", "L_vasc_3", "L_akiec_0", "L_bcc_0"} & found
    assert "L_bkl_3" in found
