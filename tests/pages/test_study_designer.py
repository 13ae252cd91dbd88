"""The page of a new study: where it begins, its sections, drafts that are kept, and the freeze."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.factories import make_image, make_record
from tests.filled_workspace import Filled
from tests.pages.designer import PAGE, begun, entry, open_draft, press, to_section
from tests.pages.open_page import to_page
from tests.pages.test_pages import REPOSITORY, protos, show, text_of

from dermdash.reader_study.protocol_draft import protocol_of_entries
from dermdash.reader_study.templates import STUDY_TEMPLATES
from dermdash.storage import records
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys
from dermdash.ui.study_tabs import StudyTab
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.reader_study import study_drafts, study_results

WALKED = ("lancet-oncology-2019", "wrong-advice")
"""Templates that set something in every section, between them."""
SECTIONS = ("cases", "arms", "asked", "assistance", "checks", "conduct", "pages", "analyses", "review")
PAIRED = ["benefit", "benefit:readers_and_cases"]


def draft_of(app: AppTest) -> str:
    """The draft that the address names."""
    value: Any = app.query_params["draft"]
    return str(value if isinstance(value, str) else value[-1])


@pytest.mark.slow
def test_a_study_is_previewed_frozen_and_shown(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, cases_per_round=7, seed=5)
    app = open_draft(filled_app, draft_id, "review")
    assert "name is empty" in text_of(app, "warning")
    to_section(app, "analyses")
    entry(app, "prespecified_analyses").set_value(["benefit", "agreement"]).run()
    to_section(app, "cases")
    entry(app, "name").set_value("Frozen here").run()
    to_section(app, "review", part="freeze")
    assert "7 cases and 3 for practice" in text_of(app)
    assert "Every case is of a lesion the model did not train on." in app.success[0].value
    app.button(key="new.freeze").click().run()
    assert not app.exception
    newest = study_results.list_studies(app_workspace)[0]
    assert newest["name"] == "Frozen here"
    assert len(study_results.study_cases(app_workspace, newest["id"])) == 10
    assert study_results.study_protocol(app_workspace, newest["id"]).prespecified_analyses == ("benefit", "agreement")
    app = to_page(app, str(StudyTab.PROTOCOL)).run()
    assert "Decided on beforehand\\: Benefit of assistance; Agreement" in text_of(app)
    # The draft is no draft any more, and says what became of it.
    assert study_drafts.list_drafts(app_workspace) == []
    app = open_draft(app, draft_id)
    assert "froze this draft as a study" in text_of(app, "success")
    assert "new.freeze" not in [button.key for button in app.button]


@pytest.mark.slow
def test_the_crowd_of_a_new_study_can_be_that_of_an_earlier_one(
    filled_app: AppTest, filled: Filled, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, cases_per_round=7, practice_cases=0), "assistance")
    assert entry(app, "crowd_source").value == "growing"
    entry(app, "crowd_source").set_value(f"study:{filled.study_id}").run()
    assert "Seven cases is no crowd for this data set" in app.error[0].value
    to_section(app, "cases")
    entry(app, "name").set_value("Crowd frozen").run()
    assert "new.freeze" not in [button.key for button in to_section(app, "review", part="freeze").button]
    to_section(app, "assistance")
    entry(app, "minimum_crowd_readers").set_value(1).run()
    assert "Seven cases (1 reader, 7 images, SHA-256 " in text_of(app, "caption")
    to_section(app, "review", part="freeze").button(key="new.freeze").click().run()
    assert not app.exception
    frozen = study_results.study_protocol(app_workspace, study_results.list_studies(app_workspace)[0]["id"])
    assert frozen.frozen_crowd is not None
    assert frozen.frozen_crowd["source"] == f"study:{filled.study_id}"


def test_a_new_study_draws_from_the_records_that_are_chosen_and_says_so(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    kept = {"verification_stage": ["2", "9"]}
    app = open_draft(filled_app, begun(app_workspace, name="Histology only", cases_per_round=7, record_filter=kept))
    chosen = entry(app, "records.verification_stage")
    # A stage that no record has stays chosen: a draft must not quietly draw from more than it says.
    assert chosen.value == ["2", "9"]
    chosen.set_value(["3"])
    entry(app, "own_mix").set_value(True).run()
    assert (
        "Left out of 42 diagnosed records: 36 by the filter" in to_section(app, "review", part="cases").error[0].value
    )
    to_section(app, "cases")
    entry(app, "records.verification_stage").set_value(["2", "3"]).run()
    to_section(app, "review", part="cases")
    assert "The filter lets 42 of 42 diagnosed records through (Verification stage: 2" in text_of(app)
    to_section(app, "review", part="freeze").button(key="new.freeze").click().run()
    assert not app.exception
    newest = study_results.list_studies(app_workspace)[0]
    assert study_results.study_protocol(app_workspace, newest["id"]).record_filter == {"verification_stage": ["2", "3"]}
    app = to_page(app, str(StudyTab.PROTOCOL)).run()
    assert "Drawn only from records with Verification stage\\: 2" in text_of(app)


def test_cases_that_cannot_be_drawn_are_named_and_cannot_be_frozen(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, name="Too large", cases_per_round=70), "review", part="freeze")
    assert "too few lesions" in app.error[0].value
    assert "new.freeze" not in [button.key for button in app.button]


def test_the_review_warns_of_lesions_the_model_has_seen(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, name="Everything", practice_cases=0, cases_per_round=35)
    app = open_draft(filled_app, draft_id, "review", part="cases")
    assert "For 2 of 35 cases the model trained on the lesion" in app.warning[0].value


def test_a_page_without_drafts_offers_every_template(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE)
    linked = {link.query_string for link in protos(app, "page_link")}
    assert {f"template={key}" for key in STUDY_TEMPLATES} <= linked


@pytest.mark.parametrize("template", list(STUDY_TEMPLATES))
def test_a_draft_begins_with_a_template_and_every_section_shows_it(
    filled_app: AppTest, app_workspace: Workspace, template: str
) -> None:
    app = show(filled_app, PAGE, template=template)
    app.button(key="new.begin").click().run()
    assert not app.exception
    begun_with = study_drafts.get_draft(app_workspace, draft_of(app)).entries
    # Only what the design can give is offered as decided beforehand.
    unaided = ("lancet-oncology-2019", "han-2018")
    usual = [] if template in unaided else ["arms"] if template == "parallel-arms" else PAIRED
    assert list(begun_with["prespecified_analyses"]) == usual
    for section in SECTIONS if template in WALKED else ("arms", "assistance", "review"):
        to_section(app, section)
        assert not app.error, section
    # Looking changes nothing.
    assert study_drafts.get_draft(app_workspace, draft_of(app)).entries == begun_with
    assert study_drafts.get_draft(app_workspace, draft_of(app)).number == 1


def test_what_is_typed_is_kept_and_another_browser_goes_on_with_it(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace), "conduct")
    entry(app, "conduct.interruption").set_value("block").run()
    # The policy needs a gap, which comes along.
    assert entry(app, "conduct.longest_gap_min").value == 60
    entry(app, "conduct.stopping_rule").set_value("When the first 10 are done").run()
    to_section(app, "asked")
    entry(app, "confidence_levels").set_value("No\n\nYes \nQuite").run()
    entry(app, "limited").set_value(True).run()
    draft_id = draft_of(app)
    other = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=30)
    other.session_state[keys.SESSION_TOKEN] = app.session_state[keys.SESSION_TOKEN]
    open_draft(other, draft_id, "asked")
    assert entry(other, "confidence_levels").value == "No\nYes\nQuite"
    assert entry(other, "time_limit_s").value == 20
    to_section(other, "conduct")
    assert entry(other, "conduct.interruption").value == "block"
    assert entry(other, "conduct.stopping_rule").value == "When the first 10 are done"


def test_what_cannot_be_is_said_at_the_entry_and_what_was_typed_stays(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, name="S", cases_per_round=7), "checks")
    entry(app, "checks.hidden_repeats").set_value(9).run()
    assert [e.value for e in app.error] == ["Hidden repeats is 9 per round, and a reader reads 7 cases in one."]
    assert entry(app, "checks.hidden_repeats").value == 9
    assert "Template: 0" in text_of(app, "caption")
    to_section(app, "arms")
    assert "To be settled elsewhere: Checks" in text_of(app, "caption")
    entry(app, "design.washout_days").set_value(3).run()
    assert "A washout needs an arm with two periods" in text_of(app, "error")
    to_section(app, "review")
    assert "Before the freeze 2 entries must change" in text_of(app, "warning")
    to_section(app, "arms")
    app.button(key=entry_key(app, "arms.0.period.add")).click().run()
    assert not app.error
    assert entry(app, "design.washout_days").value == 3


def entry_key(app: AppTest, path: str) -> str:
    """Key of the button that changes a draft at a path."""
    return next(str(b.key) for b in app.button if str(b.key).split(".", 3)[3:] == [path])


def test_arms_and_periods_are_added_changed_and_removed(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, template="parallel-arms", name="S")
    app = open_draft(filled_app, draft_id, "arms")

    def arms() -> list[Any]:
        found: list[Any] = study_drafts.get_draft(app_workspace, draft_id).entries["design"]["arms"]
        return found

    app.button(key=entry_key(app, "arm.add")).click().run()
    entry(app, "arms.2.name").set_value("Crowd").run()
    entry(app, "arms.2.periods.0.reading").set_value("aided").run()
    entry(app, "arms.2.periods.0.modalities").set_value(["crowd_probability"]).run()
    entry(app, "arms.0.weight").set_value(2).run()
    assert [(arm["key"], arm["name"], arm["weight"]) for arm in arms()] == [
        ("without", "Without assistance", 2), ("with", "With assistance", 1), ("arm-3", "Crowd", 1),
    ]  # fmt: skip
    assert arms()[2]["periods"] == [{"reading": "aided", "modalities": ["crowd_probability"]}]
    app.button(key=entry_key(app, "arms.1.remove")).click().run()
    assert [arm["key"] for arm in arms()] == ["without", "arm-3"]
    assert entry(app, "arms.1.name").value == "Crowd"
    assert not app.exception


def test_translations_and_the_crowd_and_wrong_advice_are_entered(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, name="S")
    app = open_draft(filled_app, draft_id, "pages")
    entry(app, "translation.de.question").set_value("Ihre Diagnose?").run()
    entry(app, "translation.de.confidence_levels").set_value("Unsicher\nSicher\nGanz sicher").run()
    entry(app, "pages.feedback").set_value("end").run()
    to_section(app, "assistance")
    entry(app, "planted").set_value(True).run()
    entry(app, "wrong_advice.share_percent").set_value(40).run()
    protocol = protocol_of_entries(study_drafts.get_draft(app_workspace, draft_id).entries)
    assert protocol.pages.translations == {
        "de": {"question": "Ihre Diagnose?", "confidence_levels": ["Unsicher", "Sicher", "Ganz sicher"]}
    }
    assert protocol.wrong_advice is not None
    assert protocol.wrong_advice.share_percent == 40
    to_section(app, "pages")
    entry(app, "translation.de.question").set_value("").run()
    entry(app, "translation.de.confidence_levels").set_value(" \n").run()
    to_section(app, "assistance")
    entry(app, "planted").set_value(False).run()
    protocol = protocol_of_entries(study_drafts.get_draft(app_workspace, draft_id).entries)
    # As if it had never been changed: neither stands in the text of the protocol.
    assert "translations" not in protocol.to_json()
    assert "wrong_advice" not in protocol.to_json()


def test_a_draft_that_was_changed_elsewhere_is_never_written_over(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    draft_id = begun(app_workspace, name="Mine")
    app = open_draft(filled_app, draft_id)
    study_drafts.rename_draft(app_workspace, OPERATOR, draft_id, "Theirs")
    entry(app, "question").set_value("Melanoma?").run()
    assert not app.exception
    assert "was changed elsewhere by Command line" in text_of(app, "warning").replace("operator", "Command line")
    assert "is **not saved**" in text_of(app, "warning")
    assert study_drafts.get_draft(app_workspace, draft_id).entries["question"] == "What is your diagnosis?"
    app.button(key="new.copy").click().run()
    assert not app.exception
    copied = draft_of(app)
    assert copied != draft_id
    copy = study_drafts.get_draft(app_workspace, copied)
    assert (copy.name, copy.entries["question"]) == ("Mine (copy)", "Melanoma?")
    open_draft(app, draft_id)
    assert entry(app, "name").value == "Theirs"


def test_the_newer_state_is_loaded_when_asked_for(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, name="Mine")
    app = open_draft(filled_app, draft_id)
    study_drafts.rename_draft(app_workspace, OPERATOR, draft_id, "Theirs")
    app.run()
    assert entry(app, "name").value == "Mine"
    app.button(key="new.load").click().run()
    assert entry(app, "name").value == "Theirs"
    assert not app.warning
    entry(app, "question").set_value("Melanoma?").run()
    assert study_drafts.get_draft(app_workspace, draft_id).entries["question"] == "Melanoma?"


def test_drafts_are_listed_renamed_deleted_and_brought_back(filled_app: AppTest, app_workspace: Workspace) -> None:
    draft_id = begun(app_workspace, name="First")
    app = show(filled_app, PAGE)
    assert any(link.label == "First" and link.query_string == f"draft={draft_id}" for link in protos(app, "page_link"))
    app.text_input(key=f"new.draft.{draft_id}.name.1").set_value("Second").run()
    app.button(key=f"new.draft.{draft_id}.rename").click().run()
    assert "Second" in [link.label for link in protos(app, "page_link")]
    app.button(key=f"new.draft.{draft_id}.delete").click().run()
    assert "Second" not in [link.label for link in protos(app, "page_link")]
    assert "can be brought back" in text_of(app, "success")
    app.button(key=f"new.draft.{draft_id}.restore").click().run()
    assert "Second" in [link.label for link in protos(app, "page_link")]


def test_a_link_to_no_draft_or_template_leads_to_those_there_are(filled_app: AppTest) -> None:
    app = show(filled_app, PAGE, draft="nobody")
    assert "There is no draft 'nobody' in this workspace" in text_of(app)
    del app.query_params["draft"]
    app = show(app, PAGE, template="nobody")
    assert "There is no template “nobody”" in text_of(app, "warning")


def test_the_protocol_of_a_study_is_taken_over(filled_app: AppTest, filled: Filled, app_workspace: Workspace) -> None:
    app = show(filled_app, PAGE)
    app.selectbox(key="new.from_study").set_value(filled.study_id).run()
    app.button(key="new.begin_study").click().run()
    assert not app.exception
    assert study_drafts.get_draft(app_workspace, draft_of(app)).name == "Seven cases (2)"


def test_a_file_begins_a_draft_and_takes_the_place_of_one(filled_app: AppTest, app_workspace: Workspace) -> None:
    text = "name: From a file\ndataset_id: clinic\ntaxonomy: ham7\nmodel_id: m00000000001\nrounds: 2\n"
    app = show(filled_app, PAGE)
    app.file_uploader(key="new.file").upload("p.yaml", (text + "roundz: 3\n").encode(), "application/yaml").run()
    assert "p.yaml: there is no entry 'roundz': did you mean rounds?" in text_of(app, "error")
    app.file_uploader(key="new.file").upload("p.yaml", text.encode(), "application/yaml").run()
    app.button(key="new.begin_file").click().run()
    draft_id = draft_of(app)
    assert study_drafts.get_draft(app_workspace, draft_id).entries["rounds"] == 2
    to_section(app, "review")
    changed = text.replace("rounds: 2", "class_mix: {mel: 9}\ncases_per_round: 7").encode()
    uploader = next(u for u in app.get("file_uploader") if str(u.key).endswith(".file"))
    uploader.upload("q.yaml", changed, "application/yaml").run()
    assert "The file changes: " in text_of(app, "caption")
    app.button(key="new.take_over").click().run()
    assert "The class mix sums to 9 but a round has 7 cases" in text_of(app, "warning")
    to_section(app, "cases")
    app.button(key=entry_key(app, "as_the_mix")).click().run()
    assert not app.error
    assert protocol_of_entries(study_drafts.get_draft(app_workspace, draft_id).entries).cases_per_round == 9


def test_another_data_set_brings_its_classes_and_models(filled_app: AppTest, app_workspace: Workspace) -> None:
    values = {"id": "other", "name": "Other", "taxonomy": "clinical9", "source": "", "licence": "", "simulated": False}
    records.save_dataset(app_workspace.engine, values=values)
    rows = [make_record("A", "other", dx="melanoma", image_sha256="a" * 64)]
    records.save_batch(app_workspace.engine, images=[make_image("a" * 64)], records=rows)
    draft_id = begun(app_workspace, name="S", class_mix={"mel": 7})
    app = open_draft(filled_app, draft_id)
    entry(app, "dataset_id").set_value("other").run()
    assert not app.exception
    entries = study_drafts.get_draft(app_workspace, draft_id).entries
    assert (entries["taxonomy"], entries["class_mix"], entries["model_id"]) == ("clinical9", None, None)
    assert "Dysplastic nevus 3" in text_of(app, "caption")
    assert "needs a model" in text_of(to_section(app, "assistance"), "error")


def test_a_study_that_asks_for_nothing_is_told_so_and_the_diagnosis_can_be_left_out(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    draft_id = begun(app_workspace, name="S")
    app = open_draft(filled_app, draft_id, "asked")
    entry(app, "asked.diagnosis").set_value(False).run()
    assert "Nothing is asked" in text_of(app, "error")
    entry(app, "asked.malignancy_rating").set_value(True).run()
    assert not app.error
    to_section(app, "analyses")
    assert not app.warning
    entry(app, "prespecified_analyses").set_value(["benefit", "mrmc"]).run()
    assert "nothing will come of Benefit of assistance, decided on beforehand" in text_of(app, "warning")
    app.button(key=entry_key(app, "analyses.fitting")).click().run()
    assert not app.warning
    assert study_drafts.get_draft(app_workspace, draft_id).entries["prespecified_analyses"] == ["mrmc"]
    to_section(app, "asked")
    entry(app, "asked.diagnosis").set_value(True).run()
    usual = ["benefit", "benefit:readers_and_cases"]
    assert study_drafts.get_draft(app_workspace, draft_id).entries["prespecified_analyses"] == usual
    entry(app, "asked.diagnosis").set_value(False).run()
    to_section(app, "checks")
    entry(app, "checks.attention_checks").set_value(2).run()
    assert "Attention checks need the diagnosis" in text_of(app, "error")


def test_the_consent_is_seen_as_it_would_be_frozen_and_changed_in_every_language(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, name="Consented", pages={"languages": ["en", "de"]}), "pages")
    shown = next(area for area in app.text_area if area.label == "Consent")
    assert "You are invited to take part in a study of how people read" in shown.value  # not that of any protocol
    assert shown.value in text_of(app)
    shown.set_value("Our ward asks you.").run()
    assert not app.exception
    assert "Our ward asks you." in text_of(app)
    app.get("button_group")[at_language(app)].set_value("de").run()
    assert "these readers get it in English" in text_of(app, "warning")
    press(app, "Begin with the standard consent in this language")
    app.get("button_group")[at_language(app)].set_value("de").run()
    assert "Sie sind eingeladen" in text_of(app)
    press(app, "Back to the standard consent")
    shown = next(area for area in app.text_area if area.label == "Consent")
    assert "You are invited to take part" in shown.value


def at_language(app: AppTest) -> int:
    return next(i for i, w in enumerate(app.get("button_group")) if str(w.key).endswith("consent.language"))


def test_the_screens_of_readers_are_one_click_away_from_every_section(
    filled_app: AppTest, app_workspace: Workspace
) -> None:
    app = open_draft(filled_app, begun(app_workspace, name="Tried", cases_per_round=7), "checks")
    press(app, "Try as a reader")
    assert "nothing is stored, and answers go nowhere" in text_of(app)
