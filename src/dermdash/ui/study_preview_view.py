"""A study as its readers see it, shown to its team: the very screens of readers, at any step, and nothing is stored."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import streamlit as st

from dermdash.errors import DermdashError
from dermdash.reader_study.design import Arm
from dermdash.reader_study.outbox import EventKind, ReadingSubmission
from dermdash.reader_study.preview_way import ASSISTED, PreviewStep, Stop
from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.reader_options import reader_options
from dermdash.reader_study.words.language import Language
from dermdash.readings.modality import Modality, Phase
from dermdash.storage.workspace import Workspace
from dermdash.ui import access, keys
from dermdash.ui.choices import choose, choose_segment, switch
from dermdash.ui.frontend import read_styles
from dermdash.ui.messages import error_words
from dermdash.ui.outbox_component import held_by_browser
from dermdash.ui.reader_forms import consent_form, profile_form
from dermdash.ui.reader_frame import reader_frame
from dermdash.ui.reading_look import asked_look
from dermdash.ui.reading_panel import Delivered, reading_panel
from dermdash.ui.reading_payload import panel_data
from dermdash.workflows.accounts.rights import Right
from dermdash.workflows.reader_study.preview_study import PreviewStudy, preview_of_protocol, preview_of_study
from dermdash.workflows.reader_study.run_reading import Receipt

_DEVICE = "preview-window"
_DEVICES = {"laptop": ("Laptop", 1366, 768), "tablet": ("Tablet", 768, 1024), "phone": ("Phone", 390, 844)}
"""Title, width and height of a window in CSS pixels."""
_WIDTHS = (250, 230, 250, 140, 240)
_LEAVES = (EventKind.BEGIN, EventKind.CONTINUE)


def preview_as_reader(workspace: Workspace, protocol: Protocol) -> None:
    """Show a protocol that is not frozen yet as its readers will see it."""
    _prepare(lambda: preview_of_protocol(workspace, protocol))


def see_as_reader(workspace: Workspace, study_id: str) -> None:
    """Offer to see a frozen study as its readers do, to those who may run studies."""
    if not access.may(Right.RUN_STUDIES):
        return
    help_text = "Every screen as readers get it, in each language and at three sizes of window. Nothing is stored."
    if not switch("See it as a reader", key="preview.on", name="as_reader", help=help_text):
        return
    st.warning(
        "Whoever looks sees cases and advice of the study, and is not blind to them any more: do not read it yourself "
        "afterwards. Answers of somebody who is signed in here are marked as unblinded.",
        icon=":material/visibility:",
    )
    _prepare(lambda: preview_of_study(workspace, study_id))


def _prepare(make: Callable[[], PreviewStudy]) -> None:
    try:
        access.act(Right.RUN_STUDIES)
        with st.spinner("Preparing the preview"):
            study = make()
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")
        return
    _look_around(study)


# What is chosen or answered in the preview draws it anew, and not the page around it.
@st.fragment
def _look_around(study: PreviewStudy) -> None:
    try:
        access.act(Right.RUN_STUDIES)  # a fragment runs without the first line of its page
        _show(study)
    except DermdashError as error:
        st.error(error_words(error), icon=":material/error:")


def _show(study: PreviewStudy) -> None:
    options = reader_options(study.protocol)
    if following := st.session_state.pop(keys.PREVIEW_FOLLOWING, None):
        _go_to(following)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # In the order in which they are drawn; which steps there are follows from arm and assistance.
        step_place, arm_place, modality_place, language_place, device_place = (st.container(width=w) for w in _WIDTHS)
    arm, modality = _condition(study.protocol, arm_place, modality_place)
    stops = study.stops(arm, modality)
    step = choose(
        "Step", list(stops), lambda s: s.label, key="preview.step", name="step", place=step_place,
        on_change=_open_anew,
    )  # fmt: skip
    language = choose(
        "Language", list(options.languages), lambda one: one.own_name, key="preview.language", name="language",
        default=options.language, place=language_place,
    )  # fmt: skip
    device = choose_segment(
        "Window", list(_DEVICES), lambda d: _DEVICES[d][0], key="preview.device", name="window", place=device_place
    )
    wrong = study.protocol.wrong_advice is not None and switch(
        "Advice that is wrong on purpose", key="preview.wrong", name="wrong", on_change=_open_anew
    )
    if modality is not None and step in ASSISTED and not study.shows(arm, modality):
        st.info(f"{modality.label} is shown for no case as things stand: readers get other assistance instead.")
    _walk_buttons(list(stops), step)
    _frame(device)
    with st.container(key=_DEVICE):
        _screen(study, arm, stops, step, wrong=wrong, language=language)


def _condition(protocol: Protocol, arm_place: Any, modality_place: Any) -> tuple[Arm, Modality | None]:
    """Which arm and which assistance, where there is a choice."""
    arms = {arm.key: arm for arm in protocol.arms}
    arm = protocol.arms[0]
    if len(arms) > 1:
        key = choose(
            "Arm", list(arms), lambda k: arms[k].name, key="preview.arm", name="arm", place=arm_place,
            on_change=_open_anew,
        )  # fmt: skip
        arm = arms[key]
    offered = list(dict.fromkeys(m for period in arm.periods for m in protocol.modalities_of(period)))
    if len(offered) < 2:
        return arm, next(iter(offered), None)
    modality = choose(
        "Assistance", offered, lambda m: m.label, key="preview.modality", name="assistance", place=modality_place,
        on_change=_open_anew,
    )  # fmt: skip
    return arm, modality


def _walk_buttons(steps: list[PreviewStep], step: PreviewStep) -> None:
    at = steps.index(step)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Preview** · nothing is stored, and answers go nowhere.")
        st.button(
            "Back", key="preview.back", icon=":material/arrow_back:", disabled=at == 0,
            on_click=_go_to, args=(steps[max(0, at - 1)],),
        )  # fmt: skip
        st.button(
            "On", key="preview.on_to", icon=":material/arrow_forward:", disabled=at == len(steps) - 1,
            on_click=_go_to, args=(steps[min(len(steps) - 1, at + 1)],),
        )  # fmt: skip


def _screen(
    study: PreviewStudy,
    arm: Arm,
    stops: Mapping[PreviewStep, Stop],
    step: PreviewStep,
    *,
    wrong: bool,
    language: Language,
) -> None:
    following = _after(list(stops), step)

    def go_on(*_: Any) -> None:
        _go_to(following, anew=False)

    if step in (PreviewStep.CONSENT, PreviewStep.PROFILE):
        frame = partial(reader_frame, preview=True, on_language=_speak)
        form = consent_form if step is PreviewStep.CONSENT else profile_form
        if form(study.protocol, language, frame=frame):
            st.session_state[keys.PREVIEW_FOLLOWING] = following
            st.rerun()
        return
    panel = f"preview.panel.{st.session_state.setdefault(keys.PREVIEW_OPENED, uuid4().hex)}"
    answers = st.session_state.setdefault(keys.PREVIEW_ANSWERS, {})
    # Before a freeze the model may not have seen the case: that takes seconds the first time.
    with st.spinner("Making what is shown of this case"):
        session = study.session(arm, stops[step], wrong=wrong, answers=answers, browser=panel)

    def receive(items: Delivered) -> None:
        # Acknowledged, so that the browser forgets them; kept in this tab alone, until another step is opened.
        st.session_state[keys.PREVIEW_RECEIVED] = tuple(str(item.id) for item in items)
        at = session.step
        for item in items:
            if isinstance(item, ReadingSubmission):
                if at.assignment is not None and (item.step_key, item.phase) == (at.assignment.id, at.phase):
                    answers[item.step_key, Phase(item.phase)] = _given(item)
                    go_on()
            elif item.event in _LEAVES and item.step_key == stops[step].shown:
                go_on()

    data = panel_data(
        study.workspace,
        session,
        Receipt(st.session_state.get(keys.PREVIEW_RECEIVED, ())),
        language=language,
        held=held_by_browser(panel),
        look=st.session_state.get(keys.PREVIEW_LOOK),
    )
    data["preview"] = True
    reading_panel(data, key=panel, on_answers=receive, on_language=_speak, on_look=_look, preview=True)


def _given(item: ReadingSubmission) -> dict[str, Any]:
    return {
        "dx": item.dx, "confidence": item.confidence, "malignancy_rating": item.malignancy_rating,
        "management": item.management,
    }  # fmt: skip


def _after(steps: list[PreviewStep], step: PreviewStep) -> PreviewStep:
    return steps[min(len(steps) - 1, steps.index(step) + 1)]


def _go_to(step: PreviewStep, *, anew: bool = True) -> None:
    st.session_state["preview.step"] = str(step)
    if anew:
        _open_anew()


def _open_anew() -> None:
    """Another panel, which knows nothing of what was done before."""
    for key in (keys.PREVIEW_OPENED, keys.PREVIEW_ANSWERS, keys.PREVIEW_RECEIVED, keys.PREVIEW_LOOK):
        st.session_state.pop(key, None)


def _speak(code: object) -> None:
    if code in set(Language):
        st.session_state["preview.language"] = str(code)


def _look(asked: object) -> None:
    st.session_state[keys.PREVIEW_LOOK] = asked_look(asked)


def _frame(device: str) -> None:
    """A window of that size, and in it the style of readers' pages."""
    _, width, height = _DEVICES[device]
    # As the page of a reader leaves them (reading_page.css).
    side = min(28, max(10, width * 2 // 100))
    size = f"--preview-width: {width}px; --preview-height: {height}px; --preview-side: {side}px;"
    own = f".st-key-{_DEVICE} {{ {size} --window-height: {height - 10}px; {read_styles('reading_page')} }}"
    st.html(f"<style>{read_styles('study_preview')} {own}</style>")
