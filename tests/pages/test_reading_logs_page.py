"""The Reading logs page: empty, a known log, an unknown CSV named by hand, a broken one, withdrawal."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Radio
from tests.pages.test_pages import show, text_of
from tests.reading_log_files import DERMACHALLENGE, nature_medicine, phase_study, truth_csv

from dermdash.readings.formats.log_file import LogFile
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.readings import import_reading_log

pytestmark = pytest.mark.slow

PAGE = "pages/analysis/reading_logs.py"
LONG = b"user,picture,when,gold,said,tool\na,1.jpg,early,mel,nv,X\na,1.jpg,late,mel,mel,X\nb,1.jpg,early,mel,mel,X\n"


@pytest.fixture
def page(signed_in_app: AppTest) -> AppTest:
    return show(signed_in_app, PAGE)


def upload(app: AppTest, *files: tuple[str, bytes], turn: int = 0) -> AppTest:
    uploader = app.file_uploader(key=f"logs.files.{turn}")
    uploader.set_value([(name, data, "text/csv") for name, data in files])
    app.run()
    assert not app.exception
    return app


def test_an_empty_workspace_says_what_can_be_read(page: AppTest) -> None:
    text = text_of(page)
    assert "**0 reading logs**" in text
    assert "No log yet" in text
    assert "DermaChallenge reader log" in text


def test_a_known_log_is_recognised_imported_analysed_and_withdrawn(page: AppTest, app_workspace: Workspace) -> None:
    upload(page, ("vienna.csv", DERMACHALLENGE.encode()))
    assert "Recognised as DermaChallenge reader log" in page.success[0].value
    assert {m.label: m.value for m in page.metric} == {
        "Readings": "7", "Readers": "2", "Cases": "2", "Pairs before and after": "3", "Cases with truth": "2",
    }  # fmt: skip
    assert "Left out: no answer (timeout or empty): 1." in text_of(page)
    assert "1 reading lacks the other half of the pair" in text_of(page)
    page.text_input(key="logs.name.0").set_value("Vienna")
    page.button(key="logs.import").click().run()
    assert not page.exception
    assert "Vienna is imported; it is the first of the list below." in page.success[0].value
    (log,) = import_reading_log.list_logs(app_workspace)
    assert page.dataframe[-1].value["Name"].tolist() == ["Vienna"] == [log.name]
    page.checkbox(key=f"logs.sure.{log.id}").check().run()
    page.button(key="logs.withdraw").click().run()
    assert import_reading_log.list_logs(app_workspace) == ()
    assert "No log yet" in text_of(page)


def test_the_columns_of_an_unknown_table_are_named_by_hand(page: AppTest, app_workspace: Workspace) -> None:
    upload(page, ("own.csv", LONG))
    assert "is of no known format" in page.warning[0].value
    assert "Case or image" in page.info[0].value
    for target, column in {"case": "picture", "phase": "when", "truth_dx": "gold", "dx": "said",
                           "modality": "tool"}.items():  # fmt: skip
        page.selectbox(key=f"logs.column.{target}.0").set_value(column)
    page.run()
    page.selectbox(key="logs.phase.early.0").set_value("unaided")
    page.selectbox(key="logs.modality.X.0").set_value("cbir")
    page.run()
    assert page.metric[3].value == "1"
    page.button(key="logs.import").click().run()
    assert not page.exception
    (log,) = import_reading_log.list_logs(app_workspace)
    table = readings_source.load_readings(app_workspace, log.key)
    assert (table.modalities, len(table.frame), table.taxonomy) == (("cbir",), 3, "ham7")


def test_the_phases_of_a_study_are_chosen_together_and_excision_is_asked_for(page: AppTest) -> None:
    upload(page, *((f"phase{p}.csv", phase_study(p).encode()) for p in (1, 2)))
    assert page.metric[3].value == "28"
    assert "counts as a benign answer" in text_of(page, "caption")
    page.radio(key="logs.excise.0").set_value("malignant").run()
    assert not page.exception
    assert "counts as a malignant answer" in text_of(page, "caption")


def test_a_file_of_ratings_asks_which_modality_is_without_assistance(page: AppTest) -> None:
    rows = [f"{r},{m},{c},{t},{1 + t}" for r in "ab" for m in ("film", "digital") for c, t in (("n", 0), ("d", 1))]
    upload(page, ("ratings.csv", "\n".join(["reader,treatment,case,truth,rating", *rows]).encode()))
    assert "Multi-reader multi-case compares them from the file" in page.info[0].value
    assert not page.error
    assert "No log yet" in text_of(page)
    page.selectbox(key="logs.unaided.0").set_value("film").run()
    assert not page.exception
    assert not page.error
    assert (page.metric[0].value, page.metric[3].value) == ("8", "4")


def test_counts_per_image_say_that_readers_are_not_told_apart(page: AppTest, app_workspace: Workspace) -> None:
    upload(page, ("benefit.csv", nature_medicine().encode()))
    assert page.metric[1].value == "unknown"
    assert "holds no true diagnosis" in page.info[0].value
    page.file_uploader(key="logs.truth.0").set_value(("truth.csv", truth_csv().encode(), "text/csv")).run()
    assert page.metric[4].value == "6"
    page.button(key="logs.import").click().run()
    assert not page.exception
    assert readings_source.list_sources(app_workspace)[0].kind == "aggregate"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", DERMACHALLENGE.replace("8.5", "soon").encode(), "row 2: tequ_time is 'soon'"),
        ("a.csv", b"PK\x03\x04 nothing", "damaged or encrypted zip file"),
        ("a.csv", b"a\0b", "is not text"),
        ("a.csv", b"", "is empty"),
        ("[x](https://example.org).csv", b"x,y\n1,2\n", "no known format"),
    ],
)
def test_a_broken_file_is_explained_and_nothing_is_kept(
    page: AppTest, app_workspace: Workspace, name: str, data: bytes, message: str
) -> None:
    upload(page, (name, data))
    shown = text_of(page, "error", "warning")
    assert message in shown.replace("\\", "")
    assert "](https" not in shown.replace("\\[", "").replace("\\]", "")
    assert not [button for button in page.button if button.key == "logs.import"]
    assert import_reading_log.list_logs(app_workspace) == ()


def test_only_single_readings_are_offered_to_the_other_analyses(page: AppTest, app_workspace: Workspace) -> None:
    counts, _ = import_reading_log.import_reading_log(
        app_workspace, [LogFile("benefit.csv", nature_medicine().encode())]
    )
    assert "counts answers per image" in text_of(show(page, "agreement"), "warning")
    import_reading_log.import_reading_log(app_workspace, [LogFile("a.csv", DERMACHALLENGE.encode())])
    show(page, PAGE)
    app = show(page, "agreement", source=counts.key)
    assert "counts answers per image" in text_of(app, "warning")


SPELT_TWICE = DERMACHALLENGE.replace("t2,u1", "t2,U1")


def plain(text: str) -> str:
    """The text without what keeps Markdown from coming alive."""
    return text.replace("\\", "")


def questions(app: AppTest) -> list[Radio]:
    return [radio for radio in app.radio if str(radio.key).startswith(("logs.spelling", "mrmc.spelling"))]


@pytest.mark.parametrize(("answer", "readers"), [("merge", 2), ("apart", 3)])
def test_a_reader_spelt_twice_is_asked_about_before_the_import(
    page: AppTest, app_workspace: Workspace, answer: str, readers: int
) -> None:
    upload(page, ("vienna.csv", SPELT_TWICE.encode()))
    (question,) = questions(page)
    assert plain(question.label) == "These spellings look like one reader: 'u1' (4 rows), 'U1' (1 row)"
    assert (question.value, question.options) == (None, ["One reader", "Different readers"])
    assert "Say whether they are one" in text_of(page, "info")
    assert not [button for button in page.button if button.key == "logs.import"]
    question.set_value(answer)
    page.run()
    assert {m.label: m.value for m in page.metric}["Readers"] == str(readers)
    assert not page.warning
    page.button(key="logs.import").click().run()
    assert not page.exception
    (log,) = import_reading_log.list_logs(app_workspace)
    table = readings_source.load_readings(app_workspace, log.key)
    assert (table.frame["reader"].nunique(), table.alike) == (readers, ())
    assert "as was decided" in plain(text_of(page, "markdown"))
    assert "kept apart" not in text_of(show(page, "agreement", source=log.key))


def test_a_log_of_which_nobody_decided_warns_on_every_page(page: AppTest, app_workspace: Workspace) -> None:
    log, _ = import_reading_log.import_reading_log(app_workspace, [LogFile("a.csv", SPELT_TWICE.encode())])
    for name in ("agreement", "benefit", "item-response", "report"):
        app = show(page, name, source=log.key)
        said = plain(app.warning[0].value)
        assert "look like one reader and are kept apart: 'u1' (4 rows), 'U1' (1 row)." in said, name
        assert "Import the file again" in text_of(app, "caption")


def test_many_spellings_are_asked_about_at_once(page: AppTest) -> None:
    cases = [f"c{i}" for i in range(20)]
    rows = [
        f"{r},{m},{c.upper() if m == 'AI' else c},{int(c < 'c15')},1"
        for r in "ab"
        for m in ("unaided", "AI")
        for c in cases
    ]
    upload(page, ("ratings.csv", "\n".join(["reader,modality,case,truth,rating", *rows]).encode()))
    (question,) = questions(page)
    assert plain(question.label) == "20 groups of spellings look like one case each"
    assert "'C0' (2 rows), 'c0' (2 rows)" in plain(text_of(page, "markdown"))
    question.set_value("merge")
    page.run()
    assert not page.exception
    assert {m.label: m.value for m in page.metric} | {"Cases": "20"} == {m.label: m.value for m in page.metric}


def test_a_log_that_only_a_spelling_breaks_asks_about_it(page: AppTest) -> None:
    lines = ["BEGIN DATA:", "-1,N1,truth,0", "-1,d1,truth,1", "a,n1,unaided,1", "a,d1,unaided,2", "a,n1,AI,1"]
    upload(page, ("a.imrmc", "\n".join(lines).encode()))
    assert "case n1 has no truth row" in plain(text_of(page, "warning"))
    (question,) = questions(page)
    question.set_value("merge")
    page.run()
    assert not page.exception
    assert not page.error
    assert page.metric[0].value == "3"


def test_merging_two_who_both_answered_is_refused_and_can_be_taken_back(page: AppTest) -> None:
    upload(page, ("a.csv", DERMACHALLENGE.replace("t3,u2", "t1,U1").encode()))
    question = next(q for q in questions(page) if "one reader" in q.label)
    question.set_value("merge")
    page.run()
    assert "has a second unaided answer to case ISIC" in text_of(page, "error").replace("\\", "")
    next(q for q in questions(page) if "one reader" in q.label).set_value("apart")
    page.run()
    assert not page.error
    assert page.metric[1].value == "2"


def test_reversed_ratings_are_said_and_turned_round_on_the_page(page: AppTest, app_workspace: Workspace) -> None:
    rows = [
        f"r{r},{m},c{c},{int(c < 9)},{5 - (c < 9) - r % 2}"
        for r in range(4)
        for m in ("unaided", "AI")
        for c in range(18)
    ]
    upload(page, ("ratings.csv", "\n".join(["reader,modality,case,truth,rating", *rows]).encode()))
    assert "Ratings seem reversed: mean AUC of 4 readers 0.00" in plain(page.warning[0].value)
    page.toggle(key="logs.reversed.0").set_value(True).run()
    assert not page.exception
    assert not page.warning
    page.button(key="logs.import").click().run()
    (log,) = import_reading_log.list_logs(app_workspace)
    app = show(page, "mrmc", source=log.key)
    assert "reversed:" not in text_of(app, "warning")
    assert "The ratings were reversed, as was asked" in text_of(app, "markdown")
