"""The distributions of this process, inspected once and again only when something was installed."""

import os
import sys
import threading

from noetl.runtime.distributions import Distribution, inspect
from noetl.runtime.verdict import Target


class Survey:
    """Remembers what `inspect` found. Safe to ask from several threads: they share one inspection."""

    def __init__(self, path: list[str] | None = None) -> None:
        """Survey path, or whatever sys.path is at the time of asking."""
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int], ...] | None = None
        self._found: list[Distribution] = []

    def distributions(self) -> list[Distribution]:
        """Return every distribution, sorted by name. The first call reads some hundred files; do not block a loop."""
        with self._lock:
            path = list(sys.path) if self._path is None else self._path
            seen = tuple((folder, _modified(folder)) for folder in path)
            if seen != self._seen:
                self._found, self._seen = inspect(Target.current(), path), seen
            return self._found


def _modified(folder: str) -> int:
    """Return when an entry of folder was last added, removed or renamed, in nanoseconds; 0 if there is no folder."""
    try:
        return os.stat(folder or ".").st_mtime_ns  # noqa: PTH116 - "" means the current folder on sys.path only
    except OSError:
        return 0
