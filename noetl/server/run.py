"""The life of the server process: start, serve, stop within five seconds whatever clients do."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

import noetl.core
from noetl import __version__
from noetl.runtime import platform
from noetl.runtime.survey import Survey
from noetl.server import listen, log
from noetl.server.app import create_app
from noetl.server.assets import Asset, AssetsError, load
from noetl.server.identity import python_info
from noetl.server.settings import Settings

# How long open requests get to finish, and when the process ends even if something still hangs. In seconds.
GRACE: Final = 2
LAST_CALL: Final = 4

_log = logging.getLogger("noetl.server")


def run(settings: Settings, sockets: list[socket.socket]) -> int:
    """Serve on sockets until a signal comes; return the exit code."""
    log.configure(settings.log_level)
    here = platform.current()
    where = f"{here}, {here.libc}" if here.libc else str(here)
    _log.info("noetl server %s on Python %s (%s), pid %d", __version__, python_info().version, where, os.getpid())
    survey = Survey()
    server = Server(
        uvicorn.Config(
            create_app(settings, survey, _assets(settings)),
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        ),
        listen.url(settings.host, sockets),
    )
    threading.Thread(target=_warn, args=(survey,), name="survey", daemon=True).start()
    try:
        server.run(sockets)
    finally:
        _log.info("stopped")
    return 0 if server.started else 1


class Server(uvicorn.Server):
    """uvicorn's server, that says where it listens and keeps to its time when it stops."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        """Announce url once requests are answered there."""
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            _log.info("listening on %s (API %s/api/runtime, OpenAPI %s/openapi.json)", *[self._url] * 3)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop. A thread that hangs, say on a dead network disk, must not keep the process alive."""
        if not self.should_exit:
            _log.info("stopping: %s", signal.Signals(sig).name)
            timer = threading.Timer(LAST_CALL, _end)
            timer.daemon = True
            timer.start()
        super().handle_exit(sig, frame)


def _end() -> None:
    _log.warning("stopped hard: something still hung %s seconds after the signal", LAST_CALL)
    os._exit(0)


def _assets(settings: Settings) -> Mapping[str, Asset] | None:
    """Read the UI, and say in one line whether it is served or why not."""
    if not settings.enable_ui:
        _log.info("web UI off, API alone: NOETL_ENABLE_UI is false")
        return None
    folder = Path(noetl.core.__file__).parent / "ui"
    try:
        assets = load(folder)
    except AssetsError as error:
        _log.warning("web UI off, API alone: %s", error)
        return None
    _log.info("web UI on: %d files from %s", len(assets), folder)
    return assets


def _warn(survey: Survey) -> None:
    """Look at the distributions ahead of the first request, and name what does not fit."""
    for dist in survey.distributions():
        for module in dist.modules:
            if not module.fits:
                _log.warning("%s %s: %s %s", dist.name, dist.version, module.path, module.reason)
