"""`dermdash fetch` in a process of its own, from a source on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.archives import serve_collection, serve_deposit
from tests.command_line import CommandLine
from tests.published_server import PublishedServer, published_server, until


@pytest.fixture
def server() -> Iterator[PublishedServer]:
    with published_server() as running:
        yield running


def test_the_summary_says_what_came_where_it_lies_and_under_which_licence(
    server: PublishedServer, commands: CommandLine, tmp_path: Path
) -> None:
    serve_deposit(server)
    done = commands.run(tmp_path / "home", "fetch", "ham10000", "--to", tmp_path / "HAM", "--server", server.address)
    assert done.returncode == 0, done.stderr
    assert "HAM10000: 10,015 images" in done.stdout
    assert "doi:10.7910/DVN/DBW86T, version 4.0" in done.stdout
    assert "not part of it          1  ISIC2018_Task3_Test_GroundTruth.csv" in done.stdout
    assert "licence          CC BY-NC 4.0" in done.stdout
    assert f"dermdash import auto {tmp_path / 'HAM'}" in done.stderr
    assert "100\N{NO-BREAK SPACE}%  HAM10000_metadata.csv" in done.stderr
    assert not (tmp_path / "home").exists()  # nothing here needs a workspace


def test_what_was_fetched_can_be_imported(server: PublishedServer, commands: CommandLine, tmp_path: Path) -> None:
    serve_deposit(server)
    folder = tmp_path / "HAM"
    assert commands.run(tmp_path, "fetch", "ham10000", "--to", folder, "--server", server.address).returncode == 0
    (folder / "duplicates.csv").write_text("image_id_1,image_id_2\nISIC_1000001,ISIC_1000002\n")
    done = commands.run(tmp_path / "home", "import", "auto", folder, "--json", DERMDASH_WORKERS="1")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["imported"], report["recognised"]["format"]) == (2, 2, "ham10000")
    assert report["recognised"]["not_used"] == []
    assert [(one["source"], one["new"]) for one in report["listed"]] == [("duplicates.csv", 1)]


def test_a_fetched_collection_can_be_imported(server: PublishedServer, commands: CommandLine, tmp_path: Path) -> None:
    serve_collection(server)
    folder = tmp_path / "in"
    api = f"{server.address}/api/v2"
    assert commands.run(tmp_path, "fetch", "isic-archive", "212", "--to", folder, "--server", api).returncode == 0
    done = commands.run(tmp_path / "home", "import", "auto", folder, "--json", DERMDASH_WORKERS="1")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["imported"], report["recognised"]["format"]) == (5, 5, "isic-archive")


def test_json_is_one_object_and_a_file_that_did_not_come_is_an_error(
    server: PublishedServer, commands: CommandLine, tmp_path: Path
) -> None:
    serve_collection(server)
    server.busy["/files/ISIC_3000001.jpg"] = [(404, {})]
    arguments = (
        "fetch",
        "isic-archive",
        "212",
        "--to",
        tmp_path / "in",
        "--server",
        f"{server.address}/api/v2",
        "--json",
    )
    done = commands.run(tmp_path / "home", *arguments)
    report = json.loads(done.stdout)
    assert done.returncode == 1
    assert (report["source"], report["files"], report["fetched"], report["complete"]) == ("isic-archive", 5, 4, False)
    assert list(report["failed"]) == ["ISIC_3000001"]
    assert "Error: 1 file of 5 did not come" in done.stderr
    assert "run the same command again" in done.stderr
    again = commands.run(tmp_path / "home", *arguments)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["already_there"] == 4


def test_an_address_that_is_not_encrypted_is_refused(commands: CommandLine, tmp_path: Path) -> None:
    done = commands.run(tmp_path, "fetch", "ham10000", "--to", tmp_path / "in", "--server", "http://dataverse.example")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has to begin with https://" in done.stderr


@pytest.mark.parametrize(
    ("source", "by"), [("ham10000", signal.SIGINT), ("isic-archive", signal.SIGINT), ("ham10000", signal.SIGKILL)]
)
def test_an_interrupted_or_killed_fetch_is_gone_on_with(
    server: PublishedServer, commands: CommandLine, tmp_path: Path, source: str, by: signal.Signals
) -> None:
    api = ""
    if source == "ham10000":
        serve_deposit(server)
        stalled, part = "/api/access/datafile/12", ".HAM10000_images_part_2.zip.part"
        arguments = ["fetch", source]
    else:
        serve_collection(server, 3)
        stalled, part = "/files/ISIC_3000001.jpg", ".ISIC_3000001.jpg.part"
        arguments, api = ["fetch", source, "212"], "/api/v2"
    server.stalls.add(stalled)
    folder = tmp_path / "in"
    arguments += ["--to", str(folder), "--server", server.address + api]
    command = [sys.executable, "-c", "from dermdash.cli import main; main()", *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"COLUMNS": "200"}, text=True) as process:
        until(lambda: (folder / part).is_file() and (folder / part).stat().st_size > 100, 60)
        process.send_signal(by)
        server.released.set()
        said = process.communicate(timeout=30)[1]
    assert "Traceback" not in said
    if by == signal.SIGINT:
        assert process.returncode == 130
        assert "run the same command again to go on where it stopped" in said
    server.stalls.clear()
    done = commands.run(tmp_path / "home", *arguments)
    assert done.returncode == 0, done.stderr
    assert re.search(r"gone on with +[12] ", done.stdout)  # an image that was nearly there may be the second
