"""What the header of a file with machine code says about the machine it is for."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["elf", "macho", "pe"]
ByteOrder = Literal["little", "big"]


class HeaderError(ValueError):
    """The bytes hold no machine code that a loader would accept; the text says why in plain words."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of processor as a loader sees it: arch in OCI's spelling, pointer width in bits, byte order."""

    arch: str
    bits: int
    order: ByteOrder

    def __str__(self) -> str:
        """Name the architecture, and the rest only where the name does not say it."""
        usual = _USUAL.get(self.arch)
        extra = []
        if usual is None or usual[0] != self.bits:
            extra.append(f"{self.bits}-bit")
        if usual is None or usual[1] != self.order:
            extra.append(f"{self.order}-endian")
        return f"{self.arch} ({', '.join(extra)})" if extra else self.arch


@dataclass(frozen=True, slots=True)
class Header:
    """A file's format and the machines it holds code for: one, or several in a fat Mach-O."""

    format: Format
    machines: tuple[Machine, ...]

    @property
    def arch(self) -> str:
        """The architectures, joined by a plus sign in a fat file: `amd64+arm64`."""
        return "+".join(machine.arch for machine in self.machines)


_USUAL: dict[str, tuple[int, ByteOrder]] = {
    "386": (32, "little"),
    "amd64": (64, "little"),
    "arm": (32, "little"),
    "arm64": (64, "little"),
    "loong64": (64, "little"),
    "ppc64": (64, "big"),
    "ppc64le": (64, "little"),
    "riscv64": (64, "little"),
    "s390x": (64, "big"),
}
