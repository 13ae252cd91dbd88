"""Whatever happens to a reader's browser in any state of a session, the reader finds the same screen and goes on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from dermdash.reader_study.outbox import ClientEvent, ReadingSubmission
from dermdash.reader_study.profile import NOT_SAID, ReaderProfile
from dermdash.readings.modality import Modality, Phase
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import join_study, reading_standing, run_reading
from dermdash.workflows.reader_study.invitations import invite_readers, withdraw_invitation
from dermdash.workflows.reader_study.send_step import record_sending
from tests.browser.cuttable_link import CuttableLink
from tests.browser.reader_browser import INTERLUDE, ReaderBrowser, new_reader
from tests.browser.served_app import ServedApp, wait_until_idle
from tests.browser.small_dataset import import_small_dataset, make_study, train_tiny_model, write_small_dataset

pytestmark = pytest.mark.browser
CASES, ROUNDS, PRACTICE = 1, 2, 2
PHASES = ("unaided", "aided")


@dataclass(frozen=True, slots=True)
class State:
    """A state of a session: what was done before, what the screen shows, and the act that must lead on from it.

    ``answers`` counts stored answers, two to a case; ``events`` were recorded after them.
    """

    answers: int | None
    events: tuple[str, ...]
    shows: Callable[[Page], None]
    goes_on: Callable[[ReaderBrowser], None]


def shows_panel(page: Page, state: str, *, practice: bool, position: int, phase: str) -> None:
    case = "Practice case" if practice else "Case"
    wanted = f".panel[data-state={state}][data-phase={phase}]"
    page.wait_for_selector(f"{wanted}, {INTERLUDE}")
    if page.locator(INTERLUDE).count():  # which stands before a part until it is left
        page.locator(".curtain button").click(delay=300)
    page.wait_for_selector(wanted)
    expect(page.locator(".progresstext")).to_contain_text(f"{case} {position} of ")


def open_case(practice: bool, position: int, phase: str) -> Callable[[Page], None]:
    def shows(page: Page) -> None:
        shows_panel(page, "ready", practice=practice, position=position, phase=phase)

    return shows


def feedback(position: int) -> Callable[[Page], None]:
    def shows(page: Page) -> None:
        shows_panel(page, "feedback", practice=True, position=position, phase="aided")
        expect(page.locator(".feedback")).to_contain_text("The diagnosis is")
        # One's own last answer stands beside the truth.
        expect(page.locator(".choice[aria-checked=true] .name")).to_have_text("Melanoma")
        expect(page.get_by_alt_text("Dermatoscopic image of the lesion to assess")).to_be_visible()

    return shows


def heading(name: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_role("heading", name=name)).to_be_visible()


def shows_withdrawn(page: Page) -> None:
    expect(page.get_by_text("This invitation was withdrawn")).to_be_visible()
    expect(page.locator(".panel")).to_have_count(0)


def answer_leads_on(reader: ReaderBrowser) -> None:
    before = reader.screen()
    reader.type_answer("mel", 2)
    reader.moved_on(before)


def continue_leads_on(reader: ReaderBrowser) -> None:
    before = reader.screen()
    reader.page.keyboard.press("Enter")
    after = reader.moved_on(before)
    assert (after.state, after.step != before.step) == ("ready", True)


def resume_leads_to(shows: Callable[[Page], None]) -> Callable[[ReaderBrowser], None]:
    def go_on(reader: ReaderBrowser) -> None:
        reader.page.get_by_role("button", name="Continue reading").click()
        shows(reader.page)

    return go_on


def consent_leads_on(reader: ReaderBrowser) -> None:
    wait_until_idle(reader.page)
    reader.consent()
    heading("About you")(reader.page)


def profile_leads_on(reader: ReaderBrowser) -> None:
    reader.fill_profile()
    open_case(True, 1, "unaided")(reader.page)


def nothing_more(_: ReaderBrowser) -> None:
    """Nothing is asked of the reader any more."""


STATES = {
    "consent": State(None, (), heading("Reader study"), consent_leads_on),
    "profile": State(None, ("consent",), heading("About you"), profile_leads_on),
    "practice unaided": State(0, (), open_case(True, 1, "unaided"), answer_leads_on),
    "practice aided": State(1, (), open_case(True, 1, "aided"), answer_leads_on),
    "feedback": State(2, (), feedback(1), continue_leads_on),
    "feedback paused": State(2, ("pause",), heading("Paused"), resume_leads_to(feedback(1))),
    "last feedback": State(4, (), feedback(2), continue_leads_on),
    "case": State(4, ("continue",), open_case(False, 1, "unaided"), answer_leads_on),
    "case aided": State(5, (), open_case(False, 1, "aided"), answer_leads_on),
    "between rounds": State(6, (), open_case(False, 2, "unaided"), answer_leads_on),
    "paused": State(5, ("pause",), heading("Paused"), resume_leads_to(open_case(False, 1, "aided"))),
    "finished": State(8, (), heading("All cases are done"), nothing_more),
    "withdrawn": State(4, ("withdraw",), shows_withdrawn, nothing_more),
}


RESTARTED = ("profile", "practice aided", "feedback", "feedback paused", "between rounds", "finished", "withdrawn")
BEGUN = {
    **STATES,
    **{f"{name}, restarted": STATES[name] for name in RESTARTED},
    "in two tabs": STATES["practice aided"],
    "cut off": STATES["feedback"],
}
"""Every reader of the module with the state they begin in."""
CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    app = ServedApp(tmp_path_factory.mktemp("states"))
    yield app
    app.stop()


@pytest.fixture(scope="module")
def link_to_app(app: ServedApp) -> Iterator[CuttableLink]:
    link = CuttableLink(app.port)
    yield link
    link.close()


@pytest.fixture(scope="module")
def invitations(app: ServedApp, link_to_app: CuttableLink, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The app with a reader in each state; returns an invitation for each, by the way that can be cut."""
    dataset = write_small_dataset(
        tmp_path_factory.mktemp("source"), prefix="S", per_class=3, rng=np.random.default_rng(1)
    )
    with app.workspace() as workspace:
        import_small_dataset(workspace, dataset, dataset_id="small", adapter="ham10000")
        model_id = train_tiny_model(workspace, dataset_id="small")
        study_id = make_study(
            workspace, dataset_id="small", model_id=model_id, cases=CASES, rounds=ROUNDS, practice=PRACTICE,
            modalities=(Modality.MALIGNANCY_PROBABILITY, Modality.MULTICLASS_PROBABILITY),
        )  # fmt: skip
        links = {i.label: i.link for i in invite_readers(workspace, study_id, list(BEGUN))}
        for name, state in BEGUN.items():
            bring_into(workspace, links[name], state)
    app.start()
    return {name: made.replace(f":{app.port}", f":{link_to_app.port}") for name, made in links.items()}


