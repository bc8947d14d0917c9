"""Verdicts on installed distributions: by what is in the files, never by what the tag says."""

import os
import sys
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import binaries
import pytest
from sites import install

from noetl.runtime.distributions import Distribution, inspect
from noetl.runtime.header import Machine
from noetl.runtime.survey import Survey
from noetl.runtime.verdict import Target

LINUX = Target("elf", Machine("amd64", 64, "little"), (".cpython-313-x86_64-linux-gnu.so", ".abi3.so", ".so"))
WINDOWS = Target("pe", Machine("arm64", 64, "little"), (".cp313-win_arm64.pyd", ".pyd"))
MACOS = Target("macho", Machine("arm64", 64, "little"), (".cpython-313-darwin.so", ".abi3.so", ".so"))


def only(site: Path, target: Target) -> Distribution:
    (found,) = inspect(target, [str(site)])
    return found


@pytest.mark.parametrize(
    ("target", "name", "content", "reason"),
    [
        (LINUX, "a.cpython-313-x86_64-linux-gnu.so", binaries.elf(), None),
        (LINUX, "a.abi3.so", binaries.elf(), None),
        (LINUX, "a.so", binaries.elf(), None),
        (LINUX, "a.libs/libssl-1f.so.3.1", binaries.elf(), None),
        (LINUX, "a.libs/libgfortran-91cc3cb1.so.3.0.0", binaries.elf(), None),
        (LINUX, "a.cpython-313-x86_64-linux-gnu.so", binaries.elf(183), "is for arm64; this Python is amd64"),
        (LINUX, "a.so", binaries.elf(62, 32), r"is for amd64 \(32-bit\); this Python is amd64"),
        (LINUX, "a.so", binaries.elf(62, 64, "big"), r"is for amd64 \(big-endian\); this Python is amd64"),
        (LINUX, "a.cpython-312-x86_64-linux-gnu.so", binaries.elf(), "which this Python does not import"),
        (LINUX, "a.cpython-313-x86_64-linux-musl.so", binaries.elf(), "which this Python does not import"),
        (LINUX, "a.so", binaries.macho(), r"is for macOS \(Mach-O\); this Python loads Linux and other Unix \(ELF\)"),
        (LINUX, "a.pyd", binaries.pe(), r"is for Windows \(PE\)"),
        (LINUX, "a.so", b"INPUT(-lfoo)", "holds no machine code"),
        (LINUX, "a.so", binaries.elf()[:-1], "is cut short"),
        (LINUX, "a.so", b"", "is empty"),
        (WINDOWS, "a.cp313-win_arm64.pyd", binaries.pe(0xAA64), None),
        (WINDOWS, "a.dll", binaries.pe(0xAA64), None),
        (WINDOWS, "a.pyd", binaries.pe(0x8664), "is for amd64; this Python is arm64"),
        (WINDOWS, "a.cp312-win_arm64.pyd", binaries.pe(0xAA64), "which this Python does not import"),
        (MACOS, "a.cpython-313-darwin.so", binaries.macho(), None),
        (
            MACOS,
            "a.dylib",
            binaries.fat((0x01000007, binaries.macho(0x01000007)), (0x0100000C, binaries.macho())),
            None,
        ),
        (MACOS, "a.abi3.so", binaries.macho(0x01000007), "is for amd64; this Python is arm64"),
    ],
)
def test_verdict(tmp_path: Path, target: Target, name: str, content: bytes, reason: str | None) -> None:
    install(tmp_path, "a", {name: content})
    dist = only(tmp_path, target)
    (module,) = dist.modules
    assert (dist.native, dist.fits, module.fits, module.path) == (True, reason is None, reason is None, name)
    if reason is not None:
        with pytest.raises(AssertionError, match=reason):
            raise AssertionError(module.reason)


