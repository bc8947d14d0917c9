"""What this one server process is: who it is, since when, and what it uses."""

import os
import sys
import time
from datetime import UTC, datetime
from platform import python_implementation, python_version

from noetl import __version__
from noetl.runtime import platform
from noetl.server.models import PlatformInfo, ProcessInfo, PythonInfo, ServerInfo


class Identity:
    """Facts about this process, gathered once; only what it uses is asked anew."""

    def __init__(self, *, revision: str | None, ui: bool) -> None:
        """Begin counting the uptime."""
        self._since = time.monotonic()
        self.platform = platform_info(platform.current())
        self.python = python_info()
        self.server = ServerInfo(
            version=__version__,
            revision=revision,
            pid=os.getpid(),
            started=datetime.now(UTC).replace(microsecond=0),
            ui=ui,
        )

    def process(self) -> ProcessInfo:
        """Return what this process uses now."""
        memory: int | None
        threads: int | None
        uptime = round(time.monotonic() - self._since, 3)
        try:
            # Imported late: that psutil does not load here is something this server should report, not die of.
            import psutil

            process = psutil.Process()
            memory, threads = process.memory_info().rss, process.num_threads()
        except Exception:
            memory = threads = None
        return ProcessInfo(memory_bytes=memory, threads=threads, uptime_seconds=uptime)


def platform_info(here: platform.Platform) -> PlatformInfo:
    """Say it the way the API does."""
    return PlatformInfo(
        os=here.os, arch=here.machine.arch, platform=str(here), machine=here.kernel_machine, libc=here.libc
    )


def python_info() -> PythonInfo:
    """Describe the running interpreter."""
    return PythonInfo(
        version=python_version(),
        implementation=python_implementation(),
        executable=sys.executable or "",
        abi=abi(),
    )


def abi() -> str:
    """Return the ABI in wheel tags' spelling, such as cp313, or cp313t for a free-threaded build."""
    if sys.implementation.name != "cpython":
        return sys.implementation.cache_tag or sys.implementation.name
    return f"cp{sys.version_info.major}{sys.version_info.minor}{getattr(sys, 'abiflags', '')}"
