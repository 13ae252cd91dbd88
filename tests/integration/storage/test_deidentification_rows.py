"""What is counted about images is the same on every database."""

from tests.clinic_workspace import fill_clinic

from dermdash.dataset.burned_in_text import DETECTOR, TextRegion
from dermdash.storage import deidentification as store
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR
from dermdash.workflows.dataset.judge_images import decide, mask_regions
from dermdash.workflows.dataset.search_for_text import screen


def test_images_are_counted_by_what_was_found_and_said(workspace: Workspace) -> None:
    fill_clinic(workspace)
    before = store.count_images(workspace.engine, ["clinic"], DETECTOR)
    assert before == {
        "images": 3, "screened": 0, "proposed": 0, "open": 0, "masked": 0, "looked_at": 0, "surplus": 0,
    }  # fmt: skip
    screen(workspace, processes=False)
    counts = store.count_images(workspace.engine, ["clinic"], DETECTOR)
    assert (counts["screened"], counts["proposed"], counts["open"], counts["looked_at"]) == (3, 1, 1, 0)
    (named,) = store.images_with_proposals(workspace.engine, ["clinic"], DETECTOR)["sha256"]
    decide(workspace, OPERATOR, named, "clear")
    plain = next(sha256 for sha256 in store.image_hashes(workspace.engine, ["clinic"]) if sha256 != named)
    covered = mask_regions(workspace, OPERATOR, plain, [TextRegion(2, 2, 9, 9, 0.0)])
    counts = store.count_images(workspace.engine, ["clinic"], DETECTOR)
    assert (counts["screened"], counts["open"], counts["masked"], counts["looked_at"]) == (3, 0, 1, 2)
    looked = store.looked_at_by_image(workspace.engine, ["clinic"])
    assert {sha256 for sha256, seen in looked.items() if seen} == {named, covered}
    assert list(looked) == sorted(looked)
    decide(workspace, OPERATOR, named, "open")
    assert store.count_images(workspace.engine, ["clinic"], DETECTOR)["open"] == 1
    assert store.count_images(workspace.engine, [], DETECTOR)["images"] == 0
    assert store.count_images(workspace.engine, ["clinic"], "another version")["screened"] == 0
