"""Each recipe of docs/how-to-add.md, followed to the letter in a copy of the package, and seen where it should be."""

import json
from typing import Any

import pytest
from tests.integration.how_to_add.toy_house import build, look_at


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("toy-house")
    build(folder)
    return look_at(folder)


def test_a_field_is_one_line_and_a_migration(seen: dict[str, Any]) -> None:
    assert seen["itch"] == {"A": "severe", "B": "none", "C": ""}
    assert "column 'pruritus' was read as itch" in seen["import"]
    assert seen["header"].index("itch") < seen["header"].index("completeness")
    assert seen["severe"] == ["A"]
    (row, _) = seen["dictionary"]
    assert (row["title"], row["block"], row["values"]) == ("Itching", "Anamnestic", "none | mild | severe")
    assert row["other_names"] == "pruritus"
    assert (seen["subgroup"], seen["truth"]) == ("Itching", ["mild"])
    assert set(seen["demo"]) <= {"none", "mild", "severe", "None"}
    assert len(seen["demo"]) >= 3


def test_a_new_field_is_in_filters_tables_and_on_the_page_of_a_record(seen: dict[str, Any]) -> None:
    pages = seen["pages"]
    assert pages["table"]["Image id"] == ["A"]
    assert pages["table"]["Itching"] == ["severe"]
    assert "Itching" in pages["facets"]
    assert "Itching: Severe" in pages["words"]
    assert "Itching</th><td>severe" in pages["record"]


def test_a_detail_is_one_line_and_a_migration(seen: dict[str, Any]) -> None:
    assert seen["lens"] == {"A": "x50", "B": "", "C": ""}
    assert "column 'objective' was read as lens" in seen["import"]
    assert seen["header"].index("lens") < seen["header"].index("technical_quality")
    assert seen["x50"] == ["A"]
    (_, row) = seen["dictionary"]
    assert (row["title"], row["block"], row["other_names"]) == ("Lens", "Image", "objective")
    assert seen["demo_lens"]
    pages = seen["pages"]
    assert pages["table"]["Lens"] == ["x50"]
    assert "Lens" in pages["facets"]
    assert "Lens</th><td>x50" in pages["record"]


def test_a_filter_is_one_declaration(seen: dict[str, Any]) -> None:
    assert seen["lesion"] == ["B", "C"]
    assert "Lesion of the image" in seen["pages"]["facets"]


def test_a_form_of_assistance_is_one_class_and_one_line(seen: dict[str, Any]) -> None:
    found = seen["modality"]
    assert found["stored"] == {"modality": "top_class", "dx": "mel"}
    assert found["shown"] == found["stored"]
    assert found["advice"] == ["mel", True]
    assert (found["label"], found["color"], found["spelling"]) == ("Likeliest class", "#5a6978", "top_class")
    assert "top_class" in found["dictionary"]
    assert "Likeliest class" in seen["pages"]["study"]


def test_a_statistic_is_one_folder_and_one_line(seen: dict[str, Any]) -> None:
    """Command, JSON, page with its control, report, and what a protocol can name follow from its declaration."""
    found = seen["statistic"]
    assert found["json"]["options"] == {"least": 2}
    assert found["json"]["sure"]["value"] > 0.5
    assert "Sure were" in found["printed"]
    assert found["planned"] == "Sureness of readers"
    assert "sureness" in found["report"]
    assert "How sure readers are." in seen["pages"]["statistic"]
    assert "Sure from level" in seen["pages"]["statistic"]
    assert "Sure were" in seen["pages"]["statistic"]


def test_a_format_of_data_sets_is_one_file_and_one_line(seen: dict[str, Any]) -> None:
    assert json.loads(seen["album"].splitlines()[-1])["imported"] == 2
    assert sorted(seen["album_dx"]) == ["melanoma", "nevus"]
    assert "Photo album" in seen["pages"]["formats"]


def test_a_format_of_reading_logs_is_one_file_and_one_line(seen: dict[str, Any]) -> None:
    assert (seen["diary"]["format"], seen["diary"]["readings"]) == ("diary", 2)
    assert "columns who, saw, said" in seen["diary"]["recognised"]
    assert "**Diary of readers**: One row per picture." in seen["pages"]["logs"]
