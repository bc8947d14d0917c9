"""Opening the sockets before anything else starts, so that a port in use is one clear line and nothing more."""

import errno
import os
import socket
import sys
from typing import Any, Final

_BACKLOG: Final = 2048
# Of an address that this machine lacks: in many containers localhost is ::1 as well, but IPv6 is off.
_ABSENT: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_CURES: Final = {
    errno.EADDRINUSE: "the port is in use; stop what listens there, or choose another with --port or NOETL_PORT",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host or NOETL_HOST",
    errno.EACCES: "not allowed; ports below 1024 need privileges, choose another with --port or NOETL_PORT",
}


class ListenError(OSError):
    """The address cannot be listened on; the text names it and says what to do."""


def open_sockets(host: str, port: int) -> list[socket.socket]:
    """Listen on every address that host stands for, or raise ListenError and leave nothing open."""
    opened: list[socket.socket] = []
    absent: OSError | None = None
    try:
        found = dict.fromkeys(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
        for family, _, _, _, address in found:
            # All addresses of one name share one port, also when any free one was asked for.
            bound = opened[0].getsockname()[1] if opened else port
            try:
                opened.append(_listen(family, (address[0], bound, *address[2:]), alone=len(found) == 1))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
        if absent and not opened:
            raise absent
    except (OSError, UnicodeError) as error:
        for sock in opened:
            sock.close()
        raise ListenError(f"listening on {_join(host, port)}: {_explain(error)}") from error
    return opened


def url(host: str, sockets: list[socket.socket]) -> str:
    """Return the address for people: what was asked for, with the port that it became."""
    return f"http://{_join(host, sockets[0].getsockname()[1])}"


def _listen(family: int, address: tuple[Any, ...], *, alone: bool) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There SO_REUSEADDR would let a second server take over the port of the first.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # "::" alone means IPv4 as well; beside an IPv4 address of the same name it would clash with it.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if alone else 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _explain(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no such host; choose another with --host or NOETL_HOST"
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    return _CURES.get(error.errno) or os.strerror(error.errno)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
