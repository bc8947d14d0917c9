"""What is shipped: the locks and the wheel."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import noetl

ROOT = Path(__file__).parents[2]


def test_one_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == noetl.__version__


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text)
    requirements = re.findall(r"^[a-z].*(?:\n    .*)*", text, re.MULTILINE)
    assert len(requirements) > 10
    for requirement in requirements:
        assert re.match(r"[a-z0-9._-]+==\S+", requirement)
        assert "--hash=sha256:" in requirement


def test_dev_lock_is_the_lock_and_more() -> None:
    lock, dev = (
        set(re.findall(r"^[a-z][^\\]*", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert lock < dev


def test_wheel_is_the_same_with_and_without_a_built_ui(package: Path, tmp_path: Path) -> None:
    uv = shutil.which("uv", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
    if uv is None:
        if os.environ.get("CI"):
            pytest.fail("uv is needed: go tool mage bootstrap")
        pytest.skip("needs uv: go tool mage bootstrap")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, package / name)

    def build(out: str) -> Path:
        command = [uv, "build", "--wheel", "--offline", "--no-config", "-q", "-o", str(tmp_path / out)]
        subprocess.run(command, cwd=package, check=True, timeout=120)
        (wheel,) = (tmp_path / out).glob("*.whl")
        return wheel

    first = build("one")
    for path in ("core/ui/index.html", "core/ui/assets/a.js", "bin/noetl"):
        (package / "noetl" / path).parent.mkdir(parents=True, exist_ok=True)
        (package / "noetl" / path).write_text("built")
    second = build("two")
    assert first.name == f"noetl-{noetl.__version__}-py3-none-any.whl"
    assert first.read_bytes() == second.read_bytes()
    names = zipfile.ZipFile(second).namelist()
    assert "noetl/server/__main__.py" in names
    assert not [name for name in names if "/ui/" in name or "/bin/" in name or "entry_points" in name]
