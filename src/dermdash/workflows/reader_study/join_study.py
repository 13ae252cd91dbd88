"""A reader joins a study: invitation, consent with an order of cases, profile."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.reader_study.profile import ReaderProfile
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.quotas import full_stratum
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words import pages, refusals, running
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.study_texts import study_text
from dermdash.storage import consents, invitations, studies, study_acts
from dermdash.storage.engine import now
from dermdash.storage.one_at_a_time import one_at_a_time
from dermdash.storage.workspace import Workspace
from dermdash.wording import moment
from dermdash.workflows.accounts.access import hash_token
from dermdash.workflows.reader_study.assign_cases import assign_cases
from dermdash.workflows.reader_study.conduct import check_may_begin, conduct_of
from dermdash.workflows.reader_study.invitation_link import link_state
from dermdash.workflows.reader_study.protocol_of_study import protocol_of


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an invitation link admits: to which study, and as which reader once consent is given.

    ``group``: it is for several, and whoever comes by it gets a link of their own first.
    """

    invitation_id: str
    study_id: str
    label: str
    reader_id: str | None
    group: bool = False


def open_invitation(workspace: Workspace, token: str) -> Invited:
    """Return whom a link admits.

    Raises
    ------
    AccessDenied
        The link is unknown, was withdrawn, was replaced by a newer one, or has ended before anybody began with it.
    """
    token_hash = hash_token(token)
    invitation_id, study_id, label, first, group = _invitation(workspace, token_hash)
    state = link_state(
        token_hash, first=first, changes=invitations.changes_of_invitation(workspace.engine, invitation_id)
    )
    if state.withdrawn:
        raise AccessDenied(refusals.LINK_WITHDRAWN)
    if state.replaced:
        raise AccessDenied(refusals.LINK_REPLACED)
    reader_id = None if group else _reader_of(workspace, invitation_id)
    if reader_id is None and state.until is not None and state.until <= now():
        raise AccessDenied(running.LINK_ENDED.filled(until=moment(state.until)))
    return Invited(invitation_id, study_id, label, reader_id, group)


# Asked several times in every step of every reader, and never different once there: remembered. Whether it was
# withdrawn or replaced is asked of the database each time.
@lru_cache(maxsize=4096)
def _invitation(workspace: Workspace, token_hash: str) -> tuple[str, str, str, bool, bool]:
    row = invitations.invitation_by_token_hash(workspace.engine, token_hash)
    if row is None:
        raise AccessDenied(refusals.LINK_INVALID)
    return row["id"], row["study_id"], row["label"], bool(row["first"]), bool(row["group"])


def _reader_of(workspace: Workspace, invitation_id: str) -> str | None:
    try:
        return _known_reader(workspace, invitation_id)
    except NotFound:
        return None


@lru_cache(maxsize=4096)
def _known_reader(workspace: Workspace, invitation_id: str) -> str:
    reader_id = studies.reader_of_invitation(workspace.engine, invitation_id)
    if reader_id is None:
        # Raised, not returned: an answer that will change must not be remembered.
        raise NotFound("Nobody has taken part under this invitation yet.")
    return reader_id


def reader_of(invited: Invited) -> str:
    """The reader who takes part under an invitation.

    Raises
    ------
    AccessDenied
        Nobody does yet.
    """
    if invited.reader_id is None:
        raise AccessDenied(refusals.NOT_TAKING_PART)
    return invited.reader_id


def consent_text_of(protocol: Protocol, language: Language) -> tuple[str, Language]:
    """The consent text that a reader of a language is shown, and the language it is in after all.

    Where the protocol says so it ends with the sentence that some advice may be wrong.
    """
    options = reader_options(protocol)
    text, written_in = study_text(
        protocol.consent_text, "consent_text", language, own=options.language, translations=options.translations
    )
    if protocol.wrong_advice is None or not protocol.wrong_advice.told:
        return text, written_in
    return f"{text.rstrip()}\n\n{pages.SOME_ADVICE_IS_WRONG.said(written_in)}", written_in


