"""A study as one file: what is in it, back into a workspace, and its numbers anew."""

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.archived_study import LABELS, fill_small_study, rewritten
from tests.filled_workspace import DATASET, begin, invite, make_protocol, read_cases
from tests.made_once import MadeOnce

from dermdash.errors import AccessDenied, InvalidInput, StillBlinded, UnsafeUpload
from dermdash.readings.formats.dermachallenge import FORMAT as DERMACHALLENGE
from dermdash.readings.formats.imrmc import read_imrmc
from dermdash.readings.modality import Modality
from dermdash.report.study_archive import archive_study, reproduce
from dermdash.settings import Settings
from dermdash.storage import invitations, records, studies
from dermdash.storage.study_rows import OF_A_STUDY, rows_of_study
from dermdash.storage.workspace import Workspace, open_workspace
from dermdash.workflows.accounts.access import OPERATOR, Account, Role
from dermdash.workflows.dataset.private_export import Privacy
from dermdash.workflows.reader_study import create_study, study_results
from dermdash.workflows.reader_study.archive.collect import StudyPrivacy
from dermdash.workflows.reader_study.archive.import_study import import_study
from dermdash.workflows.reader_study.archive.leaving import HELD_BACK
from dermdash.workflows.reader_study.archive.read import opened_archive
from dermdash.workflows.workspace.check_workspace import check_workspace

SETTINGS = Settings(minimum_group=1)


@dataclass(frozen=True)
class Archived:
    """A workspace that is not to be changed, its study, and the archive of it."""

    home: Path
    study_id: str
    archive: Path


