"""The server as a process of its own, the UI it may serve, and ways to ask it."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

UI = {
    "index.html": "<!doctype html><title>NoETL</title><script type=module src=/assets/index-Ab3dE6gH.js></script>",
    "assets/index-Ab3dE6gH.js": "export const answer = 42;",
    "assets/index-Zz3dE6gH.css": "body { margin: 0 }",
    "favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    ".vite/manifest.json": "{}",
}


@dataclass
class Process:
    """A running server. Its log is read as it comes, so that a full pipe never stops it."""

    popen: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)
    url: str = ""

    def follow(self) -> None:
        assert self.popen.stderr is not None
        self.log.extend(line.rstrip() for line in iter(self.popen.stderr.readline, "") if line)

    def wait_for(self, pattern: str, seconds: float = 30) -> re.Match[str]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in list(self.log):
                if match := re.search(pattern, line):
                    return match
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in the log after {seconds} s:\n" + "\n".join(self.log))


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - an address made here
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def connect(process: Process) -> socket.socket:
    address = urlsplit(process.url)
    return socket.create_connection((address.hostname, address.port), timeout=20)


def build_ui(package: Path, extra: dict[str, bytes] | None = None) -> None:
    for name, content in ({name: text.encode() for name, text in UI.items()} | (extra or {})).items():
        file = package / "noetl" / "core" / "ui" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "noetl.server"],
        env=environment,
        cwd=environment["PYTHONPATH"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
