"""The parts of `deploy/compose.yaml` started one by one on this machine: PostgreSQL, the app's processes, nginx.

What starts the app and with which settings is read out of the files of `deploy`, so that these are what is tried.
"""

import asyncio
import functools
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tests.browser.ports import neighbouring_ports
from tests.nginx_server import DEPLOY as NGINX
from tests.nginx_server import SUBPATH, Nginx, nginx_program, trusting
from tests.object_server import KEY, SECRET, running_object_server
from tests.own_loop import run
from tests.postgresql_server import create_database
from websockets.asyncio.client import connect

from dermdash.cli.nginx_upstreams import upstreams
from dermdash.settings import Settings

pytestmark = pytest.mark.processes

DEPLOY = NGINX.parent
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()
WITHIN_S = 120.0


@dataclass
class Deployment:
    """nginx with TLS, the first process with its log, and the ports of the app."""

    nginx: Nginx
    parent: "subprocess.Popen[bytes]"
    log: Path
    ports: range
    with_bucket: bool

    @property
    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPSConnection("localhost", self.nginx.port, context=trusting(self.nginx), timeout=60)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()


def until(test: Callable[[], bool], what: Callable[[], str]) -> None:
    end = time.monotonic() + WITHIN_S
    while not test():
        assert time.monotonic() < end, what()
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, postgresql_server: str) -> Iterator[Deployment]:
    if nginx_program() is None:
        pytest.skip("nginx is not installed")
    if sys.platform != "linux":
        pytest.skip("asks /proc for the processes")
    folder = tmp_path_factory.mktemp("deployment")
    first = neighbouring_ports(2)
    ports, log = range(first, first + 2), folder / "log"
    command = json.loads(re.findall(r"^CMD (.+)$", CONTAINERFILE, re.MULTILINE)[-1])
    assert command[0] == "dermdash"
    # With a link, so that it can be told that there is one whatever number of processes.
    words = [word for word in command[1:] if word != "--no-link"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DERMDASH_", "STREAMLIT_"))}
    with Nginx(folder / "nginx", ports, plain=False) as nginx, running_object_server() as objects:
        if objects is None:  # the file of keys is empty, as docs/deployment.md has it without a bucket
            place = {"DERMDASH_OBJECTS": ""}
            (folder / "objects-keys").touch()
        else:
            place = {"DERMDASH_OBJECTS": objects.new_place(), "AWS_ENDPOINT_URL": objects.url}
            (folder / "objects-keys").write_text(
                f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
            )
        environment = kept | image_settings() | app_settings() | place | {
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "objects-keys"),
            "DERMDASH_HOME": str(folder / "workspace"), "DERMDASH_PSEUDONYM_KEY": str(folder / "pseudonyms.key"),
            "DERMDASH_DATABASE_URL": create_database(postgresql_server), "DERMDASH_PUBLIC_URL": nginx.url,
            "DERMDASH_WARM_UP": "false",
        }  # fmt: skip
        with log.open("wb") as out:
            parent = subprocess.Popen(
                [sys.executable, "-m", "dermdash.cli", *words, "--port", str(first)],
                stdout=out, stderr=out, env=environment,
            )  # fmt: skip
        running = Deployment(nginx, parent, log, ports, objects is not None)
        try:
            until(lambda: all(map(answers, ports)), log.read_text)
            until(lambda: "/sign-in/" in log.read_text(), log.read_text)
            yield running
        finally:
            if parent.poll() is None:
                parent.terminate()
                parent.wait(timeout=60)


def image_settings() -> dict[str, str]:
    return dict(re.findall(r"(DERMDASH_\w+|PYTHONUNBUFFERED)=(\S+)", CONTAINERFILE))


def app_settings() -> dict[str, str]:
    """What the compose file sets, without an .env: a variable with a default has that."""
    said = COMPOSE["services"]["app"]["environment"]
    return {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in said.items()}


def test_files_that_are_named_are_there_and_settings_exist() -> None:
    known = {f"DERMDASH_{name.upper()}" for name in Settings.model_fields}
    named = {name for name in image_settings() | app_settings() if name.startswith("DERMDASH_")}
    assert named <= known
    assert app_settings()["DERMDASH_DATABASE_URL"].startswith("postgresql+psycopg://")
    sources = [volume.split(":")[0] for volume in COMPOSE["services"]["proxy"]["volumes"]]
    assert all((DEPLOY / source).is_file() for source in sources if source.endswith(".conf"))
    build = COMPOSE["services"]["app"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == (DEPLOY / "Containerfile").resolve()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, re.MULTILINE)
    assert all((DEPLOY.parent / name).exists() for line in copied for name in line.split())


def test_the_proxy_of_the_compose_file_asks_the_processes_that_its_app_starts() -> None:
    assert (NGINX / "compose-upstreams.conf").read_text() == upstreams(range(8501, 8503), host="app")
    assert '"--processes", "2"' in CONTAINERFILE
    assert "EXPOSE 8501 8502" in CONTAINERFILE


