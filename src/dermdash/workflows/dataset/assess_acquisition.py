"""What a person says of an image at the acquisition gate: checklist and score, which accept or reject it.

Whose score holds when: a record's ``image_quality_score`` is the last word of a person, whether at the gate, in an
annotation, by consensus or as a correction; it is never what was measured. Whether a record is rejected follows from
the gate alone: a reviewer who scores an accepted image 2 changes its score and not that it is in the data set, and the
queue lists it as one to look at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from dermdash.dataset.acquisition.checklist import check_answers
from dermdash.errors import InvalidInput, NotFound
from dermdash.records.acts import Act
from dermdash.records.quality_score import SCORES, decision_of
from dermdash.records.taxonomy import get_taxonomy
from dermdash.storage import acquisition as store
from dermdash.storage.act_transaction import ActTransaction, in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import Account
from dermdash.workflows.accounts.rights import Right, require_right
from dermdash.workflows.dataset.acquisition_state import image_at_gate
from dermdash.workflows.dataset.record_of_row import completeness_of

LONGEST_NOTE = 500


def assess(
    workspace: Workspace,
    actor: Account,
    image_sha256: str,
    score: int,
    *,
    checklist: Mapping[str, str] | None = None,
    proposal_hidden: bool = True,
    note: str = "",
    delivery: int | None = None,
    shown: str | None = None,
) -> int:
    """Score an image; 1 and 2 reject every record that shows it, 3 to 5 accept it. Return of how many records.

    Parameters
    ----------
    checklist
        Item to yes, no or na; what is left out was not ticked.
    proposal_hidden
        Whether the person could not see the proposal before this answer. Kept with it: only such answers say how far
        person and measurement agree. It is not where the person has answered before, or was
        ever sent the proposal (`note_seen_proposal`).
    delivery
        The number that a browser gave the answer. It may send it again, to a session that does not know it: the same
        answer of the same person is stored once, and 0 is returned.
    shown
        Id of the answer that held when the person looked, "" where none did; None: whatever holds is replaced.

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        Somebody has answered since; no score from 1 to 5, an item or answer that the checklist does not have, a note
        that is too long.
    NotFound
        No record shows the image.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    if isinstance(score, bool) or score not in SCORES:
        raise InvalidInput(f"{score!r} is no image quality score: choose a whole number from 1 to 5.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"the note has {len(note):,} characters, more than {LONGEST_NOTE}")
    proposal = image_at_gate(workspace, image_sha256).proposal
    proposed = None
    if proposal is not None:
        proposed = {
            "score": proposal.score,
            "version": proposal.version,
            "why": [r.to_json() for r in proposal.reasons],
        }
    answer_id = _answer_id(actor, image_sha256, f"{score}", delivery)
    said = {
        "image_sha256": image_sha256, "score": score, "decision": decision_of(score),
        "checklist": check_answers(checklist or {}), "proposal": proposed,
        "proposed_score": None if proposal is None else proposal.score,
        "takes_back": None, "note": note.strip(),
    }  # fmt: skip

    def work(act: ActTransaction) -> int:
        if store.is_stored(act, answer_id):
            return 0
        rows = store.records_showing(act, image_sha256)
        if not rows:
            raise NotFound(f"No record of this workspace shows the image {image_sha256[:12]}… any more.")
        _refuse_unseen(act, image_sha256, shown)
        blind = proposal_hidden and not store.has_seen(act, image_sha256, actor.id)
        made = [
            {
                **said,
                "proposal_hidden": blind,
                "record_id": r["id"],
                "dataset_id": r["dataset_id"],
                "earlier_score": r["image_quality_score"],
            }
            for r in rows
        ]
        store.add_assessments(act, answer_id, made)
        for row in rows:
            _change(act, row, {"image_quality_score": score, "acquisition": said["decision"]}, reason=note.strip())
        return len(rows)

    return in_one_act(workspace.engine, actor.id, work)


def note_seen_proposal(workspace: Workspace, actor: Account, image_sha256: str) -> None:
    """Note that a person is shown the proposal for an image: whatever they say of it from now on is not blind."""
    require_right(actor, Right.ASSESS_ACQUISITION)
    store.note_seen(workspace.engine, image_sha256, actor.id)


def take_back(
    workspace: Workspace,
    actor: Account,
    image_sha256: str,
    *,
    delivery: int | None = None,
    shown: str | None = None,
) -> int:
    """Take back the assessment of an image that holds; what held before it holds again. Return of how many records.

    Raises
    ------
    AccessDenied
        The person may not.
    InvalidInput
        There is nothing to take back.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    answer_id = _answer_id(actor, image_sha256, "back", delivery)

    def work(act: ActTransaction) -> int:
        if store.is_stored(act, answer_id):
            return 0
        held = store.held_of_image(act, image_sha256)
        if not held:
            raise InvalidInput("Nobody has scored this image at the gate: there is nothing to take back.")
        _refuse_unseen(act, image_sha256, shown)
        _take_back(act, held, answer_id)
        return len(held)

    return in_one_act(workspace.engine, actor.id, work)


def take_last_back(workspace: Workspace, actor: Account, *, delivery: int | None = None) -> str | None:
    """Take back the last answer of a person that holds; return the hash of its image, None where there is none.

    The same delivery again takes nothing else back.

    Raises
    ------
    AccessDenied
        The person may not.
    """
    require_right(actor, Right.ASSESS_ACQUISITION)
    answer_id = _answer_id(actor, "", "undo", delivery)

    def work(act: ActTransaction) -> str | None:
        if store.is_stored(act, answer_id):
            return None
        image_sha256 = store.last_answer_of(act, actor.id)
        if image_sha256 is None:
            return None
        _take_back(act, store.held_of_image(act, image_sha256), answer_id)
        return image_sha256

    return in_one_act(workspace.engine, actor.id, work)


def _refuse_unseen(act: ActTransaction, image_sha256: str, shown: str | None) -> None:
    """Refuse to replace an answer that the person has not seen."""
    held = store.held_of_image(act, image_sha256)
    now_holds = str(held[0]["answer_id"]) if held else ""
    if shown is None or shown == now_holds:
        return
    name = next((row["image_id"] for row in store.records_showing(act, image_sha256)), image_sha256[:12])
    if not held:
        raise InvalidInput(f"The answer about {name} was taken back since you opened it: look at it again.")
    raise InvalidInput(
        f"{name} was {held[0]['decision']} with {held[0]['score']} since you opened it, and yours is not stored: "
        f"choose {held[0]['decision'].capitalize()} to look at it again."
    )


def _take_back(act: ActTransaction, held: Sequence[Mapping[str, Any]], answer_id: str) -> None:
    for row in held:
        values: dict[str, Any] = {"acquisition": store.decision_before(act, row)}
        record = store.record_with_taxonomy(act, row["record_id"])
        # What somebody has said of the image since stays.
        if record["image_quality_score"] == row["score"]:
            values["image_quality_score"] = row["earlier_score"]
        _change(act, record, values, reason="taken back")
    gone = [{**row, "decision": store.TAKEN_BACK, "score": None, "takes_back": row["id"]} for row in held]
    store.add_assessments(act, answer_id, gone)


def _change(act: ActTransaction, record: Mapping[str, Any], values: Mapping[str, Any], *, reason: str) -> None:
    """Change the record, and how complete it is, which the score counts for."""
    complete = completeness_of({**record, **values}, get_taxonomy(record["taxonomy"]))
    changed = {**values, "completeness": complete}
    act.change_record(Act.ACQUISITION, record, changed, reason=reason, derived=("completeness",))


def _answer_id(actor: Account, image_sha256: str, what: str, delivery: int | None) -> str:
    if delivery is None:
        return uuid4().hex
    return uuid5(NAMESPACE_OID, f"{actor.id} {image_sha256} {what} {delivery}").hex
