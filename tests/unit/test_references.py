"""The references between tables that `dermdash check` looks at are all there are."""

from dermdash.storage.consistency import REFERENCES
from dermdash.storage.tables import metadata

NOT_KEPT = {
    "model.dataset_id": "the data set of a model from elsewhere need not be here",
    "operating_point.dataset_id": "nor that on which such a model's point was chosen",
    "model_choice.replaced_model_id": "a note of what was before",
    "record.import_run_id": "a run is logged when it has ended, which an interrupted one has not",
    "finding.model_id": "a note of how it was found",
    "finding_decision.account_id": "a note of who decided",
    "finding_search.record_id": "a note of what need not be searched again",
    "record.image_id": "a name in the data set", "record.lesion_id": "a name in the data set",
    "record.patient_id": "a name in the data set", "record.examiner_id": "a name in the data set",
    "import_exclusion.image_id": "a name in the data set",
    "annotation_refused.task_id": "what a browser named, perhaps no task",
    "task_lease.account_id": "over within the hour",
    "finding_act.act_id": "one act for all decisions of a click",
    "acquisition_assessment.answer_id": "one answer for all records that show a file",
    "change_log.account_id": "who, perhaps nobody known or the command line",
    **dict.fromkeys(
        (
            "task_change.account_id", "review_rule.account_id", "consensus.account_id", "histology.account_id",
            "reopening.account_id", "text_decision.account_id", "text_sign_off.account_id", "dataset_answer.account_id",
            "acquisition_assessment.account_id", "acquisition_proposal_seen.account_id", "record_set.account_id",
            "identity_act.account_id", "case_exchange.account_id", "study_exchange.account_id", "study_act.account_id",
            "mail.account_id", "study_amendment.account_id", "study_draft.account_id",
        ),
        "who decided, perhaps by the command line",
    ),
}  # fmt: skip


def test_every_column_that_names_another_row_is_looked_at_or_says_why_not() -> None:
    columns = {str(column) for table in metadata.tables.values() for column in table.c if column.name.endswith("_id")}
    looked_at = {str(column) for column, _ in REFERENCES}
    assert columns - looked_at == NOT_KEPT.keys()
