"""How a data set stands: every number is the one that the Records page shows where it leads."""

from itertools import pairwise

from tests.filled_workspace import DATASET, fill_judged

from dermdash.records.record_filter import FACETS, FINDING, FLAG, UNKNOWN, RecordFilter
from dermdash.storage.findings import SAME_LESION
from dermdash.storage.listed_findings import save_listed
from dermdash.storage.memberships import memberships_version
from dermdash.storage.workspace import Workspace
from dermdash.workflows.dataset.browse_records import page_of_records, record_numbers
from dermdash.workflows.dataset.health import PICTURES, dataset_health


def test_every_number_is_that_of_the_records_behind_it(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    save_listed(workspace.engine, SAME_LESION, [(ids[0], ids[10])], source="a list", among=ids)
    health = dataset_health(workspace, DATASET)
    assert health.records == record_numbers(workspace, RecordFilter(dataset_id=(DATASET,))).matching == len(ids)
    for facet in ("dx", "verification_stage", "quality", "completeness", FLAG, FINDING, "acquisition"):
        assert facet in FACETS
        for option, n in health.options[facet].items():
            if facet == "acquisition" and option == UNKNOWN:
                continue
            behind = RecordFilter(dataset_id=(DATASET,), **{facet: (option,)})
            assert record_numbers(workspace, behind).matching == n, (facet, option)


def test_pictures_are_of_the_classes_by_turns(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    pictures = dataset_health(workspace, DATASET).pictures
    assert len(pictures) == min(PICTURES, len(ids))
    assert len({dx for _, _, dx in pictures[:7]}) == 7


def test_what_is_kept_of_it_is_counted_again_when_a_finding_comes(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    before = memberships_version(workspace.engine)
    assert memberships_version(workspace.engine) == before
    save_listed(workspace.engine, SAME_LESION, [(ids[0], ids[10])], source="a list", among=ids)
    assert memberships_version(workspace.engine) != before


def test_a_page_of_records_says_with_which_images_the_next_one_begins(workspace: Workspace) -> None:
    ids = fill_judged(workspace)
    per_page = max(2, len(ids) // 3)
    pages = [page_of_records(workspace, RecordFilter(), page=n, per_page=per_page) for n in range(1, 5)]
    there_are = record_numbers(workspace, RecordFilter(), per_page=per_page).pages
    for page, following in pairwise(pages[:there_are]):
        begins = following.rows["image_sha256"].tolist()[:30]
        assert list(page.ahead) == begins
        assert len(page.rows) == per_page
    assert pages[there_are - 1].ahead == ()
    assert [page.page for page in pages] == [min(n, there_are) for n in range(1, 5)]