def bring_into(workspace: Workspace, link: str, state: State) -> None:
    """Do for the bearer of a link what leads into a state."""
    token = link.rpartition("=")[2]
    invited = join_study.open_invitation(workspace, token)
    if state.answers is not None or "consent" in state.events:
        reader_id = join_study.start_reader(workspace, invited)
    if state.answers is None:
        return
    join_study.save_profile(workspace, reader_id, ReaderProfile("nurse", 3, NOT_SAID, NOT_SAID, NOT_SAID))
    session = reading_standing.load_session(workspace, invited.study_id, reader_id)
    steps = [(a.id, phase) for a in session.assignments for phase in PHASES][: state.answers]
    items: list[ReadingSubmission | ClientEvent] = []
    for step_key, phase in steps:
        record_sending(workspace, reader_id, step_key, Phase(phase), {})
        moment = datetime.now(UTC)
        items.append(ReadingSubmission(uuid4(), step_key, phase, "mel", 2, 900.0, moment, moment))  # type: ignore[arg-type]
        if session.rows[step_key]["practice"] and phase == "aided" and (step_key, phase) != steps[-1]:
            items.append(ClientEvent(uuid4(), "continue", step_key, moment))
    for event in state.events:
        if event == "withdraw":
            withdraw_invitation(workspace, invited.invitation_id)
        else:
            items.append(ClientEvent(uuid4(), event, steps[-1][0], datetime.now(UTC)))
    receipt = run_reading.receive(workspace, invited.study_id, reader_id, items)
    assert not receipt.refused


