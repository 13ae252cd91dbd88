"""What in the database contradicts itself: rows that point nowhere, keys that occur twice, answers out of place.

The database keeps no references (see `tables`), so that this is where they are written down.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from dermdash.storage import tables as t
from dermdash.storage.results import read_dicts

_OF_RECORDS = (
    t.verification_task, t.annotation, t.review_outcome, t.consensus, t.board_comment, t.histology, t.reopening,
)  # fmt: skip
_OF_PEOPLE = (
    t.verification_task, t.annotation, t.annotation_draft, t.annotation_refused, t.notice, t.absence, t.board_comment,
)  # fmt: skip
_OF_EXCHANGES = (t.case_exchange, t.study_exchange)
REFERENCES: tuple[tuple[sa.Column[Any], sa.Column[Any]], ...] = (
    (t.record.c.dataset_id, t.dataset.c.id),
    (t.record.c.image_sha256, t.image.c.sha256),
    (t.segmentation.c.record_id, t.record.c.id),
    (t.record_further.c.record_id, t.record.c.id),
    (t.record_set_member.c.set_id, t.record_set.c.id),
    (t.record_set_member.c.record_id, t.record.c.id),
    (t.text_screening.c.image_sha256, t.image.c.sha256),
    (t.text_decision.c.image_sha256, t.image.c.sha256),
    (t.text_decision.c.masked_sha256, t.image.c.sha256),
    (t.text_sign_off.c.dataset_id, t.dataset.c.id),
    (t.import_run.c.dataset_id, t.dataset.c.id),
    (t.import_exclusion.c.run_id, t.import_run.c.id),
    (t.import_change.c.run_id, t.import_run.c.id),
    (t.import_change.c.record_id, t.record.c.id),
    (t.model_training_lesion.c.model_id, t.model.c.id),
    (t.model_choice.c.model_id, t.model.c.id),
    (t.prediction.c.record_id, t.record.c.id),
    (t.prediction.c.model_id, t.model.c.id),
    (t.login_link.c.account_id, t.account.c.id),
    (t.login_session.c.account_id, t.account.c.id),
    (t.account_change.c.account_id, t.account.c.id),
    (t.account_password.c.account_id, t.account.c.id),
    (t.account_identity.c.account_id, t.account.c.id),
    (t.known_browser.c.account_id, t.account.c.id),
    (t.study.c.dataset_id, t.dataset.c.id),
    (t.study.c.model_id, t.model.c.id),
    (t.study_case.c.study_id, t.study.c.id),
    (t.study_case.c.record_id, t.record.c.id),
    (t.study_exchange.c.study_id, t.study.c.id),
    *((table.c[name], t.record.c.id) for table in _OF_EXCHANGES for name in ("old_record_id", "new_record_id")),
    (t.invitation.c.study_id, t.study.c.id),
    (t.invitation_change.c.invitation_id, t.invitation.c.id),
    (t.invitation_group.c.invitation_id, t.invitation.c.id),
    (t.invitation_via.c.group_id, t.invitation_group.c.invitation_id),
    (t.invitation_via.c.invitation_id, t.invitation.c.id),
    (t.invitation_address.c.invitation_id, t.invitation.c.id),
    (t.mail.c.invitation_id, t.invitation.c.id),
    (t.mail_outcome.c.mail_id, t.mail.c.id),
    (t.study_act.c.study_id, t.study.c.id),
    (t.study_act.c.reader_id, t.reader.c.id),
    (t.player_name.c.study_id, t.study.c.id),
    (t.player_name.c.reader_id, t.reader.c.id),
    (t.reader_admission.c.study_id, t.study.c.id),
    (t.reader_admission.c.reader_id, t.reader.c.id),
    (t.reader.c.study_id, t.study.c.id),
    (t.reader.c.invitation_id, t.invitation.c.id),
    (t.reader_profile.c.reader_id, t.reader.c.id),
    (t.reader_arm.c.reader_id, t.reader.c.id),
    (t.reader_arm.c.study_id, t.study.c.id),
    (t.study_amendment.c.study_id, t.study.c.id),
    (t.study_draft.c.study_id, t.study.c.id),
    (t.consent.c.reader_id, t.reader.c.id),
    (t.reader_withdrawal.c.reader_id, t.reader.c.id),
    (t.assignment.c.reader_id, t.reader.c.id),
    (t.assignment.c.case_id, t.study_case.c.id),
    (t.reading.c.study_id, t.study.c.id),
    (t.reading.c.reader_id, t.reader.c.id),
    (t.reading.c.assignment_id, t.assignment.c.id),
    (t.reading.c.case_id, t.study_case.c.id),
    (t.session_event.c.reader_id, t.reader.c.id),
    (t.session_event.c.assignment_id, t.assignment.c.id),
    (t.operating_point.c.model_id, t.model.c.id),
    (t.operating_point_withdrawal.c.operating_point_id, t.operating_point.c.id),
    (t.saliency.c.record_id, t.record.c.id),
    (t.saliency.c.model_id, t.model.c.id),
    (t.saliency_faithfulness.c.record_id, t.record.c.id),
    (t.saliency_faithfulness.c.model_id, t.model.c.id),
    (t.saliency_curve.c.record_id, t.record.c.id),
    (t.saliency_curve.c.model_id, t.model.c.id),
    (t.finding_record.c.finding_id, t.finding.c.id),
    (t.finding_record.c.record_id, t.record.c.id),
    (t.finding_decision.c.finding_id, t.finding.c.id),
    (t.identity_evidence.c.decision_id, t.finding_decision.c.id),
    (t.identity_evidence.c.act_id, t.identity_act.c.id),
    (t.finding_assignment.c.finding_id, t.finding.c.id),
    (t.finding_assignment.c.account_id, t.account.c.id),
    (t.finding_act.c.decision_id, t.finding_decision.c.id),
    (t.reading_log_withdrawal.c.reading_log_id, t.reading_log.c.id),
    (t.step_sent.c.assignment_id, t.assignment.c.id),
    (t.step_sent.c.reader_id, t.reader.c.id),
    (t.picture_key.c.dataset_id, t.dataset.c.id),
    (t.dataset_answer.c.dataset_id, t.dataset.c.id),
    (t.review_rule.c.dataset_id, t.dataset.c.id),
    *((table.c.record_id, t.record.c.id) for table in _OF_RECORDS),
    *((table.c.dataset_id, t.dataset.c.id) for table in _OF_RECORDS if "dataset_id" in table.c),
    *((table.c.task_id, t.verification_task.c.id) for table in (t.task_change, t.annotation, t.annotation_draft)),
    *((table.c.account_id, t.account.c.id) for table in _OF_PEOPLE),
    (t.notice_read.c.notice_id, t.notice.c.id),
    (t.acquisition_measurement.c.record_id, t.record.c.id),
    (t.acquisition_assessment.c.record_id, t.record.c.id),
    (t.acquisition_assessment.c.dataset_id, t.dataset.c.id),
    (t.acquisition_assessment.c.takes_back, t.acquisition_assessment.c.id),
    (t.split_record.c.split_id, t.split.c.id),
    (t.split_record.c.record_id, t.record.c.id),
    (t.split_lock.c.split_id, t.split.c.id),
    (t.split_withdrawal.c.split_id, t.split.c.id),
    (t.dataset_version.c.dataset_id, t.dataset.c.id),
    (t.change_log.c.dataset_id, t.dataset.c.id),
    (t.change_log.c.record_id, t.record.c.id),
)
"""A column and the key it points to; null points nowhere on purpose."""


def lost_references(engine: sa.Engine) -> Iterator[tuple[str, str, str, int]]:
    """(table.column, table it points to, a value that is not there, rows that have one), a tuple per reference."""
    with engine.connect() as connection:
        for column, key in REFERENCES:
            # A table that points to itself is looked at twice, under two names.
            there_key = key.table.alias("pointed_to").c[key.name] if key.table is column.table else key
            there = sa.select(sa.literal(1)).where(there_key == column).correlate(column.table).exists()
            statement = sa.select(sa.func.min(column), sa.func.count()).where(column.is_not(None), ~there)
            example, rows = connection.execute(statement).one()
            if rows:
                yield f"{column.table.name}.{column.name}", key.table.name, str(example), rows


def doubled_keys(engine: sa.Engine) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """(table, columns, values that occur more than once) for each key that the database should keep unique."""
    with engine.connect() as connection:
        for table in t.metadata.sorted_tables:
            for names in _unique(table):
                columns = [table.c[name] for name in names]
                known = [column.is_not(None) for column in columns]
                twice = sa.select(*columns).where(*known).group_by(*columns).having(sa.func.count() > 1).subquery()
                values = connection.execute(sa.select(sa.func.count()).select_from(twice)).scalar_one()
                if values:
                    yield table.name, names, values


def _unique(table: sa.Table) -> Iterator[tuple[str, ...]]:
    for constraint in sorted(table.constraints, key=lambda c: [column.name for column in getattr(c, "columns", ())]):
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            yield tuple(column.name for column in constraint.columns)


def misplaced_readings(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    """(id of a reading, what it contradicts): another reader, case, study or modality than what was assigned."""
    r, a = t.reading.c, t.assignment.c
    checks = {
        "is of another reader than its assignment": r.reader_id != a.reader_id,
        "is of another case than its assignment": r.case_id != a.case_id,
        "has another modality than its assignment": r.modality != a.modality,
        "is practice where its assignment is not, or the reverse": r.practice != a.practice,
        "is of another study than its reader": r.study_id != t.reader.c.study_id,
        "is of another study than its case": r.study_id != t.study_case.c.study_id,
        "is neither unaided nor aided": r.phase.not_in(("unaided", "aided")),
        "is aided where no assistance was assigned": sa.and_(r.phase == "aided", a.modality == "none"),
    }
    joined = (
        t.reading.join(t.assignment, a.id == r.assignment_id)
        .join(t.reader, t.reader.c.id == r.reader_id)
        .join(t.study_case, t.study_case.c.id == r.case_id)
    )
    for words, condition in checks.items():
        for row in read_dicts(engine, sa.select(r.id).select_from(joined).where(condition).order_by(r.id)):
            yield row["id"], words
    first = t.reading.alias()
    unaided = sa.select(sa.literal(1)).where(first.c.assignment_id == r.assignment_id, first.c.phase == "unaided")
    asked = sa.select(r.id).join(t.assignment, a.id == r.assignment_id).where(a.reading != "aided")
    for row in read_dicts(engine, asked.where(r.phase == "aided", ~unaided.exists()).order_by(r.id)):
        yield row["id"], "is aided, and the unaided one before it is missing"


def misplaced_annotations(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    """(id of an annotation, what it contradicts): another person, record, cycle or purpose than its task."""
    a, task = t.annotation.c, t.verification_task.c
    joined = t.annotation.join(t.verification_task, task.id == a.task_id)
    checks = {
        "is of another person than its task": sa.and_(task.account_id.is_not(None), a.account_id != task.account_id),
        "is of another record than its task": a.record_id != task.record_id,
        "is of another cycle than its task": a.cycle != task.cycle,
        "has another purpose than its task": a.purpose != task.purpose,
        "says no diagnosis and is not marked as unsure": sa.and_(a.dx.is_(None), ~a.unsure),
    }
    for words, condition in checks.items():
        for row in read_dicts(engine, sa.select(a.id).select_from(joined).where(condition).order_by(a.id)):
            yield row["id"], words
    other = t.annotation.alias()
    twice = sa.select(sa.literal(1)).where(
        other.c.record_id == a.record_id, other.c.account_id == a.account_id, other.c.cycle == a.cycle,
        other.c.purpose == "initial", a.purpose == "review",
    )  # fmt: skip
    for row in read_dicts(engine, sa.select(a.id).where(twice.exists()).order_by(a.id)):
        yield row["id"], "is a review of the same person's initial annotation"


def gaps(engine: sa.Engine) -> Iterator[tuple[str, str]]:
    """(id of a reader, what is missing): positions never assigned, a profile, and answers missing before a later one.

    Also before a later step that was sent, as none is before the one before it is answered.
    """
    a, r, s = t.assignment.c, t.reading.c, t.step_sent.c
    unaided, aided = (sa.case((r.phase == phase, 1), else_=0) for phase in ("unaided", "aided"))
    answers = (
        sa.select(r.assignment_id, sa.func.sum(unaided).label("unaided"), sa.func.sum(aided).label("aided"))
        .group_by(r.assignment_id)
        .subquery()
    )
    # "aided" comes before "unaided" in the alphabet. One statement sees one moment, also while readers answer.
    sent = sa.select(s.assignment_id, sa.func.min(s.phase).label("last")).group_by(s.assignment_id).subquery()
    columns = [sa.func.coalesce(answers.c[phase], 0).label(phase) for phase in ("unaided", "aided")]
    # Where the aided answers of a round come after all unaided ones, a later case is answered before an earlier one is
    # complete: there only what comes first is looked at.
    in_passes = t.study.c.protocol.contains('"aided_follows":"after_round"')
    statement = (
        sa.select(
            a.reader_id,
            a.part,
            a.period,
            a.position,
            a.modality,
            a.reading,
            *columns,
            sent.c.last.label("sent"),
            in_passes.label("in_passes"),
        )
        .join(t.reader, t.reader.c.id == a.reader_id)
        .join(t.study, t.study.c.id == t.reader.c.study_id)
        .outerjoin(answers, answers.c.assignment_id == a.id)
        .outerjoin(sent, sent.c.assignment_id == a.id)
        .order_by(a.reader_id, a.turn)
    )
    for reader_id, rows in groupby(read_dicts(engine, statement), key=lambda row: row["reader_id"]):
        opened: str | None = None
        half: str | None = None
        after: dict[tuple[int, str], int] = {}
        for row in rows:
            beforehand = row["part"] in ("practice", "screening")
            part = f"{row['part']} case" if beforehand else "case"
            counted_with = (row["period"], row["part"] if beforehand else "rounds")
            position, due = row["position"], after.get(counted_with, 0) + 1
            if position != due:
                yield reader_id, f"{part} {due} was never assigned: {part} {position} comes next"
            after[counted_with] = position
            answered = row["unaided"] + row["aided"]
            if opened is not None and (answered or row["sent"]):
                done = "answered" if answered else "shown"
                yield reader_id, f"{part} {position} was {done} and {opened}, before it, was not answered"
                break
            alone = row["modality"] == "none" or row["reading"] != "sequential"
            if row["sent"] == "aided" and not answered and not alone:
                half = f"{part} {position}"
            if answered < (1 if alone or row["in_passes"] else 2):
                opened = opened or f"{part} {position}"
        else:
            if half is not None:
                yield reader_id, f"the assistance of {half} was shown and its unaided answer is missing"
    profiles = sa.select(sa.literal(1)).where(t.reader_profile.c.reader_id == r.reader_id)
    for row in read_dicts(engine, sa.select(r.reader_id).where(~profiles.exists()).distinct().order_by(r.reader_id)):
        yield row["reader_id"], "the profile is missing, which comes before the first answer"


def files_named(engine: sa.Engine) -> dict[str, dict[str, tuple[str, str]]]:
    """Which files the database names: folder, file name, and what names it (kind and name of a row)."""
    named: dict[str, dict[str, tuple[str, str]]] = {
        "images": {}, "locked": {}, "masks": {}, "models": {}, "reading_logs": {}, "manifests": {},
    }  # fmt: skip
    with engine.connect() as connection:

        def rows(*columns: sa.Column[Any]) -> Any:
            return connection.execute(sa.select(*columns))

        # A version that was covered lies elsewhere, unless a later import has brought the same file again.
        used = sa.select(sa.literal(1)).where(t.record.c.image_sha256 == t.text_decision.c.image_sha256).exists()
        covered = sa.select(t.text_decision.c.image_sha256).where(t.text_decision.c.masked_sha256.is_not(None), ~used)
        locked = set(connection.execute(covered).scalars())
        for sha256, _ in rows(t.image.c.sha256, t.image.c.bytes):
            named["locked" if sha256 in locked else "images"][sha256] = ("image", sha256)
        for sha256, record_id in rows(t.segmentation.c.mask_sha256, t.segmentation.c.record_id):
            named["masks"][sha256] = ("mask of record", record_id)
        for model_id, sha256 in rows(t.model.c.id, t.model.c.checkpoint_sha256):
            named["models"][model_id] = ("model", sha256)
        log = t.reading_log.c
        for sha256, truth, name in rows(log.sha256, log.truth_sha256, log.name):
            named["reading_logs"].update({file: ("reading log", name) for file in (sha256, truth) if file})
        version = t.dataset_version.c
        for sha256, dataset_id, name in rows(version.file_sha256, version.dataset_id, version.name):
            named["manifests"][sha256] = ("manifest of version", f"{name!r} of {dataset_id}")
    return named


def thumbnail_hashes(engine: sa.Engine) -> dict[str, str]:
    """The hash of each thumbnail by that of its original; what was stored before hashes were kept is not in it."""
    c = t.image.c
    statement = sa.select(c.sha256, c.thumbnail_sha256).where(c.thumbnail_sha256.is_not(None))
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(statement)}


def agreed_and_frozen(engine: sa.Engine) -> Iterator[tuple[str, str, str, str]]:
    """Every text that is kept with its hash: "protocol" or "consent", whose it is in words, the text, its sha256."""
    s, a, c = t.study.c, t.study_amendment.c, t.consent.c
    for row in read_dicts(engine, sa.select(s.id, s.protocol, s.protocol_sha256).order_by(s.id)):
        yield "protocol", f"study {row['id']}", row["protocol"], row["protocol_sha256"]
    amended = sa.select(a.study_id, a.number, a.protocol, a.protocol_sha256).order_by(a.study_id, a.number)
    for row in read_dicts(engine, amended):
        of = f"amendment {row['number']} of study {row['study_id']}"
        yield "protocol", of, row["protocol"], row["protocol_sha256"]
    agreed = sa.select(c.reader_id, c.version, c.text, c.text_sha256).order_by(c.reader_id, c.version)
    for row in read_dicts(engine, agreed):
        yield "consent", f"reader {row['reader_id']} (version {row['version']})", row["text"], row["text_sha256"]
