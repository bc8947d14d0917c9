"""The API, in process: the shapes that the CLI and the UI rely on."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import binaries
import pytest
from sites import install
from starlette.testclient import TestClient

from noetl import __version__
from noetl.runtime.survey import Survey
from noetl.server.app import create_app
from noetl.server.settings import Cli, Settings


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    install(tmp_path / "site", "good", {"good.py": b""})
    install(tmp_path / "site", "bad", {"bad.so": binaries.elf(4711)}, tags=("cp313-cp313-linux_x86_64",))
    settings = Settings(revision="abc123", cli=Cli("0.1.0", "linux/arm64"))
    with TestClient(create_app(settings, Survey([str(tmp_path / "site")])), raise_server_exceptions=False) as client:
        yield client


def test_health(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}


def test_version(client: TestClient) -> None:
    assert client.get("/api/version").json() == {"name": "noetl", "version": __version__, "revision": "abc123"}


def test_runtime(client: TestClient) -> None:
    runtime = client.get("/api/runtime").json()
    assert set(runtime) == {"platform", "python", "server", "process", "cli", "distributions", "fits"}
    assert set(runtime["platform"]) == {"os", "arch", "platform", "machine", "libc"}
    assert set(runtime["python"]) == {"version", "implementation", "executable", "abi"}
    assert set(runtime["server"]) == {"name", "version", "revision", "pid", "started", "ui"}
    assert runtime["server"]["ui"] is False
    assert runtime["server"]["started"].endswith("Z")
    assert datetime.fromisoformat(runtime["server"]["started"]).tzinfo is not None
    assert re.fullmatch(r"cp3\d+t?", runtime["python"]["abi"])
    assert runtime["process"]["memory_bytes"] > 1_000_000
    assert runtime["cli"] == {"version": "0.1.0", "platform": "linux/arm64"}
    assert runtime["fits"] is False
    bad, good = runtime["distributions"]
    assert good == {
        "name": "good", "version": "1.0", "tag": "py3-none-any", "native": False, "fits": True, "modules": []
    }  # fmt: skip
    assert (bad["tag"], bad["native"], bad["fits"]) == ("cp313-cp313-linux_x86_64", True, False)
    (module,) = bad["modules"]
    assert {"path", "format", "arch", "fits", "reason"} == set(module)
    assert (module["path"], module["format"], module["arch"]) == ("bad.so", "elf", "elf-machine-4711")
    assert module["reason"]


def test_without_a_cli_it_is_null(tmp_path: Path) -> None:
    runtime = TestClient(create_app(Settings(), Survey([str(tmp_path)]))).get("/api/runtime").json()
    assert (runtime["cli"], runtime["fits"], runtime["distributions"]) == (None, True, [])


def test_head(client: TestClient) -> None:
    for path in ("/api/health", "/api/version", "/api/runtime", "/openapi.json"):
        answer = client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_openapi_describes_everything_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    description = client.get("/openapi.json").json()
    assert set(description["paths"]) == {"/api/health", "/api/version", "/api/runtime"}
    assert all(set(operations) == {"get"} for operations in description["paths"].values())
    assert "http" not in json.dumps(description["info"])
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/", 404),
        ("GET", "/api/nope", 404),
        ("GET", "/api/health/", 404),
        ("POST", "/api/nope", 404),
        ("POST", "/api/health", 405),
        ("DELETE", "/api/runtime", 405),
        ("GET", "/", 404),
        ("GET", "/somewhere", 404),
    ],
)
def test_errors_are_json(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_failure_inside_is_json_too_and_tells_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Survey) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(Survey, "distributions", fail)
    answer = client.get("/api/runtime")
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})
    assert "content-security-policy" in answer.headers


def test_a_slow_inspection_does_not_hold_up_health(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, release = threading.Event(), threading.Event()

    def slow(self: Survey) -> list[object]:
        entered.set()
        assert release.wait(20)
        return []

    monkeypatch.setattr(Survey, "distributions", slow)
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(client.get("/api/runtime").status_code))
    asking.start()
    assert entered.wait(20)
    assert client.get("/api/health").status_code == 200
    assert not answers
    release.set()
    asking.join(20)
    assert answers == [200]


def test_runtime_answers_where_psutil_does_not_load(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psutil", None)
    process = client.get("/api/runtime").json()["process"]
    assert (process["memory_bytes"], process["threads"]) == (None, None)
    assert process["uptime_seconds"] >= 0
