"""What readers see beside the cases of a study, looked up when it is frozen."""

from dermdash.reader_study.beside_case import BesideCase, beside_cases
from dermdash.reader_study.drawn_cases import CaseSelection
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_parts import CaseView
from dermdash.storage import acquisition, records
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.identity_groups import ONE_LESION, identity_groups


def cases_with_surroundings(
    workspace: Workspace, protocol: Protocol, selection: CaseSelection
) -> dict[str, BesideCase]:
    """What readers would see beside each case, by record; empty where the protocol shows nothing there."""
    if protocol.view == CaseView():
        return {}
    rows = records.records_of_dataset(workspace.engine, protocol.dataset_id)
    told = selection.cases if protocol.tells_at_once else selection.practice_cases
    cases = {case.record_id for case in selection.cases}
    # What the acquisition gate rejected is shown nowhere.
    rejected = acquisition.rejected_ids(workspace.engine, [protocol.dataset_id]) - cases
    rows = rows[~rows["id"].isin(rejected)]
    lesions = identity_groups(workspace, ONE_LESION).of(rows["id"].tolist())
    return beside_cases(
        rows.assign(one_lesion=lesions).rename(columns={"id": "record_id"}),
        view=protocol.view,
        cases=[case.record_id for case in selection.cases],
        told=[case.record_id for case in told],
    )
