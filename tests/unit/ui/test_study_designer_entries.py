"""Every entry of a protocol is changed in one section of the page of a new study, and has a name there."""

import ast
from pathlib import Path

import pytest
from tests.parsed_sources import parsed

from dermdash.reader_study.protocol import Protocol
from dermdash.reader_study.protocol_draft import entries_of_template
from dermdash.reader_study.protocol_parts import PARTS, PlantedAdvice, Screening
from dermdash.ui import study_designer
from dermdash.ui.study_designer.designer_view import section_of
from dermdash.ui.study_designer.wording_of_entries import entry_in_words

NOT_TYPED = {"template": "what the draft began with", "taxonomy": "that of the data set"}
SOURCES = sorted(Path(study_designer.__file__).parent.glob("*.py"))


def entries() -> list[str]:
    """Every entry, those of parts by their path."""
    single = [name for name in entries_of_template("crossover", dataset_id="d", taxonomy="ham7") if name not in PARTS]
    parts = {**PARTS, "wrong_advice": PlantedAdvice, "checks.screening": Screening}
    inner = [f"{name}.{entry}" for name, part in parts.items() for entry in part.model_fields]
    return [*single, *inner]


def texts() -> set[str]:
    """Every literal text of the package but the names of entries themselves."""
    return {
        node.value
        for path in SOURCES
        if path.name != "wording_of_entries.py"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_every_entry_of_a_protocol_can_be_changed() -> None:
    assert set(Protocol.__dataclass_fields__) <= {e.partition(".")[0] for e in entries()}
    assert [entry for entry in entries() if entry not in texts() and entry not in NOT_TYPED] == []


@pytest.mark.parametrize(
    ("entry", "section"),
    [
        ("name", "cases"), ("design.cases_per_reader", "cases"), ("design.washout_days", "arms"), ("design", "arms"),
        ("checks.hidden_repeats", "checks"), ("practice_cases", "checks"), ("wrong_advice", "assistance"),
        ("consent_text", "pages"), ("conduct.closes_on", "conduct"), ("view", "asked"), ("", "cases"),
    ],
)  # fmt: skip
def test_a_fault_leads_to_the_section_where_its_entry_is_changed(entry: str, section: str) -> None:
    assert section_of(entry).key == section


def test_every_entry_has_a_name() -> None:
    assert [e for e in entries() if entry_in_words(e) == e.replace("_", " ").replace(".", ": ")] == [
        "checks.screening.cases", "checks.screening.right",
    ]  # fmt: skip
