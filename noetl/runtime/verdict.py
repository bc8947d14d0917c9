"""Whether one native module can be loaded by one interpreter, and if not, why: in plain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path, PurePosixPath
from typing import Final

from noetl.runtime import native, platform
from noetl.runtime.header import Format, Header, HeaderError, Machine

_FORMATS: Final = {"elf": "Linux and other Unix (ELF)", "macho": "macOS (Mach-O)", "pe": "Windows (PE)"}
# module.TAG.so, where TAG names an implementation: what `import` looks at. libfoo.so.1 has no such tag.
_TAGGED: Final = re.compile(r"^[^.]+(?P<suffix>\.(?:cpython|cp\d|abi\d|pypy|graalpy)[^.]*\.(?:so|pyd))$")


@dataclass(frozen=True, slots=True)
class Target:
    """What an interpreter loads: a format, a machine, and the file name endings that `import` accepts."""

    format: Format
    machine: Machine
    suffixes: Sequence[str]

    @classmethod
    def current(cls) -> "Target":
        """Return what the running interpreter loads."""
        here = platform.current()
        return cls(here.format, here.machine, tuple(EXTENSION_SUFFIXES))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one module. format and arch are None if its header cannot be read; reason is None if it fits."""

    path: str
    format: Format | None
    arch: str | None
    reason: str | None

    @property
    def fits(self) -> bool:
        """Whether the interpreter can load the module."""
        return self.reason is None


def judge(listed: str, file: Path, target: Target) -> Verdict:
    """Read the module at file, which its distribution lists under the name listed, and say whether target loads it."""
    try:
        header = native.read(file)
    except HeaderError as error:
        return Verdict(listed, None, None, str(error))
    reason = _machine_reason(header, target) or _suffix_reason(PurePosixPath(listed).name, target)
    return Verdict(listed, header.format, header.arch, reason)


def _machine_reason(header: Header, target: Target) -> str | None:
    if header.format != target.format:
        return f"is for {_FORMATS[header.format]}; this Python loads {_FORMATS[target.format]}"
    if target.machine in header.machines:
        return None
    names = " and ".join(str(machine) for machine in header.machines)
    return f"is for {names}; this Python is {target.machine}"


def _suffix_reason(name: str, target: Target) -> str | None:
    match = _TAGGED.match(name)
    if match is None or match["suffix"] in target.suffixes:
        return None
    return f"ends in {match['suffix']}, which this Python does not import; it takes {', '.join(target.suffixes)}"