def test_the_units_of_systemd_start_commands_that_exist() -> None:
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        for words in re.findall(r"/opt/dermdash/bin/dermdash ([^'\n]+)", unit.read_text()):
            options = [word for word in words.split() if word.startswith("--")]
            said = subprocess.run(
                [sys.executable, "-m", "dermdash.cli", words.split()[0], "--help"],
                capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"},
            ).stdout  # fmt: skip
            assert all(option in said for option in options), (unit.name, words)


@pytest.mark.postgresql
def test_every_part_is_well_behind_the_proxy(deployment: Deployment) -> None:
    said = json.loads(deployment.get("/healthz").read())
    bucket = {"objects": "good"} if deployment.with_bucket else {}
    assert said == {"status": "good", "database": "good", "schema": "good", "disk": "good", **bucket}
    assert deployment.get("/metrics").status == 404
    assert b"<title>" in deployment.get("/").read()


@pytest.mark.postgresql
def test_one_link_signs_in_and_the_page_is_a_websocket_for_whoever_has_the_cookie(deployment: Deployment) -> None:
    links = re.findall(r"(https://\S+/sign-in/\S+)", deployment.log.read_text())
    assert len(links) == 1, "one link, whatever number of processes"
    answer = deployment.get(urlsplit(links[0]).path)
    assert (answer.status, answer.headers["Location"]) == (303, "../")
    cookies = [cookie for cookie in answer.headers.get_all("Set-Cookie") or [] if "dermdash_session" in cookie]
    assert "Secure" in cookies[0]
    assert "HttpOnly" in cookies[0]
    session = cookies[0].partition(";")[0]
    for port in deployment.ports:  # signed in at either process
        cookies_sent = f"{session}; dermdash_process={port}"
        run(functools.partial(_sees_the_app, deployment.nginx, cookies_sent))

    # The same app below a path, as the other site that is shipped has it.
    with Nginx(deployment.log.parent / "below", deployment.ports, site=SUBPATH, plain=False) as below:
        connection = http.client.HTTPSConnection("localhost", below.port, context=trusting(below), timeout=60)
        connection.request("GET", "/dermdash/")
        assert b"<title>" in connection.getresponse().read()
        run(functools.partial(_sees_the_app, below, session, path="/dermdash"))


async def _sees_the_app(nginx: Nginx, cookies: str, path: str = "") -> None:
    from streamlit.proto.BackMsg_pb2 import BackMsg

    asked = BackMsg()
    asked.rerun_script.query_string = ""
    async with connect(
        f"wss://localhost:{nginx.port}{path}/_stcore/stream", ssl=trusting(nginx), subprotocols=["streamlit"],  # type: ignore[list-item]
        additional_headers={"Cookie": cookies}, origin=nginx.url, max_size=None, open_timeout=60,  # type: ignore[arg-type]
    ) as socket:  # fmt: skip
        await socket.send(asked.SerializeToString())
        async with asyncio.timeout(WITHIN_S):
            while True:
                message = ForwardMsg.FromString(await socket.recv())  # type: ignore[arg-type]
                if message.WhichOneof("type") == "navigation":
                    titles = {page.page_name for page in message.navigation.app_pages}
                    assert "Operations" in titles, "the menu of an admin"
                    return


@pytest.mark.postgresql
def test_what_is_logged_is_json_without_links(deployment: Deployment) -> None:
    lines = [json.loads(line) for line in deployment.log.read_text().splitlines() if line.startswith("{")]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert not [line for line in lines if "/sign-in/" in line["message"] and "…" not in line["message"]]


@pytest.mark.postgresql
def test_a_process_that_is_killed_comes_back_and_nobody_at_the_proxy_hears_of_it(deployment: Deployment) -> None:
    before = deployment.children
    assert len(before) == 2
    os.kill(before[1], signal.SIGKILL)
    for _ in range(20):
        assert deployment.get("/healthz", Cookie=f"dermdash_process={deployment.ports[1]}").status == 200
    until(lambda: "was ended by SIGKILL" in deployment.log.read_text(), deployment.log.read_text)
    until(lambda: len(deployment.children) == 2 and answers(deployment.ports[1]), deployment.log.read_text)
    assert deployment.log.read_text().count("/sign-in/") == 1, "no further link"


@pytest.mark.postgresql
def test_all_processes_end_with_the_first(deployment: Deployment) -> None:
    known = deployment.children
    deployment.parent.send_signal(signal.SIGTERM)
    assert deployment.parent.wait(timeout=60) == 0
    assert not [pid for pid in known if Path(f"/proc/{pid}").exists()]
    assert not any(map(answers, deployment.ports))
    assert deployment.get("/healthz").status == 502
