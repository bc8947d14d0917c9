"""What several tests need: an application with a UI in memory, and the server as a process of its own."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import UI, Process

import noetl


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    folder = tmp_path / "built-ui"
    for name, text in UI.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a folder with a copy of the package as it is committed: without anything that a build put into it."""
    source, built = Path(noetl.__file__).parent, tmp_path / "lib"
    leave_out = {str(source / "bin"), str(source / "core" / "ui")}
    shutil.copytree(
        source,
        built / "noetl",
        ignore=lambda folder, names: [n for n in names if n == "__pycache__" or str(Path(folder) / n) in leave_out],
    )
    return built


@pytest.fixture
def environment(package: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOETL_")}
    return kept | {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "NOETL_PORT": "0"}


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., Process]]:
    """Return a function that starts the server and waits until it listens; arguments are its environment."""
    running: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def begin(*, until: str = r"listening on (http://\S+)", **extra: str) -> Process:
        popen = subprocess.Popen(
            [sys.executable, "-m", "noetl.server"],
            env=environment | extra,
            stderr=subprocess.PIPE,
            text=True,
            cwd=environment["PYTHONPATH"],
        )
        process = Process(popen)
        reader = threading.Thread(target=process.follow, daemon=True)
        running.append((popen, reader))
        reader.start()
        process.url = process.wait_for(until).group(1)
        return process

    yield begin
    for popen, reader in running:
        popen.kill()
        popen.wait()
        reader.join()
        assert popen.stderr is not None
        popen.stderr.close()