@pytest.fixture(scope="module")
def archived(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Archived:
    folder = tmp_path_factory.mktemp("archived")
    study_id = made_once.copy(fill_small_study, folder / "workspace")
    workspace = open_workspace(Settings(home=folder / "workspace"))
    archive_study(workspace, OPERATOR, study_id, folder / "study.zip", privacy=StudyPrivacy(whole_profiles=True))
    workspace.close()
    return Archived(folder / "workspace", study_id, folder / "study.zip")


@pytest.fixture
def source(archived: Archived, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the workspace that the archive is of."""
    shutil.copytree(archived.home, tmp_path / "source")
    opened = open_workspace(Settings(home=tmp_path / "source"))
    yield opened
    opened.close()


def in_archive(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def names_in(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_an_archive_holds_every_export_and_names_each_file_with_its_hash(archived: Archived) -> None:
    names = names_in(archived.archive)
    for name in (
        "protocol.json", "consent/consent-1-en.txt", "readings/readings.csv", "readings/readings.parquet",
        "readings/data-dictionary.csv", "readings/nature-medicine.csv", "readings/dermachallenge.csv",
        "readings/readings.imrmc", "audit/events.csv", "audit/invitations.csv", "report/report.html",
        "report/numbers.json", "README.txt",
    ):  # fmt: skip
        assert name in names
    with opened_archive(archived.archive, SETTINGS) as opened:
        assert set(opened.manifest.files) == names - {"manifest.json"}
        assert opened.manifest.study["simulated"] is False
        assert opened.manifest.software["Python"]
        assert opened.manifest.counts["readings"] == 15  # two readers have finished, one stands at the second case
    frame = pd.read_parquet(io.BytesIO(in_archive(archived.archive, "readings/readings.parquet")))
    assert str(frame["confidence"].dtype) == "Int64"


def test_no_link_no_name_of_a_reader_and_no_secret_leaves(archived: Archived) -> None:
    with zipfile.ZipFile(archived.archive) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist() if not n.startswith("images/"))
    for label in LABELS:
        assert label.encode() not in everything
    workspace = open_workspace(Settings(home=archived.home))
    rows = rows_of_study(workspace.engine, archived.study_id)
    workspace.close()
    held = [row[name] for table, names in HELD_BACK.items() for row in rows.get(table, ()) for name in names]
    assert not [value for value in held if value is not None and str(value).encode() in everything]


def test_every_column_of_a_study_leaves_or_is_held_back_on_purpose() -> None:
    """A column that is added later is thought about here: what may leave stands in this list."""
    leaving = {table.name: sorted(set(table.c.keys()) - HELD_BACK.get(table.name, {}).keys()) for table in OF_A_STUDY}
    expected = json.loads(Path(__file__).with_name("columns_of_a_study.json").read_text("utf-8"))
    assert leaving == expected


def test_what_was_archived_comes_into_another_workspace_whole_and_once(
    archived: Archived, duckdb_workspace: Workspace
) -> None:
    report = import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False)
    assert not report.already_there
    assert report.records == 9
    assert report.model == "none"
    source = open_workspace(Settings(home=archived.home))
    for export in (study_results.export_readings, study_results.export_nature_medicine, study_results.session_events):
        assert export(duckdb_workspace, archived.study_id) == export(source, archived.study_id)
    before, after = (studies.get_study(place.engine, archived.study_id) for place in (source, duckdb_workspace))
    assert after["protocol_sha256"] == before["protocol_sha256"]
    assert after["frozen_at"] == before["frozen_at"]
    assert after["image_key"] != before["image_key"]
    hashes = [
        dict(zip(rows["id"], rows["image_sha256"], strict=True))
        for rows in (records.records_of_dataset(place.engine, DATASET) for place in (source, duckdb_workspace))
    ]
    source.close()
    assert hashes[1].items() <= hashes[0].items()
    assert check_workspace(duckdb_workspace).sound
    again = import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False)
    assert again.already_there
    assert records.count_records(duckdb_workspace.engine, make_filter()) == 9


def make_filter() -> Any:
    from dermdash.records.record_filter import RecordFilter

    return RecordFilter()


def test_a_reader_goes_on_where_they_were_and_numbers_follow_those_that_came(
    archived: Archived, duckdb_workspace: Workspace
) -> None:
    import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False)
    rows = rows_of_study(duckdb_workspace.engine, archived.study_id)["reading"]
    last = max(row["sequence"] for row in rows)
    invited = invitations.list_invitations(duckdb_workspace.engine, archived.study_id)
    begun = [r for r in invited["reader_id"] if sum(row["reader_id"] == r for row in rows) == 3]
    read_cases(duckdb_workspace, archived.study_id, begun[0])
    later = rows_of_study(duckdb_workspace.engine, archived.study_id)["reading"]
    assert min(row["sequence"] for row in later if row["id"] not in {r["id"] for r in rows}) > last


def test_an_archive_of_a_later_day_adds_what_came_since(
    archived: Archived, source: Workspace, duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False)
    _, reader_id = begin(source, invite(source, archived.study_id, "Dora")[0])
    read_cases(source, archived.study_id, reader_id, answers=4)
    later = tmp_path / "later.zip"
    archive_study(source, OPERATOR, archived.study_id, later, privacy=StudyPrivacy(whole_profiles=True))
    report = import_study(duckdb_workspace, OPERATOR, later, processes=False)
    assert report.added["reading"] == 4
    assert report.added["reader"] == 1
    # Who went on here as well cannot take the other's answers in.
    begun_here = begin(duckdb_workspace, invite(duckdb_workspace, archived.study_id, "Emil")[0])
    read_cases(duckdb_workspace, archived.study_id, begun_here[1], answers=2)
    read_cases(source, archived.study_id, reader_id, answers=2)
    archive_study(source, OPERATOR, archived.study_id, later, privacy=StudyPrivacy(whole_profiles=True))
    with pytest.raises(InvalidInput, match="went on in both places"):
        import_study(duckdb_workspace, OPERATOR, later, processes=False)


def test_reproducing_gives_every_number_again_without_a_workspace(archived: Archived, tmp_path: Path) -> None:
    found = reproduce(archived.archive, Settings(home=tmp_path / "nothing"))
    assert found.equal, found.as_dict()
    said = found.as_dict()
    assert (said["equal"], said["different"]) == (True, 0)
    assert said["numbers"] > 100
    assert not (tmp_path / "nothing").exists()


def test_a_number_that_differs_is_named_and_counts_have_to_be_the_same(archived: Archived, tmp_path: Path) -> None:
    numbers = json.loads(in_archive(archived.archive, "report/numbers.json"))
    numbers["facts"]["n_readers"] += 1
    changed = rewritten(
        archived.archive, tmp_path / "changed.zip", {"report/numbers.json": json.dumps(numbers).encode()}
    )
    found = reproduce(changed, SETTINGS)
    assert not found.equal
    assert [d["number"] for d in found.compared.differences] == ["facts/n_readers"]


def test_an_answer_changed_in_the_rows_alone_or_in_the_table_alone_is_found(archived: Archived, tmp_path: Path) -> None:
    table = in_archive(archived.archive, "readings/readings.csv").decode()
    other = table.replace(",nv,", ",mel,", 1)
    assert other != table
    changed = rewritten(archived.archive, tmp_path / "table.zip", {"readings/readings.csv": other.encode()})
    assert reproduce(changed, SETTINGS).files == ("readings/readings.csv",)
    rows = [json.loads(line) for line in in_archive(archived.archive, "rows/reading.jsonl").splitlines()]
    right = next(row for row in rows if not row["practice"] and row["phase"] == "unaided")
    right["dx"] = "vasc" if right["dx"] != "vasc" else "nv"
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    changed = rewritten(archived.archive, tmp_path / "rows.zip", {"rows/reading.jsonl": lines})
    found = reproduce(changed, SETTINGS)
    assert not found.equal
    assert "readings/readings.csv" in found.files


@pytest.mark.parametrize(
    ("change", "honest", "words"),
    [
        ({"readings/readings.csv": b"reader\n"}, False, "readings.csv is not what was archived"),
        ({"readings/readings.csv": None}, False, "lacks readings/readings.csv"),
        ({"rows/more.txt": b"x"}, False, "does not name"),
        ({"manifest.json": b"{}"}, False, "no study archive"),
        ({"manifest.json": None}, False, "has no manifest.json"),
        ({"manifest.json": b'{"kind": "dermdash study archive", "format": 99}'}, False, "install that one"),
        ({"../outside.csv": b"x"}, True, "leads out of the archive"),
        ({"rows/account.jsonl": b"{}\n"}, True, "does not know"),
        ({"rows/reading.jsonl": b'{"id": 3}\n'}, True, "cannot stand there"),
        ({"rows/reading.jsonl": b'{"nothing": 3}\n'}, True, "has not in this version"),
        ({"rows/study.jsonl": b""}, True, "0 studies"),
        ({"protocol.json": b"{}"}, True, "not the one that was frozen"),
    ],
)
def test_what_was_changed_cut_or_made_by_a_stranger_is_refused_by_name(
    archived: Archived,
    duckdb_workspace: Workspace,
    tmp_path: Path,
    change: dict[str, bytes | None],
    honest: bool,
    words: str,
) -> None:
    bad = rewritten(archived.archive, tmp_path / "bad.zip", change, honest=honest)
    with pytest.raises(InvalidInput, match=words):
        import_study(duckdb_workspace, OPERATOR, bad, processes=False)
    assert study_results.list_studies(duckdb_workspace) == []
    assert records.list_datasets(duckdb_workspace.engine) == []


def test_a_cut_file_a_bomb_and_answers_without_a_reader_are_refused(
    archived: Archived, duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archived.archive.read_bytes()[:-3000])
    with pytest.raises(InvalidInput, match="complete zip"):
        reproduce(cut, SETTINGS)
    bomb = rewritten(archived.archive, tmp_path / "bomb.zip", {"audit/events.csv": b"0" * (30 << 20)})
    with pytest.raises(UnsafeUpload, match="bombs"):
        reproduce(bomb, SETTINGS)
    readers = in_archive(archived.archive, "rows/reader.jsonl").splitlines(keepends=True)
    lost = rewritten(archived.archive, tmp_path / "lost.zip", {"rows/reader.jsonl": b"".join(readers[1:])})
    with pytest.raises(InvalidInput, match="not consistent"):
        import_study(duckdb_workspace, OPERATOR, lost, processes=False)


def test_another_picture_under_the_same_name_is_no_case_of_the_study(
    archived: Archived, source: Workspace, duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    fill_other(duckdb_workspace)
    with pytest.raises(InvalidInput, match="here with another picture"):
        import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False)


def fill_other(workspace: Workspace) -> None:
    from tests.filled_workspace import draw_jpeg

    from dermdash.workflows.dataset.import_dataset import import_dataset

    folder = workspace.home / "incoming"
    folder.mkdir()
    (folder / "ISIC_00.jpg").write_bytes(draw_jpeg("nv", seed=9999))
    for i in range(7):
        for j in range(3):
            (folder / f"ISIC_{i}{j}.jpg").write_bytes(draw_jpeg("nv", seed=9000 + 10 * i + j))
    rows = ["image_id,lesion_id,dx,dx_type,age,sex,localization"]
    rows += [f"ISIC_{i}{j},L_{i}{j},nv,histo,40,female,back" for i in range(7) for j in range(3)]
    import_dataset(
        workspace, adapter="ham10000", metadata="\n".join(rows).encode(), images=[folder], dataset_id=DATASET,
        name="Clinic", processes=False, workers=1,
    )  # fmt: skip


def test_without_images_it_is_reproduced_and_imported_where_they_are(
    archived: Archived, source: Workspace, duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    out = tmp_path / "lean.zip"
    archive_study(source, OPERATOR, archived.study_id, out, images=False)
    assert not [name for name in names_in(out) if name.startswith("images/")]
    assert reproduce(out, SETTINGS).equal
    with pytest.raises(InvalidInput, match="without the images"):
        import_study(duckdb_workspace, OPERATOR, out, processes=False)
    assert import_study(source, OPERATOR, out, processes=False).already_there


def test_a_study_without_readings_is_archived_and_imported_and_has_no_numbers(
    source: Workspace, duckdb_workspace: Workspace, tmp_path: Path
) -> None:
    protocol = make_protocol(model_id=None, modalities=(Modality.NONE,), name="Empty")
    study_id = create_study.create_study(source, protocol)
    report = archive_study(source, OPERATOR, study_id, tmp_path / "empty.zip")
    assert report.numbers == 0
    assert any("no reading" in words for words in report.manifest.left_out)
    with pytest.raises(InvalidInput, match="no numbers"):
        reproduce(tmp_path / "empty.zip", SETTINGS)
    assert import_study(duckdb_workspace, OPERATOR, tmp_path / "empty.zip", processes=False).study == study_id


def test_profiles_leave_in_groups_unless_whole_ones_are_asked_for(
    archived: Archived, source: Workspace, tmp_path: Path
) -> None:
    strict = replace(source, settings=source.settings.model_copy(update={"minimum_group": 5}))
    archive_study(strict, OPERATOR, archived.study_id, tmp_path / "reduced.zip")
    rows = [json.loads(line) for line in in_archive(tmp_path / "reduced.zip", "rows/reader_profile.jsonl").splitlines()]
    assert {row["country"] for row in rows} <= {None, "other"}
    assert {row["years_experience"] for row in rows} == {None}
    assert reproduce(tmp_path / "reduced.zip", SETTINGS).equal
    whole = [json.loads(line) for line in in_archive(archived.archive, "rows/reader_profile.jsonl").splitlines()]
    assert {row["country"] for row in whole} == {"AT"}


def test_with_pseudonyms_no_name_of_a_lesion_leaves_and_the_numbers_are_the_same(
    archived: Archived, source: Workspace, tmp_path: Path
) -> None:
    private = StudyPrivacy(records=Privacy(names=True))
    archive_study(source, OPERATOR, archived.study_id, tmp_path / "private.zip", privacy=private)
    rows = [json.loads(line) for line in in_archive(tmp_path / "private.zip", "rows/record.jsonl").splitlines()]
    real = set(records.records_of_dataset(source.engine, DATASET)["lesion_id"])
    assert not {row["lesion_id"] for row in rows} & real
    assert reproduce(tmp_path / "private.zip", SETTINGS).equal


def test_while_the_protocol_keeps_the_results_from_everybody_there_is_no_archive(
    source: Workspace, tmp_path: Path
) -> None:
    protocol = make_protocol(model_id=None, modalities=(Modality.NONE,), name="Blinded", conduct={"blinded": True})
    study_id = create_study.create_study(source, protocol)
    with pytest.raises(StillBlinded, match="until the study is closed"):
        archive_study(source, OPERATOR, study_id, tmp_path / "blinded.zip")
    assert not (tmp_path / "blinded.zip").exists()


def test_only_who_may_run_studies_archives_or_imports_one(archived: Archived, source: Workspace) -> None:
    nobody = Account("x", "X", frozenset({Role.REVIEWER}))
    with pytest.raises(AccessDenied):
        archive_study(source, nobody, archived.study_id, archived.archive.with_name("no.zip"))
    with pytest.raises(AccessDenied):
        import_study(source, nobody, archived.archive)


def test_the_log_of_dermachallenge_and_the_imrmc_file_are_read_back_by_their_readers(archived: Archived) -> None:
    ratings = read_imrmc(in_archive(archived.archive, "readings/readings.imrmc"))
    assert ratings["case"].nunique() == 7
    assert set(ratings["modality"]) <= {"unaided", "crowd_probability"}
    header = in_archive(archived.archive, "readings/dermachallenge.csv").decode().splitlines()[0]
    assert DERMACHALLENGE.recognises is not None
    assert DERMACHALLENGE.recognises([name.lower() for name in header.split(",")]).fits


class Stopped(Exception):
    """Somebody has stopped it."""


def stopping_after(share: float) -> Callable[[str, float], None]:
    def progress(words: str, done: float) -> None:
        if done >= share:
            raise Stopped(words)

    return progress


def test_an_import_that_is_stopped_anywhere_stores_no_part_of_the_study_and_can_be_repeated(
    archived: Archived, duckdb_workspace: Workspace
) -> None:
    rows = dict.fromkeys((table.name for table in OF_A_STUDY), 0)
    for share in (0.0, 0.3, 0.6, 0.95):
        with pytest.raises(Stopped):
            import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False, progress=stopping_after(share))
        assert study_results.list_studies(duckdb_workspace) == []
        kept = rows_of_study(duckdb_workspace.engine, archived.study_id)
        assert {name: len(kept[name]) for name in rows} == rows, share
        assert not list(duckdb_workspace.home.glob("**/*.part"))
    assert import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False).added["reading"] > 0
    assert check_workspace(duckdb_workspace).sound
    assert import_study(duckdb_workspace, OPERATOR, archived.archive, processes=False).already_there


def test_a_reproduction_that_is_stopped_leaves_nothing_and_can_be_repeated(
    archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    for share in (0.0, 0.2, 0.9):
        with pytest.raises(Stopped):
            reproduce(archived.archive, SETTINGS, progress=stopping_after(share))
        assert list(passing.iterdir()) == [], share
    assert reproduce(archived.archive, SETTINGS).equal
