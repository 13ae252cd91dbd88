"""What somebody sees who comes by the link of a group or without one, and a reader while nothing is read."""

from collections.abc import Iterable, Sequence

import streamlit as st

from dermdash.charts.qr_code import qr_png
from dermdash.errors import AccessDenied
from dermdash.reader_study.conduct import StudyConduct, StudyStanding
from dermdash.reader_study.quotas import stratum_title
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.reader_way import way_words
from dermdash.reader_study.words import pages, participation, running
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import in_language
from dermdash.storage.engine import now
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.joined_before import joined_here, remember_here
from dermdash.ui.messages import as_text
from dermdash.ui.qr_picture import show_picture
from dermdash.ui.reader_frame import reader_frame
from dermdash.ui.reader_language import shown_language
from dermdash.wording import moment
from dermdash.workflows.reader_study import recruitment
from dermdash.workflows.reader_study.conduct import enough_readers, not_read_now, standing_of, told_besides
from dermdash.workflows.reader_study.join_study import Invited
from dermdash.workflows.reader_study.joined_before import (
    JoinedBefore,
    joined_before,
    study_in_browsers,
    was_told_before,
)
from dermdash.workflows.reader_study.protocol_of_study import protocol_of

_WIDTH = 680
_ASK_AGAIN_S = 20.0


def join_page(workspace: Workspace, invited: Invited) -> None:
    """What a link for several leads to: from here on everybody has a link of their own."""
    protocol = protocol_of(workspace, invited.study_id)
    options = reader_options(protocol)
    language = shown_language(options)
    kept = joined_here(study_in_browsers(workspace, invited.study_id))
    before = joined_before(workspace, invited, kept)
    account = access.current_account() if protocol.tells_at_once else None
    account_id = None if account is None else account.id
    told = was_told_before(workspace, invited.study_id, kept, account_id=account_id)
    goes_on = bool(before) and (told or not st.session_state.get(keys.SOMEBODY_ELSE))
    # Who has begun goes on whether or not somebody else could begin.
    if not goes_on and say_cannot_begin(workspace, invited.study_id, language, options.languages):
        return
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        reader_frame(language, options.languages)
        st.title(pages.READER_STUDY.said(language), anchor=False)
        st.header(as_text(protocol.name), anchor=False)
        if goes_on:
            _offer_to_go_on(before, language, told=told)
            return
        if told:
            st.info(running.TOLD_HERE.said(language), icon=":material/group_off:")
            return
        st.write(way_words(protocol, language))
        full = recruitment.full_strata(workspace, invited.study_id)
        if full:
            groups = "; ".join(stratum_title(stratum, language) for stratum in full)
            st.warning(as_text(running.FULL_FOR.said(language, groups=groups)), icon=":material/group_off:")
        with st.container(border=True):
            st.markdown(running.GROUP_LINK.said(language))
            if st.button(running.BEGIN.said(language), type="primary", key="join.begin"):
                _begin(workspace, invited, language, kept=kept, account_id=account_id)


def _offer_to_go_on(before: Sequence[JoinedBefore], language: Language, *, told: bool) -> None:
    """Readings that were begun in this browser; somebody else at it begins their own unless diagnoses were told."""
    with st.container(border=True):
        st.markdown(running.BEGUN_HERE.said(language))
        for number, one in enumerate(before):
            left, right = st.columns([3, 2], vertical_alignment="center")
            left.markdown(_how_far(one, language))
            if right.button(running.GO_ON.said(language), type="primary", key=f"join.go_on.{number}", width="stretch"):
                st.query_params.from_dict({"invitation": one.token, "language": str(language)})
                st.rerun()
        if told:
            st.caption(running.TOLD_HERE.said(language))
        elif st.button(running.SOMEBODY_ELSE.said(language), key="join.somebody_else"):
            st.session_state[keys.SOMEBODY_ELSE] = True
            st.rerun()