@pytest.fixture
def reader_in(chromium: Browser, invitations: dict[str, str]) -> Iterator[Callable[[str], ReaderBrowser]]:
    """Return a function that opens a reader's link in a browser of its own."""
    opened: list[ReaderBrowser] = []

    def open_reader(name: str) -> ReaderBrowser:
        reader = new_reader(chromium, invitations[name])
        errors: list[str] = []
        reader.page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append(reader)
        reader.open()
        return reader

    yield open_reader
    for reader in opened:
        reader.page.context.close()


@pytest.mark.parametrize("name", STATES)
def test_from_every_state_the_reader_goes_on_after_whatever_happens_to_the_browser(
    name: str, reader_in: Callable[[str], ReaderBrowser], link_to_app: CuttableLink
) -> None:
    state = STATES[name]
    reader = reader_in(name)
    page = reader.page
    state.shows(page)
    page.reload()
    state.shows(page)
    page.goto("about:blank")
    page.go_back()
    state.shows(page)
    second_tab = page.context.new_page()
    second_tab.goto(reader.link)
    state.shows(second_tab)
    second_tab.close()
    elsewhere = reader_in(name)
    state.shows(elsewhere.page)
    elsewhere.page.context.close()
    link_to_app.cut()
    page.wait_for_timeout(300)
    link_to_app.mend()
    page.wait_for_selector(CONNECTED)
    state.shows(page)
    state.goes_on(reader)


def test_an_answer_refused_in_a_second_tab_stops_neither_tab(reader_in: Callable[[str], ReaderBrowser]) -> None:
    first = reader_in("in two tabs")
    practice = first.settled()
    second = ReaderBrowser(first.page.context.new_page(), first.link)
    second.open()
    assert second.settled() == practice
    second.type_answer("mel", 2)
    feedback(1)(second.page)
    first.page.bring_to_front()
    first.type_answer("nv", 1)
    expect(first.page.locator(".notice")).to_contain_text("An answer was not accepted")
    feedback(1)(first.page)
    first.page.reload()
    feedback(1)(first.page)
    continue_leads_on(second)
    continue_leads_on(first)
    assert first.screen() == second.screen()
    answer_leads_on(first)


def test_leaving_feedback_while_cut_off_arrives_however_much_happens_meanwhile(
    reader_in: Callable[[str], ReaderBrowser], link_to_app: CuttableLink
) -> None:
    reader = reader_in("cut off")
    before = reader.settled()
    link_to_app.cut()
    reader.page.keyboard.press("Enter")
    reader.page.evaluate(
        """() => { for (let i = 0; i < 60; i += 1) {
             window.dispatchEvent(new Event("blur")); window.dispatchEvent(new Event("focus")); } }"""
    )
    link_to_app.mend()
    after = reader.moved_on(before)
    assert (after.state, after.phase) == ("ready", "unaided")
    answer_leads_on(reader)


def test_from_every_state_the_reader_goes_on_after_a_restart_of_the_server(
    reader_in: Callable[[str], ReaderBrowser], app: ServedApp
) -> None:
    readers = {name: reader_in(f"{name}, restarted") for name in RESTARTED}
    for name, reader in readers.items():
        STATES[name].shows(reader.page)
    app.kill()
    app.start()
    for name, reader in readers.items():
        reader.page.wait_for_selector(CONNECTED)
        STATES[name].shows(reader.page)
        STATES[name].goes_on(reader)
