"""What published lists say stands beside the findings with its source, and decides nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.workflows.lesion_identity.test_find_same_lesions import search, store
from tests.made_once import MadeOnce
from tests.quick_databases import let_go
from tests.unit.dataset.lesion_pairs import paint, photograph_again

from dermdash.dataset.duplicate_lists import KnownPairs
from dermdash.errors import AccessDenied, InvalidInput, NotFound
from dermdash.storage import findings
from dermdash.storage.workspace import Workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset import pair_pictures
from dermdash.workflows.lesion_identity import review_findings
from dermdash.workflows.lesion_identity.listed_duplicates import import_duplicate_list, keep_listed, listed_images
from dermdash.workflows.workspace.check_workspace import check_workspace


def pairs(*named: tuple[str, str], name: str = "HAM10000 duplicates") -> KnownPairs:
    return KnownPairs(name, "ham10000", named)


def fill(workspace: Workspace) -> None:
    """Three lesions, one of them photographed again under a name that comes before it."""
    store(workspace, "I0", paint(0))
    store(workspace, "I1", paint(1))
    store(workspace, "I2", paint(2), lesion_id="L")
    store(workspace, "I3", paint(3), lesion_id="L")
    store(workspace, "Again", photograph_again(paint(0)), dx="mel")


@pytest.fixture
def filled(made_once: MadeOnce, tmp_path: Path) -> Iterator[Workspace]:
    workspace, _ = made_once.open_copy(fill, tmp_path / "workspace")
    yield workspace
    let_go(workspace)


def listed(workspace: Workspace) -> dict[frozenset[str], tuple[str, ...]]:
    return {frozenset(p.to_json()["records"]): p.listed for p in review_findings.list_pairs(workspace)}


def test_a_pair_of_a_list_is_a_finding_with_its_source_and_confirms_nothing(filled: Workspace) -> None:
    done = keep_listed(
        filled, pairs(("I0", "I1"), ("I2", "I3"), ("I1", "absent")), dataset_id="ds", source="A paper, 2020"
    )
    assert (done.new, done.one_lesion, done.unknown, done.pairs) == (1, 1, ("absent",), 3)
    (pair,) = review_findings.list_pairs(filled)
    assert pair.to_json() == {
        "kind": "same_lesion", "records": ["I0", "I1"], "score": 1.0, "verdict": "listed", "decision": None,
        "listed": ["A paper, 2020"],
    }  # fmt: skip
    assert (pair.decision, pair.is_measured) == (None, False)
    assert findings.confirmed_pairs(filled.engine) == []
    assert b"A paper, 2020" in review_findings.decisions_csv(filled, [pair])
    review_findings.decide(filled, pair.id, "same_lesion", account_id=OPERATOR.id)
    assert findings.confirmed_pairs(filled.engine) == [("ds:I0", "ds:I1")]


@pytest.mark.parametrize("searched_first", [True, False])
def test_measurement_and_list_stand_in_one_finding_whichever_came_first(
    filled: Workspace, searched_first: bool
) -> None:
    known = pairs(("Again", "I0"))
    if searched_first:
        search(filled)
        (before,) = review_findings.list_pairs(filled)
        assert keep_listed(filled, known, dataset_id="ds").joined == 1
    else:
        keep_listed(filled, known, dataset_id="ds")
        search(filled)
    (pair,) = review_findings.list_pairs(filled)
    assert (pair.verdict, pair.listed, pair.is_measured) == ("same_lesion", ("HAM10000 duplicates",), True)
    if searched_first:
        assert pair.records == before.records
    assert pair.details["inliers"] > 7
    overlay = pair_pictures.overlay_of(filled, pair.details, pair.records, opacity=0.5)
    assert overlay is not None


def test_what_is_measured_lies_as_it_would_without_a_list(filled: Workspace) -> None:
    """A list may name a pair the other way round than the search does: the transform must not be turned."""
    by_hash = sorted(("I0", "Again"), key=lambda name: _sha256(filled, name))
    keep_listed(filled, pairs((by_hash[1], by_hash[0])), dataset_id="ds")
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    assert [record["image_id"] for record in pair.records] == by_hash


def _sha256(workspace: Workspace, name: str) -> str:
    rows = findings.searchable_records(workspace.engine)
    return str(rows.loc[rows["image_id"] == name, "image_sha256"].item())


def test_importing_a_list_again_changes_nothing_and_a_corrected_one_takes_the_place_of_the_first(
    filled: Workspace,
) -> None:
    first = keep_listed(filled, pairs(("I0", "I1"), ("I1", "I2")), dataset_id="ds")
    again = keep_listed(filled, pairs(("I0", "I1"), ("I1", "I2")), dataset_id="ds")
    assert ((first.new, first.joined), (again.new, again.joined, again.dropped)) == ((2, 0), (0, 0, 0))
    keep_listed(filled, pairs(("I0", "I1"), name="Another list"), dataset_id="ds")
    corrected = keep_listed(filled, pairs(("I1", "I3")), dataset_id="ds")
    assert (corrected.new, corrected.dropped) == (1, 2)
    assert listed(filled) == {
        frozenset({"I0", "I1"}): ("Another list",), frozenset({"I1", "I3"}): ("HAM10000 duplicates",)
    }  # fmt: skip


def test_a_pair_that_somebody_decided_about_outlives_its_list(filled: Workspace) -> None:
    keep_listed(filled, pairs(("I0", "I1")), dataset_id="ds")
    (pair,) = review_findings.list_pairs(filled)
    review_findings.decide(filled, pair.id, "same_lesion", account_id=OPERATOR.id)
    assert keep_listed(filled, pairs(("I1", "I2")), dataset_id="ds").dropped == 1
    assert findings.confirmed_pairs(filled.engine) == [("ds:I0", "ds:I1")]
    assert listed(filled)[frozenset({"I0", "I1"})] == ()
    assert keep_listed(filled, pairs(("I0", "I1")), dataset_id="ds").joined == 1
    assert not [fault.text for fault in check_workspace(filled).faults if "finding" in fault.text]


def test_images_without_the_other_one_are_listed_and_said_at_their_pairs(filled: Workspace) -> None:
    known = KnownPairs("07 - train vs test.txt", "", (), (), ("I0", "i2", "absent"))
    done = keep_listed(filled, known, dataset_id="ds")
    assert (done.images, done.new, done.unknown) == (3, 2, ("absent",))
    assert "'i2' (there 'I2')" in done.notes[0]
    assert [(row["image_id"], row["listed_in"]) for row in listed_images(filled)] == [
        ("I0", ["07 - train vs test.txt"]), ("I2", ["07 - train vs test.txt"])
    ]  # fmt: skip
    search(filled)
    (pair,) = review_findings.list_pairs(filled)
    place = [record["image_id"] for record in pair.records].index("I0")
    assert pair.listed_alone[place] == ("07 - train vs test.txt",)
    assert pair.listed_alone[1 - place] == ()
    assert pair.listed == ()


def test_lists_about_two_data_sets_do_not_touch_one_another(filled: Workspace) -> None:
    for name in ("I0", "I1"):
        store(filled, name, paint(7 + int(name[1])), "other")
    for dataset in ("ds", "other"):
        assert keep_listed(filled, pairs(("I0", "I1")), dataset_id=dataset).new == 1
    assert keep_listed(filled, pairs(("I0", "I2")), dataset_id="ds").dropped == 1
    assert len(review_findings.list_pairs(filled, dataset_id="other")) == 1


def test_a_list_about_something_else_is_refused(filled: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="names none of the images of ds: is it about another data set"):
        keep_listed(filled, pairs(("X", "Y")), dataset_id="ds")
    with pytest.raises(NotFound, match="There is no data set 'absent'; there are: ds"):
        keep_listed(filled, pairs(("I0", "I1")), dataset_id="absent")
    with pytest.raises(InvalidInput, match="needs a name"):
        keep_listed(filled, pairs(("I0", "I1")), dataset_id="ds", source="x" * 300)
    path = tmp_path / "list.csv"
    path.write_text("image_id_1,image_id_2\nI0,I1\n")
    assert import_duplicate_list(filled, OPERATOR, path, dataset_id="ds").source == "list.csv"
    with pytest.raises(AccessDenied):
        import_duplicate_list(filled, Account("r", "R", frozenset({Role.REVIEWER})), path, dataset_id="ds")


def test_both_engines_keep_lists(workspace: Workspace) -> None:
    for i in range(3):
        store(workspace, f"I{i}", paint(i))
    assert keep_listed(workspace, pairs(("I0", "I1"), ("I1", "I2")), dataset_id="ds").new == 2
    assert keep_listed(workspace, pairs(("I0", "I1"), name="Second"), dataset_id="ds").joined == 1
    assert keep_listed(workspace, pairs(("I0", "I2")), dataset_id="ds").dropped == 2
    assert listed(workspace) == {
        frozenset({"I0", "I1"}): ("Second",), frozenset({"I0", "I2"}): ("HAM10000 duplicates",)
    }  # fmt: skip
