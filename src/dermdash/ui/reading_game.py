"""Points and high score as a reader sees them: in the panel, and on their own page."""

import pandas as pd
import streamlit as st

from dermdash.errors import InvalidInput
from dermdash.reader_study.game import LONGEST_NAME, PER_CASE, WHEN_RIGHT, right_answers_count
from dermdash.reader_study.words import game
from dermdash.reader_study.words.language import Language
from dermdash.reader_study.words.message import in_language
from dermdash.storage.workspace import Workspace
from dermdash.ui.messages import as_text
from dermdash.ui.tables import data_table, height_of
from dermdash.workflows.reader_study import play
from dermdash.workflows.reader_study.conduct import reading_is_over
from dermdash.workflows.reader_study.reading_standing import ReadingSession


def game_words(workspace: Workspace, session: ReadingSession, language: Language) -> str:
    """Where a reader who plays stands; empty for all others."""
    if play.plays_under(workspace, session) is None:
        return ""
    has = play.score(workspace, session)
    streak = (game.RIGHT_IN_A_ROW if has.of_right else game.CASES_IN_A_ROW).said(language, has.streak)
    return f"{game.STANDING.said(language, level=has.level, points=has.points)} · {streak}"


def show_game(workspace: Workspace, session: ReadingSession, language: Language) -> None:
    """Let a reader play along under a name of their own, and see the high score; nothing where there is no game."""
    if not session.protocol.pages.game:
        return
    name = play.plays_under(workspace, session)
    with st.container(border=True):
        st.subheader(game.PLAY.said(language), anchor=False)
        over = reading_is_over(session.conduct) is not None
        counts = right_answers_count(session.protocol, over=over)
        rule = game.RIGHT_COUNTS if counts else game.RIGHT_DOES_NOT_COUNT
        how = game.HOW.said(language, points=PER_CASE)
        st.write(f"{how} {rule.said(language, points=WHEN_RIGHT)}")
        with st.form("game", border=False):
            text = st.text_input(game.YOUR_NAME.said(language), name or "", max_chars=LONGEST_NAME, key="game.name")
            if st.form_submit_button(game.PLAY_ALONG.said(language), type="primary", key="game.play"):
                _play(workspace, session, text, language)
        if name is not None:
            st.write(f"**{as_text(name)}** · {game_words(workspace, session, language)}")
            st.caption(game.NEXT_LEVEL.said(language, points=play.score(workspace, session).next_level_at))
            if st.button(game.LEAVE.said(language), key="game.leave"):
                play.play_no_more(workspace, session)
                st.rerun()
        _high_score(workspace, session, language)


def _play(workspace: Workspace, session: ReadingSession, text: str, language: Language) -> None:
    try:
        play.play_along(workspace, session, text)
    except InvalidInput as error:
        st.error(as_text(in_language(error.args[0], language)), icon=":material/error:")
    else:
        st.rerun()


def _high_score(workspace: Workspace, session: ReadingSession, language: Language) -> None:
    players = play.high_score(workspace, session)
    if not players:
        st.caption(game.NOBODY_PLAYS.said(language))
        return
    columns = {
        game.PLACE.said(language): [one.place for one in players],
        game.NAME.said(language): [f"{one.name} ★" if one.own else one.name for one in players],
        game.LEVEL.said(language): [one.level for one in players],
        game.POINTS.said(language): [one.points for one in players],
    }
    data_table(pd.DataFrame(columns), key="game.table", height=height_of(len(players), most=420))
