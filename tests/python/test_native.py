"""Reading ELF, Mach-O and PE headers: right for good files, and calm about bad ones."""

import contextlib
import os
import random
import sys
from pathlib import Path

import binaries
import pytest

from noetl.runtime import elf, native
from noetl.runtime.header import HeaderError, Machine

AMD64, ARM64 = 0x01000007, 0x0100000C


@pytest.mark.parametrize(
    ("content", "format_", "arch", "machine"),
    [
        (binaries.elf(62), "elf", "amd64", Machine("amd64", 64, "little")),
        (binaries.elf(183), "elf", "arm64", Machine("arm64", 64, "little")),
        (binaries.elf(40, 32), "elf", "arm", Machine("arm", 32, "little")),
        (binaries.elf(3, 32), "elf", "386", Machine("386", 32, "little")),
        (binaries.elf(21, 64, "little"), "elf", "ppc64le", Machine("ppc64le", 64, "little")),
        (binaries.elf(21, 64, "big"), "elf", "ppc64", Machine("ppc64", 64, "big")),
        (binaries.elf(22, 64, "big"), "elf", "s390x", Machine("s390x", 64, "big")),
        (binaries.elf(243), "elf", "riscv64", Machine("riscv64", 64, "little")),
        (binaries.elf(4711), "elf", "elf-machine-4711", Machine("elf-machine-4711", 64, "little")),
        (binaries.elf(62, kind=2), "elf", "amd64", Machine("amd64", 64, "little")),
        (binaries.macho(ARM64), "macho", "arm64", Machine("arm64", 64, "little")),
        (binaries.macho(AMD64), "macho", "amd64", Machine("amd64", 64, "little")),
        (binaries.macho(7, 32), "macho", "386", Machine("386", 32, "little")),
        (binaries.pe(0x8664), "pe", "amd64", Machine("amd64", 64, "little")),
        (binaries.pe(0xAA64), "pe", "arm64", Machine("arm64", 64, "little")),
        (binaries.pe(0x14C, 32), "pe", "386", Machine("386", 32, "little")),
    ],
)
def test_every_format_and_machine(content: bytes, format_: str, arch: str, machine: Machine) -> None:
    header = native.parse(content)
    assert (header.format, header.arch, header.machines) == (format_, arch, (machine,))


def test_fat_file_names_every_slice() -> None:
    content = binaries.fat((AMD64, binaries.macho(AMD64)), (ARM64, binaries.macho(ARM64)))
    assert native.parse(content).arch == "amd64+arm64"


def test_fat_file_larger_than_what_is_read_is_told_by_its_table() -> None:
    content = binaries.fat((AMD64, binaries.macho(AMD64, payload=native.HEAD_BYTES)), (ARM64, binaries.macho(ARM64)))
    assert native.parse(content[: native.HEAD_BYTES], len(content)).arch == "amd64+arm64"


GOOD = {
    "elf64": binaries.elf(),
    "elf32": binaries.elf(40, 32),
    "elf64 big": binaries.elf(22, 64, "big"),
    "macho": binaries.macho(),
    "macho32": binaries.macho(7, 32),
    "fat": binaries.fat((AMD64, binaries.macho(AMD64)), (ARM64, binaries.macho(ARM64))),
    "pe": binaries.pe(),
    "pe32": binaries.pe(0x14C, 32),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_cut_short_anywhere_is_an_error(content: bytes) -> None:
    for length in range(len(content)):
        with pytest.raises(HeaderError, match=r"cut short|empty|no machine code|slice that is none"):
            native.parse(content[:length])


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_hostile_bytes_never_raise_anything_else(content: bytes) -> None:
    chance = random.Random(20260101)  # noqa: S311 - the same bytes in every run
    for _ in range(3000):
        damaged = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            # The first bytes are kept, so that the parser of this format is the one that meets the damage.
            damaged[chance.randrange(4, min(len(damaged), 512))] = chance.choice((0, 1, 0x7F, 0xFF))
        with contextlib.suppress(HeaderError):
            native.parse(bytes(damaged))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"#!/bin/sh\n", "holds no machine code"),
        (b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + bytes(60), "Java class file"),
        (b"MZ" + bytes(200), "DOS program"),
        (b"\x7fELF\x03\x01\x01" + bytes(60), "damaged identification"),
        (binaries.elf(kind=1), "neither a program nor a shared library"),
    ],
)
def test_what_is_no_machine_code_says_so(content: bytes, message: str) -> None:
    with pytest.raises(HeaderError, match=message):
        native.parse(content)


def test_interpreter_of_a_program() -> None:
    assert elf.interpreter(binaries.elf(interpreter="/lib/ld-musl-x86_64.so.1")) == "/lib/ld-musl-x86_64.so.1"
    assert elf.interpreter(binaries.elf()) is None
    assert elf.interpreter(b"") is None


def test_reading_files(tmp_path: Path) -> None:
    good = tmp_path / "a.so"
    good.write_bytes(binaries.elf(183))
    assert native.read(good).arch == "arm64"
    for path, message in ((tmp_path / "none.so", "is missing"), (tmp_path, "no regular file"), (Path("a\0"), ".")):
        with pytest.raises(HeaderError, match=message):
            native.read(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in the file system")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.so")
    with pytest.raises(HeaderError, match="no regular file"):
        native.read(tmp_path / "pipe.so")


def test_the_running_interpreter_is_machine_code() -> None:
    assert native.read(Path(sys.executable).resolve()).machines[0].bits in (32, 64)


def test_a_machine_says_what_its_name_does_not() -> None:
    assert str(Machine("arm64", 64, "little")) == "arm64"
    assert str(Machine("amd64", 32, "little")) == "amd64 (32-bit)"
    assert str(Machine("arm64", 64, "big")) == "arm64 (big-endian)"
    assert str(Machine("elf-machine-9", 64, "little")) == "elf-machine-9 (64-bit, little-endian)"
