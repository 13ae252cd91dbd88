import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.command_line import CommandLine
from tests.unit.dataset.image_factories import ham_csv, ham_row, make_jpeg, make_zip

from dermdash.cli import repeat_options

Dermdash = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DERMDASH_")}
    return kept | {"DERMDASH_HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture
def dermdash(commands: CommandLine, tmp_path: Path) -> Dermdash:
    """Run `dermdash` in a process of its own, on a workspace of its own."""
    return partial(commands.run, tmp_path / "workspace")


@pytest.fixture
def small_set(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A metadata table of four rows, and two archives with one image each."""
    metadata = tmp_path / "meta.csv"
    metadata.write_bytes(ham_csv(*(ham_row(f"ISIC_{i}", dx="wart" if i == 3 else "nv") for i in range(4))))
    one = make_zip(tmp_path / "a.zip", {"ISIC_0.jpg": make_jpeg(seed=0)})
    two = make_zip(tmp_path / "b.zip", {"ISIC_1.jpg": make_jpeg(seed=1)})
    return metadata, one, two


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("import x --images a b --json", "import x --images a --images b --json"),
        ("import x --images a --images b", "import x --images a --images b"),
        ("import --masks m n --metadata c", "import --masks m --masks n --metadata c"),
        ("import --images=a --name n", "import --images=a --name n"),
        ("similar --images a b", "similar --images a b"),
        ("", ""),
    ],
)
def test_several_values_may_follow_one_option(written: str, understood: str) -> None:
    assert repeat_options(written.split()) == understood.split()


def test_json_is_all_that_stands_on_stdout(dermdash: Dermdash, small_set: tuple[Path, Path, Path]) -> None:
    metadata, one, two = small_set
    done = dermdash("import", "ham10000", "--metadata", metadata, "--images", one, two, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["imported"]) == (4, 2)
    assert report["excluded"] == {"unknown_diagnosis": 1, "no_image_file": 1}


def test_the_summary_names_the_reasons_and_the_list_is_written(
    dermdash: Dermdash, small_set: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    metadata, one, _ = small_set
    listed = tmp_path / "out" / "left-out.csv"
    done = dermdash("import", "ham10000", "--metadata", metadata, "--images", one, "--exclusions", listed)
    assert done.returncode == 0, done.stderr
    assert "4 rows read" in done.stdout
    assert "unknown diagnosis" in done.stdout
    assert "Data set HAM10000 (id ham10000)" in done.stdout
    assert str(listed) in done.stderr
    with listed.open(newline="") as file:
        assert {row["reason"] for row in csv.DictReader(file)} == {"unknown_diagnosis", "no_image_file"}


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_an_import_that_found_nothing_usable_has_status_1_and_says_why(
    dermdash: Dermdash, tmp_path: Path, as_json: tuple[str, ...]
) -> None:
    metadata = tmp_path / "meta.csv"
    metadata.write_bytes(ham_csv(ham_row("ISIC_8"), ham_row("ISIC_9")))
    images = make_zip(tmp_path / "images.zip", {"other.jpg": make_jpeg()})
    done = dermdash("import", "ham10000", "--metadata", metadata, "--images", images, *as_json)
    assert done.returncode == 1
    assert "Error: Nothing was imported: 3 rows and files left out, most of all for no image file." in done.stderr
    assert "the image ids are the names of the files" in done.stderr
    if as_json:
        assert json.loads(done.stdout)["imported"] == 0


def test_the_same_import_again_is_no_error(dermdash: Dermdash, small_set: tuple[Path, Path, Path]) -> None:
    metadata, one, two = small_set
    for _ in range(2):
        done = dermdash("import", "ham10000", "--metadata", metadata, "--images", one, two)
        assert done.returncode == 0, done.stderr
    assert "already present" in done.stdout


def test_an_error_is_one_line_and_status_1(dermdash: Dermdash, tmp_path: Path) -> None:
    done = dermdash("import", "ham10000", "--metadata", tmp_path / "absent.csv", "--images", tmp_path, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: there is no metadata file")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["import", "ham10000"], ["nonsense"], ["train", "--device", "abacus"], ["predict", "--images", "x"]],
)
def test_wrong_usage_is_status_2(dermdash: Dermdash, arguments: list[str]) -> None:
    assert dermdash(*arguments).returncode == 2


def test_commands_on_an_empty_workspace_say_what_to_do(dermdash: Dermdash) -> None:
    listed = dermdash("model", "list").stdout
    assert "dermdash reference" in listed
    assert "(in use)" in listed
    assert json.loads(dermdash("study", "list", "--json").stdout) == {"studies": []}
    predicted = dermdash("predict")
    assert (predicted.returncode, "import a data set first" in predicted.stderr) == (1, True)
    trained = dermdash("train")
    assert (trained.returncode, "There is no data set yet" in trained.stderr) == (1, True)


def test_the_admin_link_follows_the_public_address(dermdash: Dermdash) -> None:
    done = dermdash("admin-link", DERMDASH_PUBLIC_URL="https://study.example.org")
    assert done.stdout.startswith("https://study.example.org/")


def test_a_workspace_in_use_is_said_in_words(dermdash: Dermdash, tmp_path: Path) -> None:
    hold = (
        "import sys; from dermdash.settings import Settings; "
        "from dermdash.storage.workspace import open_workspace; "
        "w = open_workspace(Settings()); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold],
        env=environment(tmp_path / "workspace"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "open\n"
        done = dermdash("model", "list")
        holder.stdin.close()
    assert done.returncode == 1
    assert f"process {holder.pid}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_before_anything_else(dermdash: Dermdash, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = dermdash("serve", "--port", port)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert not (tmp_path / "workspace").exists()


def test_help_answers_at_once(dermdash: Dermdash) -> None:
    """The command line must not load the database or the network to print its help."""
    code = (
        "import sys, dermdash.cli; heavy = {'sqlalchemy', 'torch', 'numpy', 'pandas', 'duckdb', 'streamlit', 'cv2'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    assert "import" in dermdash("--help").stdout


def test_ctrl_c_ends_with_130_and_the_same_command_finishes(dermdash: Dermdash, tmp_path: Path) -> None:
    count = 2000
    images = tmp_path / "images"
    images.mkdir()
    metadata = tmp_path / "meta.csv"
    metadata.write_bytes(ham_csv(*(ham_row(f"I_{i:04}", lesion_id=f"L{i}") for i in range(count))))
    for i in range(count):
        (images / f"I_{i:04}.jpg").write_bytes(make_jpeg(seed=i, width=24, height=16))
    command = ["import", "ham10000", "--metadata", str(metadata), "--images", str(images), "--json"]
    running = subprocess.Popen(
        [sys.executable, "-m", "dermdash.cli", *command],
        env=environment(tmp_path / "workspace"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    originals = tmp_path / "workspace" / "originals"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (originals.is_dir() and any(originals.iterdir())):
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, ""), err
    assert "run the same command again to finish" in err
    assert "Traceback" not in err
    report = json.loads(dermdash(*command).stdout)
    assert report["imported"] + report["already_present"] == count


@pytest.mark.shared_data
def test_ham10000_is_imported_with_every_row_accounted_for(dermdash: Dermdash, shared_data: Path) -> None:
    folder = shared_data / "ham10000"
    metadata, images = folder / "HAM10000_metadata.csv", folder / "images"
    done = dermdash("import", "ham10000", "--metadata", metadata, "--images", images, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["imported"], report["excluded"]) == (10015, 5984, {"no_image_file": 4031})


@pytest.mark.shared_data
def test_the_isic_2018_test_set_is_imported(dermdash: Dermdash, shared_data: Path) -> None:
    folder = shared_data / "isic2018_task3_test"
    truth = folder / "ISIC2018_Task3_Test_GroundTruth.csv"
    done = dermdash("import", "isic2018-test", "--ground-truth", truth, "--images", folder / "images", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows"], report["imported"], report["excluded"]) == (171, 171, {})
