"""Every installed distribution, with its wheel tag and a verdict on each of its native modules."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from noetl.runtime.verdict import Target, Verdict, judge

# What an interpreter or its loader maps into the process: extension modules, and libraries that wheels bring along.
_NATIVE: Final = re.compile(r"\.(?:so(?:\.\d+)*|pyd|dll|dylib)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Distribution:
    """One installed distribution. tag is None if it was not installed from a wheel."""

    name: str
    version: str
    tag: str | None
    modules: tuple[Verdict, ...]

    @property
    def native(self) -> bool:
        """Whether it brings machine code, whatever its tag says."""
        return bool(self.modules)

    @property
    def fits(self) -> bool:
        """Whether every native module of it can be loaded here."""
        return all(module.fits for module in self.modules)


def inspect(target: Target, path: list[str] | None = None) -> list[Distribution]:
    """Look at every distribution on path (sys.path if not given), sorted by name.

    Of two with the same name the first on the path counts, as it does for `import`. One whose metadata cannot be
    read is left out: nothing can be said about it, not even its name.
    """
    found: dict[str, Distribution] = {}
    for dist in metadata.distributions() if path is None else metadata.distributions(path=path):
        try:
            name, version = dist.metadata["Name"], dist.metadata["Version"]
        except Exception:  # noqa: S112 - what is raised for a broken one differs between Python versions
            continue
        key = re.sub(r"[-_.]+", "-", name or "").lower()
        if key and key not in found:
            modules = tuple(sorted(_modules(dist, target), key=lambda module: module.path))
            found[key] = Distribution(name, version or "unknown", _tag(dist), modules)
    return [found[key] for key in sorted(found)]


def _modules(dist: metadata.Distribution, target: Target) -> Iterator[Verdict]:
    for listed in dict.fromkeys(_files(dist)):
        if _NATIVE.search(listed):
            yield judge(listed, Path(str(dist.locate_file(listed))), target)


def _files(dist: metadata.Distribution) -> Iterable[str]:
    """Return what the distribution says it consists of.

    RECORD is read here, because importlib.metadata leaves out files that are listed but missing.
    """
    record = _text(dist, "RECORD")
    try:
        if record is None:
            return [file.as_posix() for file in dist.files or ()]
        return [row[0] for row in csv.reader(record.splitlines()) if row]
    except (OSError, ValueError, csv.Error):
        return []


def _text(dist: metadata.Distribution, name: str) -> str | None:
    try:
        return dist.read_text(name)
    except (OSError, UnicodeDecodeError):
        return None


def _tag(dist: metadata.Distribution) -> str | None:
    """Return the wheel's tags as one, the way a wheel's file name has them (PEP 425, compressed tag set)."""
    lines = (_text(dist, "WHEEL") or "").splitlines()
    tags = [line.partition(":")[2].strip().split("-") for line in lines if line.lower().startswith("tag:")]
    parts = list(zip(*(tag for tag in tags if len(tag) == 3), strict=True))
    return "-".join(".".join(dict.fromkeys(part)) for part in parts) or None
