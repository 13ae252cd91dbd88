"""What a study holds: who took part, every reading, and the CSV files."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from dermdash.errors import InvalidInput, NotFound
from dermdash.reader_study.conduct import mark_of, marks_after
from dermdash.reader_study.nature_medicine_export import build_nature_medicine_table, to_nature_medicine_csv
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reading_columns import data_dictionary
from dermdash.reader_study.readings_export import build_readings_table
from dermdash.readings.small_cells import SmallCells, without_small_cells
from dermdash.records.safe_csv import to_safe_csv
from dermdash.storage import invitations as invitation_rows
from dermdash.storage import models, readings, records, studies, study_progress, withdrawals
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import identity_groups
from dermdash.workflows.dataset.private_export import AS_IT_IS, Privacy, hidden
from dermdash.workflows.reader_study.amend_study import amendments_of
from dermdash.workflows.reader_study.blinding import check_results_open
from dermdash.workflows.reader_study.conduct import acts_of_study
from dermdash.workflows.reader_study.protocol_of_study import protocol_of
from dermdash.workflows.reader_study.run_reading import ANSWER_REFUSED


def list_studies(workspace: Workspace) -> list[dict[str, Any]]:
    """Every study with its numbers of readers and readings, newest first."""
    return studies.list_studies(workspace.engine)


def find_study(workspace: Workspace, name_or_id: str) -> dict[str, Any]:
    """Return the study of that id, or else of that name.

    Raises
    ------
    NotFound
        None, or several, are called so; the message lists the ids there are.
    """
    every = list_studies(workspace)
    found = [s for s in every if s["id"] == name_or_id] or [s for s in every if s["name"] == name_or_id]
    if len(found) != 1:
        known = ", ".join(s["id"] for s in every) or "none yet"
        what = "several studies are" if found else "no study is"
        raise NotFound(f"{what} called {name_or_id!r}; the ids are: {known}")
    return found[0]


def study_protocol(workspace: Workspace, study_id: str) -> Protocol:
    """The frozen protocol of a study."""
    return protocol_of(workspace, study_id)


def study_cases(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """The cases of a study with their truth: for the coordinator, never for a reader."""
    return studies.cases_of_study(workspace.engine, study_id)


def invitations(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """Invitations with label, times and the reader each led to."""
    return invitation_rows.list_invitations(workspace.engine, study_id)


def reader_labels(workspace: Workspace, study_id: str) -> dict[str, str]:
    """The readers of a study in the order in which they came, each with the label of their invitation."""
    return {
        str(row["id"]): str(row["label"])
        for row in studies.readers_of_study(workspace.engine, study_id).to_dict("records")
    }


def reader_progress(workspace: Workspace, study_id: str) -> pd.DataFrame:
    """One row per reader: label, profile, cases done and total (practice left out), time of the last answer."""
    readers = studies.readers_of_study(workspace.engine, study_id)
    if readers.empty:
        return readers.assign(reader=[], cases_done=[], cases_total=[], last_answer=[])
    stored = study_progress.answers_by_reader(workspace.engine, study_id, fast_ms=0).set_index("reader_id")
    assigned = studies.assigned_cases(workspace.engine, study_id)
    cases = protocol_of(workspace, study_id).read_by_one
    return readers.rename(columns={"id": "reader"}).assign(
        cases_done=lambda f: f["reader"].map(stored["cases_done"]).fillna(0).astype(int),
        cases_total=lambda f: [assigned.get(reader, cases) for reader in f["reader"]],
        last_answer=lambda f: f["reader"].map(stored["last_at"]),
    )


def answers_left_out(workspace: Workspace, study_id: str) -> dict[str, int]:
    """Answers that are no part of the results, counted by reason."""
    practice = readings.count_practice_readings(workspace.engine, study_id)
    refused = readings.count_events(workspace.engine, study_id, ANSWER_REFUSED)
    counts = {
        "answers to practice cases": practice,
        "answers in rounds that were begun again": readings.count_readings_begun_again(workspace.engine, study_id),
        "answers refused, as to a case that was answered": refused,
    }
    return {reason: n for reason, n in counts.items() if n}


def readings_table(workspace: Workspace, study_id: str, *, privacy: Privacy = AS_IT_IS) -> pd.DataFrame:
    """One row per reading (practice left out) with every logged column, as the CSV has it.

    Raises
    ------
    StillBlinded
        The protocol keeps results from everybody until the study is closed.
    """
    check_results_open(workspace, study_id)
    study = studies.get_study(workspace.engine, study_id)
    protocol = protocol_of(workspace, study_id)
    stored = readings.readings_of_study(workspace.engine, study_id)
    stored = stored[~stored["begun_again"].astype(bool)]
    stored = stored.assign(amendment=_amendment_at(workspace, study_id, stored["recorded_at"]))
    marks = {reader: str(mark_of(act)) for reader, act in marks_after(acts_of_study(workspace, study_id)).items()}
    stored = stored.assign(reader_mark=stored["reader_id"].map(marks).astype(object))
    of_dataset = stored["record_id"].map(lambda record_id: str(record_id).partition(":")[0])
    clusters = clusters_of_study(workspace, study_id)
    left = withdrawals.withdrawals_of_study(workspace.engine, study_id)
    stored = stored.assign(
        withdrawn=stored["reader_id"].isin(left),
        plants=protocol.wrong_advice is not None,
        dataset_id=of_dataset,
        cluster=stored["record_id"].map(clusters),
    )
    return build_readings_table(
        hidden(workspace, stored, privacy),
        study_name=study["name"],
        protocol_sha256=study["protocol_sha256"],
        model_id=study["model_id"],
        taxonomy=protocol.classes,
    )


def _amendment_at(workspace: Workspace, study_id: str, moments: pd.Series[Any]) -> pd.Series[Any]:
    """The number of the amendment that held at each moment; 0 before the first."""
    made = [amendment.made_at for amendment in amendments_of(workspace, study_id)]
    return moments.map(lambda moment: sum(at <= moment for at in made)).astype("int64")


def clusters_of_study(workspace: Workspace, study_id: str) -> dict[str, str]:
    """What each record of a study belongs to (patient, lesion, file, confirmed pair), named by its smallest image."""
    cases = studies.cases_of_study(workspace.engine, study_id)
    rows = records.records_by_id(workspace.engine, cases["record_id"])
    found = identity_groups(workspace).clusters_of(list(rows["id"]), list(rows["image_id"].astype(str)))
    return dict(zip(rows["id"].astype(str), found, strict=True))


def readings_to_share(
    workspace: Workspace, study_id: str, logged: pd.DataFrame | None = None, *, privacy: Privacy = AS_IT_IS
) -> SmallCells:
    """The same table as it may leave the workspace: without values of the profile that too few readers share.

    ``logged`` is `readings_table` of the study, where the caller has it already.
    """
    table = readings_table(workspace, study_id, privacy=privacy) if logged is None else logged
    return without_small_cells(table, minimum=workspace.settings.minimum_group, single_readers=True)


def export_readings(workspace: Workspace, study_id: str, *, privacy: Privacy = AS_IT_IS) -> bytes:
    """The readings as CSV (UTF-8), one row per reading with every logged column, without small groups of readers."""
    return to_safe_csv(readings_to_share(workspace, study_id, privacy=privacy).frame)


def export_data_dictionary(workspace: Workspace, study_id: str) -> bytes:
    """What each column of the readings CSV means, and what was merged in it, as CSV."""
    return to_safe_csv(data_dictionary(readings_to_share(workspace, study_id)))


def export_nature_medicine(workspace: Workspace, study_id: str, *, decimal: Literal[",", "."] = ",") -> bytes:
    """The study in the format of the public file of the Nature Medicine 2020 study.

    Raises
    ------
    InvalidInput
        The study does not use the seven classes of that format, or asks for no diagnosis.
    """
    study = studies.get_study(workspace.engine, study_id)
    table = readings_table(workspace, study_id)
    if not protocol_of(workspace, study_id).asked.diagnosis:
        raise InvalidInput("readers were asked for no diagnosis, of which the Nature Medicine file is made")
    cases = studies.cases_of_study(workspace.engine, study_id)
    rows = records.records_by_id(workspace.engine, cases["record_id"])
    image_ids: dict[str, str] = dict(zip(rows["id"], rows["image_id"], strict=True))
    model_probabilities: dict[str, dict[str, float]] = {}
    if study["model_id"]:
        found = models.predictions_of_model(workspace.engine, study["model_id"], list(image_ids))
        model_probabilities = {
            image_ids[record_id]: probabilities
            for record_id, probabilities in zip(found["record_id"], found["probabilities"], strict=True)
        }
    crowd = readings.crowd_shown(workspace.engine, study_id)
    table = build_nature_medicine_table(
        readings=table[table["repeat"] == 0],
        taxonomy_name=protocol_of(workspace, study_id).taxonomy,
        model_probabilities=model_probabilities,
        crowd_probabilities={image_ids[r]: shares for r, shares in crowd.items() if r in image_ids},
    )
    return to_nature_medicine_csv(table, decimal=decimal)


def session_events(workspace: Workspace, study_id: str) -> bytes:
    """Session events (focus lost, pauses, reloads, refused answers) as CSV."""
    return to_safe_csv(readings.events_of_study(workspace.engine, study_id))
