"""Everything again on the cases that histology verified: said, counted, and never taken for all cases."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.filled_workspace import fill_workspace
from tests.made_once import MadeOnce
from tests.readings_factory import make_readings

from dermdash.analyses.declaration import AnalysisContext
from dermdash.errors import InvalidInput
from dermdash.report.study_report import build_report
from dermdash.settings import Settings
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.verification.verified_cases import LOWER, UNKNOWN, only_verified, verified_only


@pytest.fixture(scope="module")
def studied(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    home = tmp_path_factory.mktemp("verified") / "workspace"
    study_id = made_once.copy(fill_workspace, home).study_id
    workspace = open_workspace(Settings(home=home))
    yield workspace, study_id
    workspace.close()


def test_only_cases_at_stage_3_are_left_and_the_others_are_counted() -> None:
    table = make_readings(readers=4, cases=14, prespecified=("benefit",), excluded={"withdrawn": 2})
    stages = {f"c{i:03}": 3 if i < 6 else 2 for i in range(12)}
    found = only_verified(table, stages)
    assert set(found.frame["case"]) == {f"c{i:03}" for i in range(6)}
    assert found.excluded == {"withdrawn": 2, LOWER: 6 * 8, UNKNOWN: 2 * 8}
    assert found.warnings[0].startswith(
        "Only cases verified by histology (stage 3) are in these results: 6 of 14 cases. Left out are 64 readings of 6 "
        "cases at a lower stage and 2 cases of unknown stage. Lesions that were excised are not like all lesions"
    )
    assert found.source == "Made-up study (stage 3 only)"
    assert verified_only(found)
    assert not verified_only(table)
    assert found.prespecified == ()
    assert (
        only_verified(table, {f"c{i:03}": 3 for i in range(14)})
        .warnings[0]
        .startswith(
            "Only cases verified by histology (stage 3) are in these results: 14 of 14 cases. All of them are, so that "
            "nothing is left out."
        )
    )


def test_without_a_verified_case_there_is_nothing_to_analyse() -> None:
    with pytest.raises(
        InvalidInput, match=r"no case of Made-up study is known to be verified by histology \(stage 3\)"
    ):
        only_verified(make_readings(readers=2, cases=7), {"c000": 2})


def test_a_group_that_the_verified_cases_make_small_is_merged(
    studied: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of nine readers the three with most experience read the unverified cases alone, but for one."""
    table = make_readings(readers=9, cases=14)
    frame = table.frame
    senior = sorted(frame["reader"][frame["experience_group"] == "over 10 years"].unique())
    left = frame[~(frame["reader"].isin(senior[1:]) & frame["case"].isin(["c000", "c001"]))]
    monkeypatch.setattr(readings_source, "_load_all", lambda *_: replace(table, frame=left))
    monkeypatch.setattr(readings_source, "stages_of_study", lambda *_: {"c000": 3, "c001": 3})
    found = readings_source.load_readings(studied[0], readings_source.key_of_study("any"), stage_3=True)
    readers = found.frame.groupby("experience_group")["reader"].nunique()
    assert readers["other"] >= 3
    assert "over 10 years" not in readers
    assert any("fewer than 3 readers" in note for note in found.notes)


def test_a_study_is_read_on_its_verified_cases_alone(studied: tuple[Workspace, str]) -> None:
    """Of the seven drawn cases the melanoma alone was verified by histology."""
    workspace, study_id = studied
    key = readings_source.key_of_study(study_id)
    every, some = (
        readings_source.load_readings(workspace, key),
        readings_source.load_readings(workspace, key, stage_3=True),
    )
    assert set(some.frame["truth_dx"]) == {"mel"}
    assert some.frame["case"].nunique() == 1
    assert every.frame["case"].nunique() == 7
    report = build_report(some, AnalysisContext(workspace, study_id), only=["agreement"])
    assert report.facts.warnings[0].startswith(
        "Only cases verified by histology (stage 3) are in these results: 1 of 7"
    )
    assert report.facts.verification == {"3": 1}
    assert report.facts.source.endswith("(stage 3 only)")
