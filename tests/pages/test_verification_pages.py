"""The curator's pages of verification: empty, filled, by role, and what their acts leave in the workspace."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from tests.filled_workspace import DATASET, fill_model
from tests.ladder_in_progress import (
    ALL_AGREE,
    THREE_OPINIONS,
    TWO_AGAINST_ONE,
    UNDER_REVIEW,
    LadderInProgress,
    fill_ladder,
)
from tests.made_once import MadeOnce
from tests.pages.conftest import REPOSITORY
from tests.pages.test_pages import protos, show, text_of
from tests.signed_in import account_with

from dermdash.storage import decisions, records, tasks, work
from dermdash.storage.act_transaction import in_one_act
from dermdash.storage.workspace import Workspace
from dermdash.ui import change_log_view, keys, team_view
from dermdash.workflows.accounts import people
from dermdash.workflows.accounts.access import OPERATOR, Role
from dermdash.workflows.verification import board
from dermdash.workflows.verification.reopen import correct_field
from dermdash.workflows.verification.review_rules import rule_that_holds

pytestmark = pytest.mark.slow

PAGES = {name: f"pages/verification/{name}.py" for name in ("verification", "board", "histology", "change_log")}


@pytest.fixture
def ladder(made_once: MadeOnce, tmp_path: Path) -> LadderInProgress:
    return made_once.copy(fill_ladder, tmp_path / "workspace")


@pytest.fixture
def seen_by(ladder: LadderInProgress, app_workspace: Workspace) -> Any:
    """The app with one of the people of the ladder signed in."""

    def app(name: str) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
        app.session_state[keys.SESSION_TOKEN] = ladder.sessions[name]
        return app

    return app


@pytest.fixture
def select(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Choose a row of a table of a view, which AppTest cannot click."""

    def choose_row(view: Any, key: str, row: int) -> None:
        drawn = view.data_table

        def with_a_row(frame: pd.DataFrame, **options: Any) -> Any:
            drawn_table = drawn(frame, **options)
            return {"selection": {"rows": [row], "columns": []}} if options["key"] == key else drawn_table

        monkeypatch.setattr(view, "data_table", with_a_row)

    return choose_row


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("verification", "Import a data set; then its labels can be verified here"),
        ("board", "No record waits for the board"),
        ("histology", "Nothing waits for histology"),
        ("change_log", "Nothing was changed yet"),
    ],
)
def test_an_empty_workspace_says_what_to_do(signed_in_app: AppTest, page: str, words: str) -> None:
    assert words in text_of(show(signed_in_app, PAGES[page]))


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The table that has a column of that name."""
    return next(d.value for d in app.dataframe if column in d.value)


def record(workspace: Workspace, ladder: LadderInProgress, image: str) -> dict[str, Any]:
    return records.get_record(workspace.engine, ladder.id_of(image))


def test_the_ladder_tells_claimed_stages_from_those_reached_here(seen_by: Any) -> None:
    app = show(seen_by("Cora"), PAGES["verification"])
    stages = table(app, "Claimed elsewhere").set_index("Stage")
    assert stages.loc["2 · Consensus"].tolist() == [1, 35]
    assert stages.loc["3 · Histology"].tolist() == [0, 6]
    waiting = table(app, "For what").set_index("For what")["Records"]
    assert waiting["For the board"] == 2
    assert waiting["For reviewers to answer (2 answers)"] == 1
    assert waiting["Claimed elsewhere, nothing begun here"] == 38


def test_work_is_looked_at_before_it_is_given_out(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    before = tasks.open_counts(app_workspace.engine)
    app = show(seen_by("Cora"), PAGES["verification"], which="review", most="2", **{"class": "df"})
    press(app, "verification.preview")
    assert "It would bring 0 records into the queue and 6 reviews to" in text_of(app)
    assert "4 records left as they are: each is left for later" in text_of(app)
    assert tasks.open_counts(app_workspace.engine) == before
    promised = dict(table(app, "New reviews").to_numpy().tolist())
    press(app, "verification.assign")
    assert "Given out: 0 records into the queue and 6 reviews to" in text_of(app, "success")
    after = tasks.open_counts(app_workspace.engine)
    given = {name: after.get(a.id, 0) - before.get(a.id, 0) for name, a in ladder.people.items()}
    assert {name: n for name, n in given.items() if n} == promised


def test_a_look_ahead_of_other_choices_gives_nothing_out(seen_by: Any) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], which="review", most="2")
    press(app, "verification.preview")
    app.radio(key="verification.which").set_value("anew").run()
    assert "verification.assign" not in {button.key for button in app.button}


@pytest.mark.parametrize(
    "query", [{"dataset": "nowhere"}, {"tab": "<b>"}, {"most": "-1"}, {"class": "'; DROP"}, {"person": "x" * 500}]
)
def test_a_hostile_address_of_the_ladder_shows_the_page_as_it_begins(seen_by: Any, query: dict[str, str]) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], **query)
    assert not app.error
    assert "Where the labels stand" in text_of(app)


def test_a_rule_is_changed_with_a_reason_and_the_versions_are_kept(seen_by: Any, app_workspace: Workspace) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], tab="rule")
    version = f"verification.rule.{DATASET}.1"
    app.number_input(key=f"{version}.reviewers").set_value(4)
    app.selectbox(key=f"{version}.quorum").set_value(str(2 / 3))
    press(app, f"{version}.save")
    assert "The reason is missing" in text_of(app, "error")
    assert rule_that_holds(app_workspace, DATASET).reviewers == 3
    app.text_input(key=f"{version}.reason").set_value("A pilot")
    press(app, f"{version}.save")
    assert "Version 2 of the rule holds from now on: A pilot" in text_of(app, "success")
    rule = rule_that_holds(app_workspace, DATASET)
    assert (rule.reviewers, rule.quorum, rule.votes_needed(3)) == (4, 2 / 3, 2)
    assert table(app, "Why")["By"].tolist() == ["Cora", "cora"]


def test_a_rule_that_cannot_be_says_why(seen_by: Any, app_workspace: Workspace) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], tab="rule")
    version = f"verification.rule.{DATASET}.1"
    app.number_input(key=f"{version}.reviewers").set_value(9)
    app.text_input(key=f"{version}.reason").set_value("Many")
    press(app, f"{version}.save")
    assert "raise the former" in text_of(app, "error")


def test_the_team_says_who_has_how_much_open_and_has_done_how_much(seen_by: Any, ladder: LadderInProgress) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], tab="team")
    team = table(app, "Done in 7 days").set_index("Name")
    assert team.loc["Ada", ["Open", "Done in 7 days", "In 30 days"]].tolist() == [0, 4, 4]
    assert team.loc["Berta", ["Open", "Overdue"]].tolist() == [1, 0]
    assert team.loc["Rolf", "Open"] == 0


def test_all_work_of_somebody_is_shared_among_the_others(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], tab="team", person=ladder.people["Berta"].id)
    app.text_input(key="verification.share.reason").set_value("On leave")
    press(app, "verification.share")
    assert "1 task shared out" in text_of(app, "success")
    assert tasks.open_counts(app_workspace.engine) == {ladder.people[name].id: 1 for name in ("Carl", "Rolf")}


@pytest.mark.parametrize(("act", "left"), [("reassign", "Rolf"), ("withdraw", None)])
def test_chosen_tasks_are_given_to_somebody_else_or_taken_back(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress, select: Any, act: str, left: str | None
) -> None:
    berta = ladder.people["Berta"].id
    app = seen_by("Cora")
    select(team_view, f"verification.open.{berta}", 0)
    show(app, PAGES["verification"], tab="team", person=berta)
    if left:
        app.selectbox(key="verification.reassign.to").set_value(ladder.people[left].id).run()
    press(app, f"verification.{act}")
    assert "The reason is missing" in text_of(app, "warning")
    app.text_input(key=f"verification.{act}.reason").set_value("Too much else")
    press(app, f"verification.{act}")
    assert "1 task" in text_of(app, "success")
    counts = tasks.open_counts(app_workspace.engine)
    assert berta not in counts
    assert (ladder.people["Rolf"].id in counts) == (left is not None)


def test_an_absence_is_entered_and_taken_back(seen_by: Any, ladder: LadderInProgress, app_workspace: Workspace) -> None:
    app = show(seen_by("Cora"), PAGES["verification"], tab="team", person=ladder.people["Carl"].id)
    press(app, "verification.away")
    assert "Carl is away from" in text_of(app, "success")
    team = table(app, "Done in 7 days").set_index("Name")
    assert team.loc["Carl", "State"] == "away"
    taken = next(button.key for button in app.button if str(button.key).startswith("verification.absence."))
    press(app, str(taken))
    assert work.absences(app_workspace.engine) == []


def test_the_board_shows_who_said_what_and_why_it_waits(seen_by: Any, ladder: LadderInProgress) -> None:
    app = show(seen_by("Cora"), PAGES["board"])
    assert "**2 records wait for a decision**" in text_of(app)
    assert set(table(app, "Why")["Why"]) == {"no two answers are alike", "no label has enough votes"}
    first = app.header[0].value
    answers = next(h for h in protos(app, "html") if "dd-answers" in h.body).body
    assert all(name in answers for name in ("Ada", "Berta", "Carl", "Ada says so"))
    assert "≠ differs" in answers
    press(app, "board.next")
    assert {first, app.header[0].value} == {TWO_AGAINST_ONE, THREE_OPINIONS}
    assert app.query_params["case"] in ([ladder.id_of(app.header[0].value)], ladder.id_of(app.header[0].value))
    assert app.button(key="board.next").disabled
    press(app, "board.previous")
    assert app.header[0].value == first


@pytest.mark.parametrize("case", ["", "../../etc", "clinic:NV_1", "<script>", "x" * 500])
def test_a_case_that_is_not_before_the_board_is_not_opened_by_its_address(seen_by: Any, case: str) -> None:
    app = show(seen_by("Cora"), PAGES["board"], case=case)
    assert not app.error
    assert app.header[0].value in (TWO_AGAINST_ONE, THREE_OPINIONS)


def test_a_reviewer_who_has_answered_reads_and_comments_without_the_name_of_the_image(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Ada"), PAGES["board"])
    shown = text_of(app) + str(app.dataframe[0].value.to_numpy()) + str(app.query_params)
    assert "**2 records that you reviewed wait for a decision**" in shown
    assert TWO_AGAINST_ONE not in shown
    assert THREE_OPINIONS not in shown
    assert "board.formulate" not in {button.key for button in app.button}
    (text,) = [area for area in app.text_area if str(area.key).startswith("board.text.")]
    text.set_value("The network is *interrupted*")
    press(app, next(str(b.key) for b in app.button if str(b.key) == "board.say"))
    assert "The network is *interrupted*" in [element.value for element in app.get("text")]
    said = [c for image in (TWO_AGAINST_ONE, THREE_OPINIONS)
            for c in decisions.comments_of(app_workspace.engine, ladder.id_of(image))]  # fmt: skip
    assert [(c["account_id"], c["text"]) for c in said] == [(ladder.people["Ada"].id, "The network is *interrupted*")]


@pytest.mark.parametrize("case", ["", "clinic:MEL_1"])
def test_a_reviewer_who_has_not_answered_sees_no_case_whatever_the_address(seen_by: Any, case: str) -> None:
    app = show(seen_by("Rolf"), PAGES["board"], case=case)
    assert "No record that you reviewed waits for the board" in text_of(app)
    assert not [h for h in protos(app, "html") if "dd-answers" in h.body]


def test_who_lost_the_role_while_the_page_was_open_comments_no_more(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Ada"), PAGES["board"])
    (text,) = [area for area in app.text_area if str(area.key).startswith("board.text.")]
    people.change_roles(app_workspace, OPERATOR, ladder.people["Ada"].id, [Role.COORDINATOR])
    text.set_value("Too late")
    app.button(key="board.say").click().run()
    assert not app.exception
    for image in (TWO_AGAINST_ONE, THREE_OPINIONS):
        assert decisions.comments_of(app_workspace.engine, ladder.id_of(image)) == []


def test_the_board_formulates_a_consensus_that_becomes_the_label(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    record_id = ladder.id_of(THREE_OPINIONS)
    app = show(seen_by("Cora"), PAGES["board"], case=record_id)
    press(app, "board.formulate")
    form = f"board.consensus.{record_id}.1"
    assert app.selectbox(key=f"{form}.dx").value is None
    assert app.selectbox(key=f"{form}.elevation").value == "flat"
    assert app.multiselect(key=f"{form}.people").value == [ladder.people[name].id for name in ("Ada", "Berta", "Carl")]
    press(app, "board.store")
    assert "The diagnosis is missing" in text_of(app, "error")
    app.selectbox(key=f"{form}.dx").set_value("bkl")
    press(app, "board.store")
    assert "The reason is missing" in text_of(app, "error")
    app.text_area(key=f"{form}.reason").set_value("Milia-like cysts")
    app.multiselect(key=f"{form}.people").set_value([ladder.people["Ada"].id])
    press(app, "board.store")
    assert "One person alone is no board" in text_of(app, "error")
    assert decisions.consensus_of(app_workspace.engine, record_id) == []
    took_part = [ladder.people[name].id for name in ("Ada", "Cora")]
    app.multiselect(key=f"{form}.people").set_value(took_part)
    press(app, "board.store")
    assert "The consensus is **Benign keratosis**. It is the label of the record" in text_of(app, "success")
    assert "**1 record waits for a decision**" in text_of(app)
    (made,) = decisions.consensus_of(app_workspace.engine, record_id)
    assert (made["kind"], made["dx"], made["reason"]) == ("board", "bkl", "Milia-like cysts")
    assert sorted(made["participants"]) == sorted(took_part)
    stored = record(app_workspace, ladder, THREE_OPINIONS)
    assert (stored["dx"], stored["elevation"], stored["stage_claimed"]) == ("bkl", "flat", False)


def test_a_consensus_below_what_the_source_claims_is_said_not_to_be_the_label(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    record_id = ladder.id_of(TWO_AGAINST_ONE)
    app = show(seen_by("Cora"), PAGES["board"], case=record_id)
    press(app, "board.formulate")
    assert app.selectbox(key=f"board.consensus.{record_id}.1.dx").value == "mel"
    app.selectbox(key=f"board.consensus.{record_id}.1.dx").set_value("nv")
    app.text_area(key=f"board.consensus.{record_id}.1.reason").set_value("No network")
    press(app, "board.store")
    assert "keeps the label that its source claims at a higher stage: Melanoma, 3 · Histology" in text_of(app)
    assert record(app_workspace, ladder, TWO_AGAINST_ONE)["dx"] == "mel"


def test_two_curators_do_not_formulate_one_consensus_unknowingly(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    dora = account_with(app_workspace, Role.CURATOR, name="Dora")
    board.hold_case(app_workspace, dora, ladder.id_of(THREE_OPINIONS))
    app = show(seen_by("Cora"), PAGES["board"], case=ladder.id_of(THREE_OPINIONS))
    assert "Dora is formulating the consensus" in text_of(app, "warning")
    assert "board.formulate" not in {button.key for button in app.button}


def test_histology_of_one_record_is_entered_and_contradicts_what_people_said(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), PAGES["histology"], tab="enter", record="NV_1")
    press(app, "histology.store")
    assert "The result is missing" in text_of(app, "error")
    app.selectbox(key="histology.dx.clinic:NV_1").set_value("mel")
    app.text_input(key="histology.number.clinic:NV_1").set_value("H 12/34")
    press(app, "histology.store")
    assert "It contradicts the consensus (Melanocytic nevus)" in text_of(app, "warning")
    stored = record(app_workspace, ladder, "NV_1")
    assert (stored["dx"], stored["verification_stage"], stored["stage_claimed"]) == ("mel", 3, False)
    app = show(seen_by("Cora"), PAGES["histology"], tab="contradictions")
    assert table(app, "Consensus")[["Consensus", "Histology", "Report"]].to_numpy().tolist() == [
        ["Melanocytic nevus", "Melanoma", "H 12/34"]
    ]


@pytest.mark.parametrize("asked", ["NOPE", "clinic:NOPE", "<img>", "'; DROP TABLE record"])
def test_histology_of_an_unknown_record_says_so(seen_by: Any, asked: str) -> None:
    app = show(seen_by("Cora"), PAGES["histology"], tab="enter", record=asked)
    assert "no record" in text_of(app, "error").lower()


def test_a_statistician_sees_what_waits_for_histology_and_enters_none(seen_by: Any) -> None:
    app = show(seen_by("Stella"), PAGES["histology"], tab="enter", record="NV_1")
    assert "12 malignant labels wait for histology" in text_of(app)
    assert len(table(app, "Waits for days")) == 12
    assert not app.text_input


ROWS = b"""image_id,histopathology_result,report_number,report_date
BCC_0,bcc,H1,2026-01-02
AKIEC_0,akiec,H2,02.01.2026
NV_1,mel,H3,
NOPE,nv,H4,
NV_2,carcinoma of nowhere,H5,
NV_3,nv,H6,
NV_3,mel,H7,
MEL_0,nv,H8,
"""


def test_every_row_of_a_table_is_judged_before_anything_is_stored(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), PAGES["histology"], tab="upload")
    app.file_uploader(key="histology.file").upload("results.csv", ROWS, "text/csv").run()
    assert not app.exception
    judged = table(app, "What becomes of it").set_index("Names")["What becomes of it"]
    assert judged["BCC_0"] == "will be stored"
    assert judged["NV_1"] == "will be stored, contradicts the consensus"
    assert judged["NOPE"] == "names nothing that is here"
    assert judged["NV_2"] == "cannot be used"
    assert judged["NV_3"].tolist() == ["disagrees with another result"] * 2
    assert decisions.all_histology(app_workspace.engine) == []
    assert app.button(key="histology.import").disabled
    app.toggle(key="histology.leave_out").set_value(True).run()
    press(app, "histology.import")
    assert "4 records have their histology now" in text_of(app, "success")
    assert "4 left out" in text_of(app)
    stored = {row["record_id"]: row["dx"] for row in decisions.all_histology(app_workspace.engine)}
    assert stored == {
        "clinic:BCC_0": "bcc", "clinic:AKIEC_0": "akiec", "clinic:NV_1": "mel", "clinic:MEL_0": "nv",
    }  # fmt: skip
    press(app, "histology.again")
    assert not app.success


def test_the_change_log_is_read_by_record_person_day_and_act(seen_by: Any, ladder: LadderInProgress) -> None:
    app = show(seen_by("Stella"), PAGES["change_log"])
    every = table(app, "Became")
    assert every["No."].tolist() == list(range(len(every), 0, -1))
    assert every["Act"].tolist()[-1] == "import"
    assert every["Became"].tolist()[-1] == "42 records"
    query = {"record": ladder.id_of("NV_1"), "person": ladder.people["Ada"].id, "act": "review"}
    app = show(seen_by("Stella"), PAGES["change_log"], **query)
    assert table(app, "Became")["Who"].tolist() == ["Ada"]
    day = str(table(app, "Became")["When"].iloc[0])[:10]
    assert len(table(show(seen_by("Stella"), PAGES["change_log"], day=day), "Became")) == len(every)
    assert "No entry fits" in text_of(show(seen_by("Stella"), PAGES["change_log"], day="1999-01-01"))


@pytest.mark.parametrize("query", [{"day": "yesterday"}, {"day": "2026-13-1"}, {"act": "nothing"}, {"person": "<b>"}])
def test_a_hostile_address_of_the_log_filters_nothing(seen_by: Any, query: dict[str, str]) -> None:
    app = show(seen_by("Cora"), PAGES["change_log"], **query)
    assert not app.error
    assert len(table(app, "Became")) > 5


def test_the_log_is_checked_and_a_changed_label_is_named(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), PAGES["change_log"])
    assert '"signature"' in app.code[0].value
    press(app, "change_log.check")
    assert "The log is whole" in text_of(app, "success")
    assert "all 42 records" in text_of(app, "success")
    with app_workspace.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE record SET dx = 'vasc' WHERE id = 'clinic:NV_1'")
    press(app, "change_log.check")
    assert "The log is not whole" in text_of(app, "error")
    assert "A record that entry 1 brought is not as it came" in text_of(app)


def test_a_change_of_a_field_is_taken_back_by_a_new_entry(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress, select: Any
) -> None:
    record_id = ladder.id_of("NV_2")
    correct_field(app_workspace, ladder.people["Cora"], record_id, "sex", "male", reason="Typed wrong")
    select(change_log_view, "change_log.entries", 0)
    app = show(seen_by("Cora"), PAGES["change_log"])
    assert "Why: Typed wrong" in text_of(app)
    number = table(app, "Became")["No."].iloc[0]
    press(app, "change_log.undo")
    assert "The reason is missing" in text_of(app, "error")
    assert record(app_workspace, ladder, "NV_2")["sex"] == "male"
    app.text_input(key=f"change_log.reason.{number}").set_value("It was right")
    press(app, "change_log.undo")
    assert record(app_workspace, ladder, "NV_2")["sex"] == "female"
    assert table(app, "Became")["Act"].iloc[0] == "taken back"


def test_a_statistician_is_not_offered_to_take_anything_back(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress, select: Any
) -> None:
    correct_field(app_workspace, ladder.people["Cora"], ladder.id_of("NV_2"), "sex", "male", reason="Typed wrong")
    select(change_log_view, "change_log.entries", 0)
    app = show(seen_by("Stella"), PAGES["change_log"])
    assert "Why: Typed wrong" in text_of(app)
    assert "change_log.undo" not in {button.key for button in app.button}


RECORD = "pages/dataset/record.py"


def test_the_record_says_where_its_label_comes_from(seen_by: Any, ladder: LadderInProgress) -> None:
    app = show(seen_by("Cora"), RECORD, id=ladder.id_of("NV_1"))
    assert "**Stage 2 · Consensus**" in text_of(app)
    assert "**Melanocytic nevus**, consensus of Ada, Berta, Carl" in text_of(app)
    assert "They did not see the other answers, the first annotation and the classifier" in text_of(app)
    assert table(app, "Counts")["Diagnosis"].tolist() == ["Melanocytic nevus"] * 3
    app = show(seen_by("Cora"), RECORD, id=ladder.id_of("NV_2"))
    assert "**Stage 2 · Consensus, claimed elsewhere**" in text_of(app)
    assert "nobody here has confirmed it" in text_of(app)


def test_a_coordinator_reads_where_a_settled_label_comes_from_and_changes_nothing(
    seen_by: Any, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Olga"), RECORD, id=ladder.id_of("BCC_1"))
    assert "What others said is shown once" in text_of(app)
    assert not {"record.reopen", "record.correct"} & {str(button.key) for button in app.button}


def test_a_curator_reopens_a_record_with_a_reason(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), RECORD, id=ladder.id_of("NV_1"))
    press(app, "record.reopen")
    assert "The reason is missing" in text_of(app, "error")
    app.text_input(key="record.reopen.reason").set_value("New image of the lesion")
    press(app, "record.reopen")
    assert "The record is open again: round 2" in text_of(app, "success")
    assert record(app_workspace, ladder, "NV_1")["verification_stage"] == 1


def test_a_curator_corrects_a_field_with_a_reason(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    app = show(seen_by("Cora"), RECORD, id=ladder.id_of("NV_2"))
    app.selectbox(key="record.correct.field").set_value("sex").run()
    app.selectbox(key="record.correct.clinic:NV_2.sex.female").set_value("male")
    app.text_input(key="record.correct.reason").set_value("As the chart says")
    press(app, "record.correct")
    assert "Sex is corrected" in text_of(app, "success")
    assert record(app_workspace, ladder, "NV_2")["sex"] == "male"


def test_a_record_verified_by_histology_is_not_corrected(seen_by: Any, ladder: LadderInProgress) -> None:
    app = show(seen_by("Cora"), RECORD, id=ladder.id_of("MEL_0"))
    assert "verified by histology and does not change" in text_of(app)
    assert "record.correct" not in {str(button.key) for button in app.button}


RECORDS = "pages/dataset/records.py"


def test_a_reviewer_opens_a_settled_record_without_the_classifier_and_none_that_they_have_work_on(
    seen_by: Any, app_workspace: Workspace, ladder: LadderInProgress
) -> None:
    record_id, ada = ladder.id_of(ALL_AGREE), ladder.people["Ada"]
    fill_model(app_workspace, [record_id])
    app = show(seen_by("Ada"), RECORD, id=record_id)
    assert ALL_AGREE in app.markdown[1].value
    assert "Drawn model says" in text_of(show(seen_by("Cora"), RECORD, id=record_id))
    assert "model" not in text_of(app).lower()
    assert not {tab.label for tab in app.tabs} - {"Before and after it"}
    assert "**1 of 42 records**" in text_of(show(seen_by("Ada"), RECORDS))
    # What models say is no filter for who reviews, not even out of an address.
    filtered = show(seen_by("Ada"), RECORDS, flag="model")
    assert "**1 of 42 records**" in text_of(filtered)
    assert "flag" not in filtered.query_params
    assert "**0 of 42 records**" in text_of(show(seen_by("Cora"), RECORDS, flag="model"))
    repeat = {
        "record_id": record_id, "dataset_id": DATASET, "stage": 2, "cycle": 1, "purpose": tasks.REPEAT, "place": 1,
        "account_id": ada.id, "rule_version": 1, "not_before": 0,
    }  # fmt: skip
    in_one_act(app_workspace.engine, "cora", lambda act: tasks.add_tasks(act, [repeat]))
    for image in (ALL_AGREE, UNDER_REVIEW):  # nothing tells one from the other
        app = show(seen_by("Ada"), RECORD, id=ladder.id_of(image))
        assert text_of(app) == app.error[0].value
        assert "not open to you" in app.error[0].value
    assert "**0 of 42 records**" in text_of(show(seen_by("Ada"), RECORDS))
    assert "**1 of 42 records**" in text_of(show(seen_by("Carl"), RECORDS))
