"""The server stops within five seconds, whatever its clients do."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import Process, build_ui, connect

Start = Callable[..., Process]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")


def stop(process: Process, number: int) -> float:
    began = time.monotonic()
    process.popen.send_signal(number)
    assert process.popen.wait(10) == 0
    return time.monotonic() - began


def receive(sock: socket.socket, expected: bytes) -> None:
    answer = b""
    while expected not in answer:
        part = sock.recv(4096)
        assert part, answer
        answer += part


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_with_idle_connections(start: Start, number: int) -> None:
    process = start()
    with connect(process) as idle, connect(process) as half:
        idle.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        receive(idle, b'{"status":"ok"}')
        half.sendall(b"GET /api/health HTTP/1.1\r\nHos")
        assert stop(process, number) < 2.5
    process.wait_for(f"stopping: {signal.Signals(number).name}")
    process.wait_for("stopped$")
    assert not [line for line in process.log if "Traceback" in line]


def test_stops_in_time_with_a_client_that_never_reads(start: Start, package: Path) -> None:
    build_ui(package, {"assets/large-Ab3dE6gH.js": b"/" * (64 << 20)})
    process = start()
    with connect(process) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(b"GET /assets/large-Ab3dE6gH.js HTTP/1.1\r\nHost: x\r\n\r\n")
        receive(sock, b"HTTP/1.1 200 OK")
        assert stop(process, signal.SIGTERM) < 5
    assert not [line for line in process.log if "Traceback" in line]


def test_stops_in_time_with_a_thread_that_hangs(start: Start, package: Path) -> None:
    hang = "import time\nimport noetl.runtime.survey as s\ns.Survey.distributions = lambda self: time.sleep(600)\n"
    (package / "sitecustomize.py").write_text(hang)
    process = start()
    with connect(process) as sock:
        sock.sendall(b"GET /api/runtime HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.5)
        assert stop(process, signal.SIGTERM) < 5