def _agreed(protocol: Protocol, language: Language) -> dict[str, Any]:
    text, written_in = consent_text_of(protocol, language)
    return consents.consent_values(
        version=protocol.consent_version, language=written_in, pages_language=language, text=text
    )


def consents_of(workspace: Workspace, reader_id: str) -> list[dict[str, Any]]:
    """What a reader agreed to, the latest last; none of a reader from before consents were kept."""
    return consents.consents_of_reader(workspace.engine, reader_id)


def agree_again(workspace: Workspace, reader_id: str, protocol: Protocol, *, language: Language) -> None:
    """Record that a reader agreed to the consent text as it is now."""
    consents.save_consent(workspace.engine, reader_id, _agreed(protocol, language))


def start_reader(
    workspace: Workspace,
    invited: Invited,
    *,
    simulated: bool = False,
    consented_at: datetime | None = None,
    language: Language = Language.ENGLISH,
) -> str:
    """Record consent and give the reader an order of cases with a modality each; return the reader id.

    A simulated reader may have consented in the past; a person consents now, to the text in their ``language``.
    A second call for the same invitation (two tabs) returns the reader the first one made.

    Raises
    ------
    AccessDenied
        The study is paused, closed, or its time is over.
    InvalidInput
        The invitation is for a group.
    """
    if invited.reader_id is not None:
        return invited.reader_id
    if invited.group:
        raise InvalidInput("the link of a group makes no reader: whoever comes by it takes a link of their own first")
    check_may_begin(workspace, invited.study_id)
    protocol = protocol_of(workspace, invited.study_id)
    reader_id = f"R{uuid4().hex[:10]}"
    values = {
        "id": reader_id,
        "study_id": invited.study_id,
        "invitation_id": invited.invitation_id,
        "consent_version": protocol.consent_version,
        "simulated": simulated,
        **({"consented_at": consented_at} if simulated and consented_at else {}),
    }
    agreed = None if simulated else _agreed(protocol, language)
    # Where arms are balanced within strata, the profile comes first.
    if protocol.design.strata:
        return studies.save_reader(workspace.engine, values=values, assignments=(), consent=agreed)
    # Who begins in the same moment draws from what is stored here, not from what was there before both.
    with one_at_a_time(workspace.engine, invited.study_id):
        drawn = assign_cases(workspace, invited.study_id, reader_id, profile=None)
        return studies.save_reader(
            workspace.engine, values=values, arm=drawn.arm, assignments=drawn.assignments, consent=agreed
        )


def save_profile(workspace: Workspace, reader_id: str, profile: ReaderProfile) -> None:
    """Store what a reader says about themselves, and whether there is a place for them; the first profile stands.

    It comes before their cases where arms are balanced within strata.
    """
    study_id = studies.study_of_reader(workspace.engine, reader_id)
    quotas = conduct_of(workspace, study_id).quotas
    values = {"reader_id": reader_id, **asdict(profile)}
    full = study_acts.admit_reader(
        workspace.engine,
        study_id=study_id,
        profile=values,
        full=lambda admitted: full_stratum(quotas, values, admitted),
    )
    if full is None:
        give_cases(workspace, reader_id)


def give_cases(workspace: Workspace, reader_id: str) -> None:
    """Give a reader with a profile their arm and cases, where they have none yet; the first ones stand."""
    if studies.assignments_of_reader(workspace.engine, reader_id):
        return
    stored = studies.get_profile(workspace.engine, reader_id)
    if stored is None:
        return
    profile = ReaderProfile(**{f.name: stored[f.name] for f in fields(ReaderProfile)})
    study_id = studies.study_of_reader(workspace.engine, reader_id)
    with one_at_a_time(workspace.engine, study_id):
        # Of two tabs the second one finds what the first has drawn.
        if studies.assignments_of_reader(workspace.engine, reader_id):
            return
        drawn = assign_cases(workspace, study_id, reader_id, profile=profile)
        studies.save_assignments(workspace.engine, arm=drawn.arm, assignments=drawn.assignments)
