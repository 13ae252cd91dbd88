"""Imported logs: kept as they came, read anew, listed beside studies, withdrawn; nothing is kept of a broken one."""

from pathlib import Path

import pytest
from tests.reading_log_files import DERMACHALLENGE, WIDE, WIDE_MAPPING, nature_medicine, phase_study, truth_csv

from dermdash.errors import FileDamaged, InvalidInput, NotFound, WorkspaceFull
from dermdash.readings.formats.log_file import LogFile
from dermdash.storage import object_store
from dermdash.storage.workspace import Workspace
from dermdash.workflows.reader_study import readings_source
from dermdash.workflows.readings import import_reading_log as logs


def files(workspace: Workspace) -> list[Path]:
    return [path for path in (workspace.home / "reading_logs").rglob("*") if path.is_file()]


def test_a_preview_says_what_the_file_is_and_keeps_nothing(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(DERMACHALLENGE)
    summary, table = logs.preview(path)
    assert (summary.readings, summary.readers, summary.cases) == (7, 2, 2)
    assert (summary.pairs, summary.unpaired, summary.with_truth) == (3, 1, 2)
    assert summary.modalities == ("Class probabilities", "Similar images", "Some new help")[:2]
    assert summary.recognised.startswith("DermaChallenge reader log: columns test_id, tequ_user_id and probType")
    assert len(table.frame) == 7
    assert logs.list_logs(duckdb_workspace) == ()
    assert files(duckdb_workspace) == []


def test_a_log_is_kept_and_read_anew_as_it_was(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE)
    log, summary = logs.import_reading_log(duckdb_workspace, path, mapping=WIDE_MAPPING, name="Two readers")
    path.unlink()
    assert (log.name, log.format, log.readings, log.readers, log.cases) == ("Two readers", "mapped-csv", 5, 2, 2)
    source = readings_source.find_source(duckdb_workspace, "Two readers")
    assert (source.key, source.kind, source.readings) == (f"log:{log.id}", "log", 5)
    table = readings_source.load_readings(duckdb_workspace, source.key)
    assert (table.source, len(table.frame), table.excluded) == ("Two readers", 5, summary.excluded)
    assert table.modalities == ("multiclass_probability",)


def test_a_log_whose_kept_file_is_another_one_is_not_read(duckdb_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE)
    log, _ = logs.import_reading_log(duckdb_workspace, path, mapping=WIDE_MAPPING, name="Two readers")
    (kept,) = files(duckdb_workspace)
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(FileDamaged, match=r"is not what was stored\. Restore it from a backup"):
        logs.load_log(duckdb_workspace, log.id)


def test_several_files_are_kept_as_one(duckdb_workspace: Workspace) -> None:
    parts = [LogFile(f"phase{p}.csv", phase_study(p).encode()) for p in (2, 1)]
    log, summary = logs.import_reading_log(duckdb_workspace, parts)
    assert log.name == "phase1.csv and 1 more"
    assert summary.pairs == 28
    assert len(readings_source.load_readings(duckdb_workspace, log.key).frame) == summary.readings
    again, _ = logs.import_reading_log(duckdb_workspace, parts[::-1])
    assert again.id == log.id
    assert len(files(duckdb_workspace)) == 1


def test_counts_per_image_are_a_source_of_their_own_kind(duckdb_workspace: Workspace) -> None:
    log, summary = logs.import_reading_log(
        duckdb_workspace, [LogFile("benefit.csv", nature_medicine().encode())], truth=truth_csv().encode()
    )
    assert (summary.readers, summary.readings, summary.pairs, summary.with_truth) == (None, 72, 36, 6)
    (source,) = readings_source.list_sources(duckdb_workspace)
    assert source.kind == "aggregate"
    table = readings_source.load_aggregate(duckdb_workspace, log.key)
    assert table.frame["truth_dx"].notna().all()
    with pytest.raises(InvalidInput, match="only the benefit of interaction"):
        readings_source.load_readings(duckdb_workspace, log.key)


def test_single_readings_are_no_counts(duckdb_workspace: Workspace) -> None:
    log, _ = logs.import_reading_log(duckdb_workspace, [LogFile("a.csv", DERMACHALLENGE.encode())])
    with pytest.raises(InvalidInput, match="holds single readings"):
        readings_source.load_aggregate(duckdb_workspace, log.key)


def test_a_withdrawn_log_is_gone_from_the_sources_and_frees_its_name(duckdb_workspace: Workspace) -> None:
    parts = [LogFile("a.csv", DERMACHALLENGE.encode())]
    first, _ = logs.import_reading_log(duckdb_workspace, parts, name="Vienna")
    with pytest.raises(InvalidInput, match="'Vienna' already"):
        logs.import_reading_log(duckdb_workspace, [LogFile("b.csv", phase_study(1).encode())], mapping={"phase": "1"},
                                name="Vienna")  # fmt: skip
    logs.withdraw(duckdb_workspace, first.id)
    assert readings_source.list_sources(duckdb_workspace) == ()
    with pytest.raises(NotFound, match="'Vienna' was withdrawn"):
        readings_source.load_readings(duckdb_workspace, first.key)
    second, _ = logs.import_reading_log(duckdb_workspace, parts, name="Vienna")
    assert second.id != first.id
    assert [log.id for log in logs.list_logs(duckdb_workspace, withdrawn=True)] == [second.id, first.id]


def test_a_broken_log_leaves_nothing_behind(duckdb_workspace: Workspace) -> None:
    broken = DERMACHALLENGE.replace("0,NV,no help", "2,NV,no help")
    with pytest.raises(InvalidInput, match="row 2: tequ_correct is '2'"):
        logs.import_reading_log(duckdb_workspace, [LogFile("a.csv", broken.encode())])
    with pytest.raises(InvalidInput, match="the name"):
        logs.import_reading_log(duckdb_workspace, [LogFile("a.csv", DERMACHALLENGE.encode())], name=" ")
    assert logs.list_logs(duckdb_workspace) == ()
    assert files(duckdb_workspace) == []


def test_a_full_disk_stores_no_log(duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise WorkspaceFull("no room")

    monkeypatch.setattr(object_store, "write_atomically", full)
    with pytest.raises(WorkspaceFull):
        logs.import_reading_log(duckdb_workspace, [LogFile("a.csv", DERMACHALLENGE.encode())])
    assert logs.list_logs(duckdb_workspace) == ()
