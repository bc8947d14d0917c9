"""`python -m noetl.server`: settings, sockets, application, in that order; each failure is one line and an exit code.

Exit codes: 0 stopped as asked, 1 could not serve, 2 a setting that cannot be meant.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from noetl.server import settings as settings_module
from noetl.server.listen import ListenError, open_sockets


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; return the exit code."""
    _stop_cleanly()
    try:
        settings = settings_module.read(sys.argv[1:] if arguments is None else arguments, os.environ)
        sockets = open_sockets(settings.host, settings.port)
    except settings_module.SettingsError as error:
        return _fail(str(error), 2)
    except ListenError as error:
        return _fail(str(error), 1)
    try:
        # Here and not above: if a package does not load, saying which one and why is this very server's purpose.
        from noetl.server.run import run
    except ImportError as error:
        return _fail(_explain(error), 1)
    return run(settings, sockets)


def _stop_cleanly() -> None:
    """Make being told to stop a success, also while the server is still starting."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(0)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def _fail(message: str, code: int) -> int:
    print(f"noetl.server: error: {message}", file=sys.stderr)
    return code


def _explain(error: ImportError) -> str:
    from noetl.runtime import distributions, platform
    from noetl.runtime.verdict import Target

    lines = [f"a package this server needs does not load: {error}"]
    for dist in distributions.inspect(Target.current()):
        lines += [
            f"  {dist.name} {dist.version}: {module.path} {module.reason}" for module in dist.modules if not module.fits
        ]
    if len(lines) == 1:
        lines.append("  install what requirements.lock lists for this Python")
    else:
        lines.append(f"  reinstall these for {platform.current()}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
