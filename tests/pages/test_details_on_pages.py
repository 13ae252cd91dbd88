"""Details, further columns and completeness where people look: records, record and overview."""

import hashlib

import pytest
from streamlit.testing.v1 import AppTest
from tests.factories import make_image, make_record
from tests.pages.open_page import to_page
from tests.unit.dataset.image_factories import make_jpeg

from dermdash.storage import records
from dermdash.storage.object_store import ORIGINALS, THUMBNAILS
from dermdash.storage.workspace import Workspace
from dermdash.ui import keys


@pytest.fixture
def detailed_app(app_workspace: Workspace, signed_in_app: AppTest) -> AppTest:
    for name in ("ham", "bare"):
        values = {"id": name, "name": name, "taxonomy": "ham7", "source": "", "licence": "", "simulated": False}
        records.save_dataset(app_workspace.engine, values=values)
    picture = make_jpeg(width=40, height=30)
    sha256 = hashlib.sha256(picture).hexdigest()
    for place in (ORIGINALS, THUMBNAILS):
        app_workspace.files.put(place, sha256, picture)
    rows = [
        make_record(
            "A", image_type="tbp_tile", licence="CC-0", breslow_mm=1.2, acquisition_source="vidir_modern",
            further={"tbp_lv_A": "20.1", "<b>bold</b>": "<script>x</script>"},
        ),
        make_record("B", source_label="naevus"),
        make_record("C", dataset_id="bare"),
    ]  # fmt: skip
    rows = [row | {"image_sha256": sha256} for row in rows]
    records.save_batch(app_workspace.engine, images=[make_image(sha256)], records=rows)
    return signed_in_app


def show(app: AppTest, script: str, /, **query: str) -> AppTest:
    to_page(app, f"pages/dataset/{script}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for kind in ("markdown", "caption") for element in app.get(kind))


def sent_to(block: object) -> str:
    return "\n".join(str(e.proto) for e in block if getattr(e, "proto", None) is not None)  # type: ignore[attr-defined]


def test_the_address_filters_by_details_and_the_table_shows_them(detailed_app: AppTest) -> None:
    app = show(detailed_app, "records", image_type="tbp_tile", breslow_min="0.8", view="table")
    assert "**1 of 3 records**" in words(app)
    assert "Image type: TBP tile · Breslow thickness: 0.8 to 100" in words(app)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["Image type"], row["Source of the image"]) == ("TBP tile", "vidir_modern")
    app.number_input(key=keys.filter_widget("breslow_min")).set_value(1.5).run()
    assert "**0 of 3 records**" in words(app)
    assert app.query_params["breslow_min"] in ("1.5", ["1.5"])
    app.button(key="records.clear").click().run()
    assert "**3 of 3 records**" in words(app)
    assert "breslow_min" not in app.query_params


def test_filters_of_which_no_record_says_anything_are_not_offered(detailed_app: AppTest) -> None:
    sidebar = sent_to(show(detailed_app, "records").sidebar)
    for title in ("Image type", "Licence", "Label in the source", "Breslow thickness", "vidir_modern", "naevus"):
        assert title in sidebar
    for title in ("Polarisation", "Skin tone", "Second diameter"):
        assert title not in sidebar
    # A link that asks for one shows it, so that it can be taken away.
    asked = sent_to(show(detailed_app, "records", contact="contact", second_diameter_min="2").sidebar)
    assert "Second diameter from (mm)" in asked
    assert '"contact"' in asked.replace("\\", "")


def test_the_table_has_no_columns_that_are_empty_on_every_row(detailed_app: AppTest) -> None:
    table = show(detailed_app, "records", dataset_id="bare", view="table").dataframe[0].value
    assert not {"Image type", "Source of the image"} & set(table.columns)


def test_a_record_shows_its_details_and_the_further_columns_as_text(detailed_app: AppTest) -> None:
    app = show(detailed_app, "record", id="ham:A")
    tables = "\n".join(e.proto.body for e in app.get("html"))  # type: ignore[attr-defined]
    assert "<caption>Demographic <span>2 of 3</span></caption>" in tables
    assert "<caption>Diagnostic <span>3 of 3</span></caption>" in tables
    assert "Image type</th><td>TBP tile" in tables
    assert "Breslow thickness</th><td>1.2 mm" in tables
    assert "Polarisation" not in tables
    assert "tbp_lv_A</th><td>20.1" in tables
    assert "&lt;b&gt;bold&lt;/b&gt;</th><td>&lt;script&gt;x&lt;/script&gt;" in tables
    further = "Further columns of the source"
    assert further in [header.value for header in app.header]
    assert further not in [header.value for header in show(detailed_app, "record", id="ham:B").header]


def test_the_overview_says_how_complete_a_data_set_is(detailed_app: AppTest) -> None:
    app = show(detailed_app, "overview")
    fields, details = (
        frame.value for frame in app.dataframe if "Block" in frame.value or "Beside the fields" in frame.value
    )
    sex = fields.set_index("Field").loc["Sex"]
    assert (sex["Block"], sex["Filled"], sex["Complete"]) == ("Demographic", 2, 100)
    assert dict(zip(details["Beside the fields"], details["Records"], strict=True)) == {
        "Image type": 1, "Breslow thickness": 1, "Source of the image": 1, "Licence": 1
    }  # fmt: skip
    assert "Of 2 records" in words(app)
    assert "Further columns of the source: 1 record" in words(app)
    bare = words(show(detailed_app, "overview", completeness_of="bare"))
    assert "Of 1 record" in bare
    assert "say nothing beside the fields" in bare


def test_of_a_filter_with_hundreds_of_options_the_commonest_are_listed_and_what_is_chosen(
    app_workspace: Workspace, detailed_app: AppTest
) -> None:
    rows = [make_record(f"N{i}", source_label=f"words {i:03}") for i in range(250)]
    records.save_batch(app_workspace.engine, images=[], records=[*rows, make_record("twice", source_label="words 249")])
    sidebar = sent_to(show(detailed_app, "records", source_label="words 240").sidebar)
    assert "Label in the source: the 200 of most records, 52 not listed" in sidebar
    assert "words 249" in sidebar
    assert "words 240" in sidebar
    assert "words 239" not in sidebar
    assert "**1 of 254 records**" in words(detailed_app)
