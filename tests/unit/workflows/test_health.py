"""What is said of the app's health: to a load balancer, and with what to do to whoever runs it."""

import threading
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import pytest

from dermdash.errors import DatabaseLost, DermdashError
from dermdash.settings import Settings
from dermdash.storage.connections import allowed_connections
from dermdash.storage.engine import HEAD_REVISION
from dermdash.storage.workspace import Workspace
from dermdash.workflows.workspace import health
from dermdash.workflows.workspace.app_processes import note_process
from dermdash.workflows.workspace.health import (
    Health,
    HealthLevel,
    HealthPart,
    HealthWatch,
    database,
    disk,
    too_few_connections,
)

Usage = namedtuple("Usage", "total used free")


def of(parts: "tuple[HealthPart, ...] | list[HealthPart]") -> dict[str, HealthLevel]:
    return {part.key: part.level for part in parts}


def test_a_workspace_that_works_is_good_in_every_part(workspace: Workspace) -> None:
    found = HealthWatch(lambda: workspace).look()
    assert of(found.parts) == dict.fromkeys(("database", "schema", "disk"), HealthLevel.GOOD)
    assert found.works


def test_in_public_nothing_is_said_of_where_and_why(duckdb_workspace: Workspace) -> None:
    found = HealthWatch(lambda: duckdb_workspace).look()
    assert found.in_public() == {"status": "good", "database": "good", "schema": "good", "disk": "good"}


@pytest.mark.parametrize("error", [DatabaseLost("the database x cannot be reached"), DermdashError("too new")])
def test_a_workspace_that_cannot_be_opened_is_bad(error: DermdashError) -> None:
    def refuse() -> Workspace:
        raise error

    found = HealthWatch(refuse).look()
    assert not found.works
    assert str(error) in found.parts[0].found
    assert found.parts[0].advice


def test_tables_of_another_version_are_bad_and_say_which_way(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision, way_out in (("0001", "Restart the app"), ("9999", "install the same version")):
        monkeypatch.setattr(health, "current_revision", lambda _, revision=revision: revision)
        schema = database(duckdb_workspace)[1]
        assert (schema.key, schema.level) == ("schema", HealthLevel.BAD)
        assert HEAD_REVISION in schema.found
        assert way_out in schema.advice


def test_a_database_that_hangs_is_bad_soon_and_is_not_asked_twice_at_once(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go = [], threading.Event()

    def hang(_: object) -> str:
        asked.append(1)
        go.wait(10)
        return HEAD_REVISION

    monkeypatch.setattr(health, "current_revision", hang)
    monkeypatch.setattr(health, "DATABASE_WITHIN_S", 0.05)
    moment = [0.0]
    watch = HealthWatch(lambda: duckdb_workspace, clock=lambda: moment[0])
    for _ in range(3):
        moment[0] += 10
        assert of(watch.look().parts)["database"] is HealthLevel.BAD
    assert len(asked) == 1
    go.set()
    watch._asking["database"][0].join(10)
    moment[0] += 10
    monkeypatch.setattr(health, "DATABASE_WITHIN_S", 5.0)
    assert of(watch.look().parts)["database"] is HealthLevel.GOOD


def test_many_who_ask_within_a_moment_cost_one_look(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(health, "current_revision", lambda _: asked.append(1) or HEAD_REVISION)
    moment = [0.0]
    watch = HealthWatch(lambda: duckdb_workspace, clock=lambda: moment[0])
    for _ in range(50):
        watch.look()
    assert len(asked) == 1
    moment[0] += health.KEPT_S
    watch.look()
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("free", "level"), [(50e9, HealthLevel.GOOD), (1e9, HealthLevel.LOOK), (10e6, HealthLevel.BAD)]
)
def test_room_on_the_disk(free: float, level: HealthLevel, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: Usage(100e9, 0, free))
    found = disk(SimpleNamespace(home=tmp_path, settings=Settings(home=tmp_path)))  # type: ignore[arg-type]
    assert of(found) == {"disk": level}
    assert bool(found[0].advice) == (level is not HealthLevel.GOOD)


def test_a_folder_that_is_gone_is_bad(tmp_path: Any) -> None:
    found = disk(SimpleNamespace(home=tmp_path / "gone", settings=Settings(home=tmp_path)))  # type: ignore[arg-type]
    assert of(found) == {"disk": HealthLevel.BAD}


def test_the_worst_part_counts() -> None:
    parts = (HealthPart("a", "A", HealthLevel.GOOD, ""), HealthPart("b", "B", HealthLevel.LOOK, ""))
    assert (Health(parts).level, Health(parts).works) == (HealthLevel.LOOK, True)
    assert not Health((*parts, HealthPart("c", "C", HealthLevel.BAD, ""))).works


def test_more_connections_than_the_database_grants_are_said(
    duckdb_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert too_few_connections(duckdb_workspace) == [], "DuckDB counts none"
    for port in (8501, 8502):
        note_process(
            duckdb_workspace.home, port,
            {"pages": 0, "waiting": 0, "steps": 0, "slow_ms": None, "problems": 0, "memory": None},
        )  # fmt: skip
    for allowed, level in ((11, HealthLevel.LOOK), (12, None)):
        monkeypatch.setattr(health, "allowed_connections", lambda _, allowed=allowed: allowed)
        assert [part.level for part in too_few_connections(duckdb_workspace)] == ([level] if level else [])


def test_what_the_server_grants_is_asked_of_it(workspace: Workspace) -> None:
    allowed = allowed_connections(workspace.engine)
    assert (allowed is None) == workspace.embedded
    assert allowed is None or allowed > 10
