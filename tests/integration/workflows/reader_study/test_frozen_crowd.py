"""A crowd frozen with the protocol is the same for every reader; one that grows is said to be none."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.filled_workspace import DATASET, begin, fill_workspace, invite, make_protocol, read_cases
from tests.made_once import MadeOnce
from tests.quick_databases import let_go

from dermdash.analyses.declaration import AnalysisContext
from dermdash.errors import InvalidInput
from dermdash.reader_study.protocol import Protocol
from dermdash.readings.modality import Modality
from dermdash.report.guidelines.known_facts import known_facts
from dermdash.report.study_report import StudyReport, build_report
from dermdash.storage import records, studies
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import case_assistance, create_study, protocol_of_study, readings_source
from dermdash.workflows.reader_study.frozen_crowd import crowd_of_protocol, freeze_crowd

BOTH = (Modality.CROWD_PROBABILITY, Modality.MULTICLASS_PROBABILITY)


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    opened, filled = made_once.open_copy(fill_workspace, tmp_path / "workspace")
    yield opened, filled.study_id
    let_go(opened)


def crowd_of(workspace: Workspace, study_id: str, minimum: int = 1) -> dict:
    key = readings_source.key_of_study(study_id)
    return freeze_crowd(workspace, key, dataset_id=DATASET, taxonomy="ham7", minimum_readers=minimum)


def read_by(workspace: Workspace, study_id: str, *names: str) -> None:
    for name in names:
        _, reader = begin(workspace, invite(workspace, study_id, name)[0])
        read_cases(workspace, study_id, reader)


def reported(workspace: Workspace, study_id: str) -> StudyReport:
    table = readings_source.load_readings(workspace, readings_source.key_of_study(study_id))
    return build_report(table, AnalysisContext(workspace, study_id), only=["agreement"])


def test_a_growing_crowd_is_said_at_the_head_and_in_the_guidelines(workspace: tuple[Workspace, str]) -> None:
    place, _ = workspace
    protocol = make_protocol(name="Growing", modalities=BOTH, minimum_crowd_readers=1, practice_cases=0, seed=8)
    study_id = create_study.create_study(place, protocol)
    read_by(place, study_id, "Ada", "Berta", "Clara")
    report = reported(place, study_id)
    said = next(text for text in report.facts.warnings if "crowd" in text)
    assert said.startswith(
        "The crowd's shares were not fixed: they pooled the readers before each reader, of this study"
    )
    assert "are not independent of one another" in said
    assert "of 3 readers never saw any" in said
    known = known_facts(report)
    assert "The crowd's shares were not fixed" in known["modifications"]
    assert "The crowd's shares were not fixed" in known["outputs"]
    assert "Kinds of assistance are not balanced within readers" in known["randomisation"]
    assert "so that every kind is balanced" not in known["randomisation"]
    assert "are not independent of one another" in known["statistics"]
    assert said in known["limitations"]


def test_a_frozen_crowd_is_the_same_for_every_reader_and_balanced(workspace: tuple[Workspace, str]) -> None:
    place, earlier = workspace
    frozen = crowd_of(place, earlier)
    protocol = make_protocol(
        name="Frozen", modalities=BOTH, minimum_crowd_readers=1, practice_cases=0, frozen_crowd=frozen
    )
    study_id = create_study.create_study(place, protocol)
    read_by(place, study_id, "Ada", "Berta", "Clara")
    table = readings_source.load_readings(place, readings_source.key_of_study(study_id))
    assert table.crowd is not None
    assert table.crowd.fixed
    assert table.crowd.changed == table.crowd.never == 0
    assert not any("crowd" in text for text in table.warnings)
    aided = table.frame[table.frame["phase"] == "aided"]
    counts = aided.groupby(["reader", "modality"]).size().unstack()
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1
    known = known_facts(reported(place, study_id))
    assert f"from Seven cases ({frozen['readers']} reader" in known["modifications"]
    assert "so that every kind is balanced within readers" in known["randomisation"]
    stored = Protocol.from_json(studies.get_study(place.engine, study_id)["protocol"])
    assert stored.frozen_crowd == frozen
    assert stored.sha256 == protocol.sha256 != replace(protocol, frozen_crowd=None).sha256
    assert protocol_of_study.protocol_of(place, study_id) == protocol


def test_a_crowd_whose_readings_have_changed_is_refused(workspace: tuple[Workspace, str]) -> None:
    place, earlier = workspace
    frozen = crowd_of(place, earlier)
    read_by(place, earlier, "Dora")
    with pytest.raises(InvalidInput, match="the readings of Seven cases have changed since this crowd was chosen"):
        create_study.create_study(
            place,
            make_protocol(name="Late", modalities=BOTH, minimum_crowd_readers=1, practice_cases=0, frozen_crowd=frozen),
        )


def test_a_source_that_too_few_have_read_is_no_crowd(workspace: tuple[Workspace, str]) -> None:
    with pytest.raises(InvalidInput, match="Seven cases is no crowd for this data set: no image of it was read"):
        crowd_of(*workspace, minimum=40)


def test_protocols_without_a_frozen_crowd_keep_their_text_and_hash() -> None:
    protocol = make_protocol()
    assert "frozen_crowd" not in protocol.to_json()
    assert Protocol.from_json(protocol.to_json()) == protocol
    with pytest.raises(InvalidInput, match="a frozen crowd is named and the crowd is not shown"):
        make_protocol(modalities=(Modality.NONE,), frozen_crowd=dict.fromkeys(("source",), "x"))
    broken = json.loads(protocol.to_json()) | {"frozen_crowd": {"source": "study:x"}}
    with pytest.raises(InvalidInput, match="a frozen crowd has the entries"):
        Protocol.from_json(json.dumps(broken))


def test_no_similar_image_gives_a_case_away_though_the_crowd_never_read_it(
    workspace: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lesions and patients of the cases have images that the earlier study did not show."""
    place, earlier = workspace
    protocol = make_protocol(
        name="Frozen", modalities=(Modality.CROWD_PROBABILITY, Modality.CBIR), minimum_crowd_readers=1,
        practice_cases=0, frozen_crowd=crowd_of(place, earlier),
    )  # fmt: skip
    banned: list[set[str]] = []
    search = case_assistance.find_similar.similar_to_each

    def watched(*given, excluded_ids, **options):
        banned.append(set(excluded_ids))
        return search(*given, excluded_ids=excluded_ids, **options)

    monkeypatch.setattr(case_assistance.find_similar, "similar_to_each", watched)
    study_id = create_study.create_study(place, protocol)
    rows = records.records_of_dataset(place.engine, DATASET)
    shown = rows[rows["id"].isin(studies.cases_of_study(place.engine, study_id)["record_id"])]
    patients = set(shown["patient_id"].dropna())
    related = rows[rows["lesion_id"].isin(shown["lesion_id"]) | rows["patient_id"].isin(patients)]
    never_read = set(related["image_id"]) - set(crowd_of_protocol(place, protocol))
    assert never_read
    assert banned
    assert all(set(related["id"]) <= ids for ids in banned)
