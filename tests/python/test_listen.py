"""Opening sockets: every address of a name, one port, nothing left open after a failure."""

import socket

import pytest

from noetl.server import listen

Found = list[tuple[int, int, int, str, tuple[str, int]]]


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found: Found = [
        (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 0, "", (each, 0)) for each in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_any_free_port() -> None:
    (sock,) = listen.open_sockets("127.0.0.1", 0)
    with sock:
        port = sock.getsockname()[1]
        assert port > 0
        assert listen.url("127.0.0.1", [sock]) == f"http://127.0.0.1:{port}"
        assert listen.url("::1", [sock]) == f"http://[::1]:{port}"


def test_an_address_that_the_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "2001:db8::1", "127.0.0.1")
    (sock,) = listen.open_sockets("localhost", 0)
    with sock:
        assert sock.getsockname()[0] == "127.0.0.1"


def test_no_address_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "2001:db8::1", "192.0.2.1")
    with pytest.raises(listen.ListenError, match="listening on localhost:0: "):
        listen.open_sockets("localhost", 0)


def test_a_taken_port_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        resolve(monkeypatch, "127.0.0.1")
        # A socket left open would be a ResourceWarning, which is an error in these tests.
        with pytest.raises(listen.ListenError, match=rf"127\.0\.0\.1:{port}: the port is in use; stop what"):
            listen.open_sockets("127.0.0.1", port)