def _how_far(one: JoinedBefore, language: Language) -> str:
    if one.began is None:
        return running.NOT_BEGUN_YET.said(language)
    read = participation.READ_SO_FAR.said(language, one.cases_done, total=one.cases_total)
    return f"{running.BEGUN_AT.said(language, moment=moment(one.began))}  \n{read}"


def open_page_without_link(workspace: Workspace, study_id: str) -> None:
    """The page on which anybody may begin, where the study looks for readers; else why not."""
    try:
        invited = recruitment.open_public_page(workspace, study_id)
    except AccessDenied as error:
        st.error(as_text(in_language(error.args[0], shown_language())), icon=":material/lock:")
    else:
        join_page(workspace, invited)


def _begin(
    workspace: Workspace, invited: Invited, language: Language, *, kept: Iterable[str], account_id: str | None
) -> None:
    address = st.context.ip_address or ""
    try:
        made = recruitment.take_own_link(workspace, invited, address=address, kept=kept, account_id=account_id)
    except AccessDenied as error:
        st.error(as_text(in_language(error.args[0], language)), icon=":material/group_off:")
        return
    st.session_state[keys.OWN_LINK] = made.link, study_in_browsers(workspace, invited.study_id)
    st.query_params.from_dict({"invitation": made.token, "language": str(language)})
    st.rerun()


def own_link(language: Language) -> None:
    """Show who has just come their own link, until they have consented: they need it to come back."""
    link, study = st.session_state.get(keys.OWN_LINK, ("", ""))
    if link:
        remember_here(study, link.rpartition("=")[2])
        st.info(running.OWN_LINK.said(language), icon=":material/bookmark:")
        st.code(link, language=None, wrap_lines=True)
        with st.expander(running.QR_CODE.said(language), icon=":material/qr_code_2:"):
            show_picture(qr_png(link), label=running.QR_CODE.said(language))


def say_cannot_begin(workspace: Workspace, study_id: str, language: Language, offered: Iterable[Language]) -> bool:
    """Say why nobody can begin now; False where somebody can."""
    if say_not_read(standing_of(workspace, study_id), language, offered):
        return True
    words = enough_readers(workspace, study_id)
    if words is None:
        return False
    _say_thanks(words.said(language), language, offered)
    return True


def say_not_read(conduct: StudyConduct, language: Language, offered: Iterable[Language]) -> bool:
    """Say why the study is not read now, and look again while it is paused; False where it is read."""
    words = not_read_now(conduct)
    if words is None:
        return False
    paused = conduct.standing(now()) is StudyStanding.PAUSED
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        reader_frame(language, offered)
        st.title((running.PAUSED if paused else running.OVER).said(language), anchor=False)
        st.info(words.said(language), icon=":material/pause_circle:" if paused else ":material/event_busy:")
        if besides := told_besides(conduct):
            st.markdown(as_text(besides))
        if paused:
            st.caption(running.GOES_ON_BY_ITSELF.said(language))
            _ask_again()
    return True


@st.fragment(run_every=_ASK_AGAIN_S)
def _ask_again() -> None:
    if st.session_state.get(keys.ASKED_AGAIN):
        st.session_state[keys.ASKED_AGAIN] = False
        st.rerun()
    st.session_state[keys.ASKED_AGAIN] = True


def say_no_place(workspace: Workspace, reader_id: str, language: Language, offered: Iterable[Language]) -> bool:
    """Say that there was no place for a reader; False where there was."""
    stratum = recruitment.no_place_for(workspace, reader_id)
    if stratum is None:
        return False
    _say_thanks(running.NO_PLACE.said(language, group=stratum_title(stratum, language)), language, offered)
    return True


def _say_thanks(words: str, language: Language, offered: Iterable[Language]) -> None:
    with st.container(horizontal_alignment="center"), st.container(width=_WIDTH):
        reader_frame(language, offered)
        st.title(running.THANK_YOU_FOR_INTEREST.said(language), anchor=False)
        st.info(as_text(words), icon=":material/group_off:")
