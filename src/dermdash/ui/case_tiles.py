"""Cases of readings as tiles: lesion, truth, what readers said before and after assistance, what the model says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import streamlit as st

from dermdash.analyses.answer import AnalysisAnswer
from dermdash.analyses.model_predictions import ModelOpinions
from dermdash.charts.palette import diagnosis_color
from dermdash.errors import InvalidInput
from dermdash.readings.case_votes import BENIGN, MALIGNANT, CaseSort, CaseVotes, answer_name, case_votes, in_order
from dermdash.readings.readings_table import ReadingsTable
from dermdash.storage.workspace import Workspace
from dermdash.ui.frontend.exchange.gallery import BadgePayload, TilePayload, VoteBarPayload, VotePartPayload
from dermdash.ui.gallery import gallery
from dermdash.ui.navigation import STUDY_SCRIPT, page_link, switch_page
from dermdash.ui.record_tiles import thumbnail_uri
from dermdash.ui.source_choice import link_to, which_readings
from dermdash.ui.study_tabs import StudyTab
from dermdash.wording import counted, percent, seconds
from dermdash.workflows.reader_study.case_records import records_of_cases

SORT, CASE = "sort", "case"
"""Parameters of the address of the tab of cases."""
STRIP, STRIP_PX = 6, 128
"""Cases in the strip beside an answer, and how wide each is."""
STRIP_HEAD = "Lesions behind it"
Pictures = Mapping[str, tuple[str, str]]
"""Record and hash of the image of a case."""


def cases_query(source_key: str, order: CaseSort, case: str | None = None) -> dict[str, str]:
    """Parameters of a link to the cases of a study or log in an order, or to one of them."""
    one = {} if case is None else {CASE: case}
    return {**link_to(source_key), **StudyTab.CASES.query, SORT: str(order), **one}


def case_tile(
    workspace: Workspace, case: CaseVotes, pictures: Pictures, order: CaseSort, model: ModelOpinions | None = None
) -> TilePayload:
    """One case; ``order`` says which of its figures stands below its name."""
    badges = []
    if model is not None and (said := _model_words(model, case)):
        badges.append(BadgePayload(text=said, shape="square", color=_color(model.diagnosis.get(case.case))))
    bars = [
        _bar(name, votes, right, case.truth)
        for name, votes, right in (
            ("Before", case.before, case.right_before),
            ("After", case.after, case.right_after),
        )
        if votes
    ]
    tile = _plain_tile(workspace, case, pictures, f"{case.case} \N{MIDDLE DOT} {figure_of(case, order)}")
    return TilePayload(**tile, badges=badges, bars=bars)


def _plain_tile(workspace: Workspace, case: CaseVotes, pictures: Pictures, subtitle: str) -> TilePayload:
    picture = pictures.get(case.case)
    return TilePayload(
        id=case.case,
        image="" if picture is None else thumbnail_uri(workspace, picture[1]),
        title=answer_name(case.truth) if case.truth else "Truth not known",
        subtitle=subtitle,
        color=_color(case.truth),
    )


def figure_of(case: CaseVotes, order: CaseSort) -> str:
    """What a case is sorted by, in words."""
    if order is CaseSort.RESCUED:
        return f"{case.rescued} of {counted(case.pairs, 'reader')} rescued"
    if order is CaseSort.MISLED:
        return f"{case.misled} of {counted(case.pairs, 'reader')} misled"
    if order is CaseSort.SPLIT:
        return "one reader" if case.agreement is None else f"{percent(case.agreement, 0)} of pairs agree"
    if order is CaseSort.SLOW:
        return "no time" if case.median_ms is None else f"median {seconds(case.median_ms)}"
    return "truth not known" if case.right_before is None else f"{percent(case.right_before, 0)} right before"


def case_strip(
    workspace: Workspace, source_key: str, cases: tuple[CaseVotes, ...], orders: Sequence[CaseSort], *, key: str
) -> None:
    """The first cases of each order in one row, which leads to the gallery; nothing where no picture is known."""
    if not orders:
        return
    pictures = records_of_cases(workspace, source_key, [c.case for c in cases])
    listed = {order: [c for c in in_order(cases, order) if c.case in pictures] for order in orders}
    listed = {order: found for order, found in listed.items() if found}
    if not listed:
        return
    shown: list[tuple[CaseSort, CaseVotes]] = []
    for row in zip_longest(*([(order, c) for c in found[:STRIP]] for order, found in listed.items())):
        shown += [entry for entry in row if entry is not None]
    chosen: dict[str, tuple[CaseSort, CaseVotes]] = {}
    for order, case in shown:
        chosen.setdefault(case.case, (order, case))
    first = sorted(list(chosen.values())[:STRIP], key=lambda entry: list(listed).index(entry[0]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{STRIP_HEAD}**")
        for order in listed:
            page_link(
                STUDY_SCRIPT, label=order.head, icon=":material/arrow_forward:",
                query_params=cases_query(source_key, order),
            )  # fmt: skip
    tiles = [_plain_tile(workspace, case, pictures, figure_of(case, order)) for order, case in first]
    opened = gallery(tiles, key=f"{key}.strip", tile_px=STRIP_PX, label="Lesions behind the answer")
    if opened is not None:
        order = chosen[opened][0]
        switch_page(STUDY_SCRIPT, query_params=cases_query(source_key, order, opened))


def votes_of(workspace: Workspace, source_key: str, table: ReadingsTable) -> tuple[CaseVotes, ...]:
    """What readers said of each case, counted once for all pages that show these readings."""
    return _votes((str(workspace.home), source_key, which_readings(table)), table)


@st.cache_data(ttl=3600, max_entries=10, show_spinner="Counting the answers")
def _votes(same: tuple[Any, ...], _table: ReadingsTable) -> tuple[CaseVotes, ...]:
    return case_votes(_table)


def strip_of(workspace: Workspace, source_key: str, table: Any, *, key: str) -> Callable[[AnalysisAnswer], None] | None:
    """What shows the cases behind an answer on these readings; None of counts per image, which name no reader."""
    if not isinstance(table, ReadingsTable):
        return None

    def strip(answer: AnalysisAnswer) -> None:
        if answer.cases:
            case_strip(workspace, source_key, votes_of(workspace, source_key, table), answer.cases, key=key)

    return strip


def _bar(name: str, votes: Mapping[str, int], right: float | None, truth: str | None) -> VoteBarPayload:
    total = sum(votes.values())
    parts = [
        VotePartPayload(
            text=f"{answer_name(code)}: {n} of {total}", share=n / total, color=_color(code), right=code == truth
        )
        for code, n in sorted(votes.items(), key=lambda pair: (pair[0] != truth, -pair[1], pair[0]))
    ]
    text = counted(total, "answer") if right is None else f"{round(right * total)} of {total} right"
    return VoteBarPayload(name=name, text=text, parts=parts)


def _model_words(model: ModelOpinions, case: CaseVotes) -> str:
    said = model.diagnosis.get(case.case)
    risk = model.malignancy.get(case.case)
    if said is None:
        return "" if risk is None else f"Model: {percent(risk, 0)} malignant"
    sure = model.probabilities.get(case.case, {}).get(said)
    wrong = "" if case.truth is None or said == case.truth else " (wrong)"
    return f"Model: {answer_name(said)}" + ("" if sure is None else f" {percent(sure, 0)}") + wrong


def _color(code: str | None) -> str | None:
    if code is None or code in (MALIGNANT, BENIGN):
        return None
    try:
        return diagnosis_color(code)
    except InvalidInput:
        return None
