"""The platform is the interpreter's, whatever the kernel calls the machine."""

import struct
import sys

import binaries
import pytest

from noetl.runtime import platform
from noetl.runtime.header import Machine


@pytest.mark.parametrize(
    ("head", "reported", "bits", "arch"),
    [
        (b"", "x86_64", 64, "amd64"),
        (b"", "AMD64", 64, "amd64"),
        (b"", "aarch64", 64, "arm64"),
        (b"", "arm64", 64, "arm64"),
        (b"", "x86_64", 32, "386"),
        (b"", "aarch64", 32, "arm"),
        (b"", "armv7l", 32, "arm"),
        (b"", "i686", 32, "386"),
        (b"", "riscv64", 64, "riscv64"),
        (binaries.elf(40, 32), "aarch64", 32, "arm"),
        (binaries.elf(3, 32), "x86_64", 32, "386"),
        (binaries.elf(183), "x86_64", 64, "arm64"),
    ],
)
def test_machine(head: bytes, reported: str, bits: int, arch: str) -> None:
    assert platform.machine_of(head, reported, bits, "little") == Machine(arch, bits, "little")


@pytest.mark.parametrize(("build", "arch"), [("win-amd64", "amd64"), ("win-arm64", "arm64"), ("win32", "x86")])
def test_windows_asks_the_build_not_the_computer(build: str, arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform.sysconfig, "get_platform", lambda: build)
    assert platform.reported_machine("windows", "ARM64") == arch


@pytest.mark.parametrize(
    ("kernel", "variant"), [("armv7l", "v7"), ("armv6l", "v6"), ("armv8l", "v7"), ("aarch64", "v7"), ("arm", "v7")]
)
def test_variant_of_32_bit_arm(kernel: str, variant: str) -> None:
    assert platform.arm_variant(kernel) == variant


def test_spelling() -> None:
    arm = platform.Platform("linux", Machine("arm", 32, "little"), "v7", "armv7l", None)
    assert str(arm) == "linux/arm/v7"
    assert arm.format == "elf"


def test_musl_is_told_by_the_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform.os, "confstr", lambda _: None, raising=False)
    monkeypatch.setattr(platform.sysconfig, "get_config_var", lambda _: None)
    assert platform.libc(binaries.elf(interpreter="/lib/ld-musl-x86_64.so.1")) == "musl"
    assert platform.libc(binaries.elf(interpreter="/lib64/ld-linux-x86-64.so.2")) is None


def test_this_process() -> None:
    here = platform.current()
    assert here.machine.bits == struct.calcsize("P") * 8
    assert here.machine.order == sys.byteorder
    assert str(here).startswith(f"{here.os}/{here.machine.arch}")
    assert here.machine.arch not in ("x86_64", "aarch64", "")
