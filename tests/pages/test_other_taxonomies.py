"""Pages over a data set whose diagnoses are not those of HAM10000."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.factories import make_image, make_record
from tests.pages.designer import begun, entry, open_draft, to_section
from tests.pages.open_page import to_page

from dermdash.records.taxonomy import CLINICAL9
from dermdash.storage import records
from dermdash.storage.workspace import Workspace


@pytest.fixture
def clinical(app_workspace: Workspace) -> Workspace:
    values = {"id": "clinic", "name": "Clinic", "taxonomy": CLINICAL9.name, "simulated": False}
    records.save_dataset(app_workspace.engine, values=values)
    rows = [
        make_record(f"{code}_{i}", dataset_id="clinic", dx=code, verification_stage=2)
        for code in CLINICAL9.codes for i in range(6)
    ]  # fmt: skip
    records.save_batch(app_workspace.engine, images=[make_image()], records=rows)
    return app_workspace


def test_a_new_study_has_the_classes_of_its_data_set_and_no_model_of_others(
    clinical: Workspace, signed_in_app: AppTest
) -> None:
    open_draft(signed_in_app, begun(clinical, dataset="clinic"))
    captions = " ".join(caption.value for caption in signed_in_app.caption)
    assert "Dysplastic nevus 3" in captions
    assert "Melanoma 4" in captions
    # The model that comes with dermdash knows other classes.
    assert entry(to_section(signed_in_app, "assistance"), "model_id").options == ["No model"]


def test_a_record_needs_what_its_own_taxonomy_asks_for(clinical: Workspace, signed_in_app: AppTest) -> None:
    for code, warned in (("melanoma", True), ("dysplastic_nevus", False)):
        signed_in_app.query_params["id"] = f"clinic:{code}_0"
        to_page(signed_in_app, "pages/dataset/record.py").run()
        warnings = [w.value for w in signed_in_app.warning]
        assert any("needs histology" in w for w in warnings) == warned, code
