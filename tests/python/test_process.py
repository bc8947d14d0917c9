"""The server as a process: how it starts and what it logs."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import binaries
import pytest
from processes import UI, Process, build_ui, connect, get, run
from sites import install

Start = Callable[..., Process]


def test_serves_api_and_ui(start: Start, package: Path) -> None:
    build_ui(package)
    process = start(NOETL_REVISION="abc")
    assert get(process.url + "/api/health") == (200, b'{"status":"ok"}')
    runtime = json.loads(get(process.url + "/api/runtime")[1])
    assert runtime["server"]["pid"] == process.popen.pid
    assert runtime["server"]["revision"] == "abc"
    assert runtime["server"]["ui"] is True
    assert get(process.url)[1].decode() == UI["index.html"]
    process.wait_for("web UI on: 4 files")


def test_missing_ui_is_said_in_one_line(start: Start) -> None:
    process = start()
    process.wait_for(r"WARNING .*web UI off, API alone: it is not built: there is no .*index\.html$")
    assert get(process.url)[0] == 404
    assert get(process.url + "/api/health")[0] == 200


@pytest.mark.parametrize("value", ["false", "0", "no", "off"])
def test_ui_off_is_said_in_one_line(start: Start, package: Path, value: str) -> None:
    build_ui(package)
    process = start(NOETL_ENABLE_UI=value)
    process.wait_for("web UI off, API alone: NOETL_ENABLE_UI is false$")
    assert get(process.url)[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../../__init__.py",
        "/assets/../../../__init__.py",
        "/%2e%2e/%2e%2e/__init__.py",
        "/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2f__init__.py",
        "/..%5c..%5c__init__.py",
        "//etc/hostname.x",
        "/assets//../../__init__.py",
        "/%00.html",
    ],
)
def test_no_way_out_of_the_ui(start: Start, package: Path, path: str) -> None:
    build_ui(package)
    process = start()
    # Over a bare socket: every client library would tidy the path up before sending it.
    with connect(process) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b'{"detail":"Not Found"}')


def test_port_in_use_is_one_line(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(environment | {"NOETL_PORT": str(port)})
    assert (done.returncode, done.stdout) == (1, "")
    expected = f"noetl.server: error: listening on 127.0.0.1:{port}: the port is in use; "
    assert done.stderr.startswith(expected)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("extra", "code", "message"),
    [
        ({"NOETL_PORT": "http"}, 2, "port 'http' is no port number"),
        ({"NOETL_HOST": "192.0.2.1"}, 1, "listening on 192.0.2.1:0: this machine has no such address"),
        ({"NOETL_HOST": "a..b"}, 1, "listening on a..b:0: "),
    ],
)
def test_bad_settings_are_one_line(environment: dict[str, str], extra: dict[str, str], code: int, message: str) -> None:
    done = run(environment | extra)
    assert done.returncode == code
    assert done.stderr.startswith(f"noetl.server: error: {message}")
    assert done.stderr.count("\n") == 1


def test_a_package_for_another_machine_is_named_at_start(environment: dict[str, str], package: Path) -> None:
    """pydantic-core for another architecture: the server cannot even be imported, but says why."""
    broken = {
        "pydantic_core/__init__.py": b"from pydantic_core import _core",
        "pydantic_core/_core.so": binaries.elf(9999),
    }
    install(package, "pydantic_core", broken)
    done = run(environment)
    assert done.returncode == 1
    assert "a package this server needs does not load" in done.stderr
    assert "pydantic_core 1.0: pydantic_core/_core.so is for " in done.stderr
    assert "Traceback" not in done.stderr


def test_what_does_not_fit_is_warned_of(start: Start, package: Path) -> None:
    install(package, "odd", {"odd.so": binaries.elf(4711)})
    process = start()
    process.wait_for(r"WARNING .*odd 1\.0: odd\.so is for ")
    assert json.loads(get(process.url + "/api/runtime")[1])["fits"] is False


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6(start: Start) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    process = start(NOETL_HOST="::1")
    assert process.url.startswith("http://[::1]:")
    assert get(process.url + "/api/health")[0] == 200


def test_probes_stay_out_of_the_log(start: Start) -> None:
    process = start()
    for path in ("/api/health", "/api/version"):
        assert get(process.url + path)[0] == 200
    process.wait_for("GET /api/version HTTP/1.1")
    assert not [line for line in process.log if "/api/health" in line]