def test_the_tag_decides_nothing(tmp_path: Path) -> None:
    install(tmp_path, "pure", {"pure/x.so": binaries.elf(183)}, tags=("py3-none-any",))
    install(tmp_path, "other", {"other/x.so": binaries.elf()}, tags=("cp313-cp313-manylinux_2_28_aarch64",))
    other, pure = inspect(LINUX, [str(tmp_path)])
    assert (other.native, other.fits) == (True, True)
    assert (pure.native, pure.fits) == (True, False)


def test_several_tags_are_written_as_in_a_file_name(tmp_path: Path) -> None:
    install(tmp_path, "a", {}, tags=("cp36-abi3-manylinux_2_12_x86_64", "cp36-abi3-manylinux2010_x86_64"))
    assert only(tmp_path, LINUX).tag == "cp36-abi3-manylinux_2_12_x86_64.manylinux2010_x86_64"


def test_a_listed_but_missing_module_does_not_fit(tmp_path: Path) -> None:
    install(tmp_path, "a", {}, record='"a/x.so",sha256=x,5\n')
    (module,) = only(tmp_path, LINUX).modules
    assert module.reason is not None
    assert module.reason.startswith("is missing")


def test_sorted_and_first_on_the_path_wins(tmp_path: Path) -> None:
    for folder, content in (("one", binaries.elf()), ("two", binaries.elf(183))):
        install(tmp_path / folder, "Some_Name", {"x.so": content})
    install(tmp_path / "two", "alpha", {})
    found = inspect(LINUX, [str(tmp_path / "one"), str(tmp_path / "two")])
    assert [(dist.name, dist.fits) for dist in found] == [("alpha", True), ("Some_Name", True)]


def test_broken_distributions_do_not_stop_the_inspection(tmp_path: Path) -> None:
    (tmp_path / "empty-1.dist-info").mkdir()
    info = install(tmp_path, "latin", {"latin.py": b""})
    (info / "RECORD").write_bytes(b"\xff\xfe,,\n")
    (info / "WHEEL").unlink()
    install(tmp_path, "odd", {}, record='"a\0.so",,\n\n,\n')
    names = {dist.name: dist for dist in inspect(LINUX, [str(tmp_path)])}
    assert set(names) == {"latin", "odd"}
    assert names["latin"].tag is None


def test_everything_installed_here_fits() -> None:
    found = {dist.name: dist for dist in inspect(Target.current())}
    assert found["pydantic_core"].native
    assert [module for dist in found.values() for module in dist.modules if not module.fits] == []


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="flips a field of an ELF header")
def test_a_real_module_with_another_machine_is_found_out(tmp_path: Path) -> None:
    dist = metadata.distribution("pydantic_core")
    real = next(file for file in dist.files or () if file.name.endswith(tuple(EXTENSION_SUFFIXES)))
    content = bytearray(Path(str(real.locate())).read_bytes())
    here = Target.current()
    install(tmp_path / "same", "copy", {real.as_posix(): bytes(content)})
    content[18:20] = (183 if here.machine.arch == "amd64" else 62).to_bytes(2, sys.byteorder)
    install(tmp_path / "flipped", "copy", {real.as_posix(): bytes(content)})
    install(tmp_path / "half", "copy", {real.as_posix(): bytes(content[: len(content) // 2])})
    assert only(tmp_path / "same", here).fits
    (module,) = only(tmp_path / "flipped", here).modules
    other = "arm64" if here.machine.arch == "amd64" else "amd64"
    assert (module.arch, module.reason) == (other, f"is for {other}; this Python is {here.machine}")
    assert "is cut short" in (only(tmp_path / "half", here).modules[0].reason or "")


def test_survey_looks_again_only_after_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    install(site, "a", {})
    survey = Survey([str(site), str(tmp_path / "none")])
    first = survey.distributions()
    assert survey.distributions() is first
    install(site, "b", {})
    os.utime(site, ns=(1, 1))
    assert [dist.name for dist in survey.distributions()] == ["a", "b"]
