"""The platform of the running interpreter, in OCI's spelling: linux/arm64, darwin/amd64, linux/arm/v7.

The interpreter decides, not the kernel: a 32-bit Python on a 64-bit kernel is a 32-bit platform, and so is an amd64
Python that an arm64 Mac translates still amd64.
"""

import os
import platform
import struct
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noetl.runtime import elf, native
from noetl.runtime.header import ByteOrder, Format, HeaderError, Machine

_SYSTEMS: Final = {"win32": "windows", "cygwin": "windows"}
_NAMES: Final = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i386": "386",
    "i486": "386",
    "i586": "386",
    "i686": "386",
    "x86": "386",
    "loongarch64": "loong64",
}
# What a 64-bit kernel is called, to the 32-bit platform it also runs.
_NARROW: Final = {"amd64": "386", "arm64": "arm"}


@dataclass(frozen=True, slots=True)
class Platform:
    """Where this interpreter runs. libc is None where there is no choice of one."""

    os: str
    machine: Machine
    variant: str | None
    kernel_machine: str
    libc: str | None

    @property
    def format(self) -> Format:
        """The format of the native code that this system loads."""
        return {"windows": "pe", "darwin": "macho"}.get(self.os, "elf")  # type: ignore[return-value]

    def __str__(self) -> str:
        """Spell it as OCI does: os/arch, and the variant where there is one."""
        return "/".join(filter(None, (self.os, self.machine.arch, self.variant)))


def current() -> Platform:
    """Return the platform of this very process."""
    system = _SYSTEMS.get(sys.platform, sys.platform.rstrip("0123456789"))
    kernel = platform.machine()
    head = _interpreter_head() if system not in ("windows", "darwin") else b""
    machine = machine_of(head, reported_machine(system, kernel), struct.calcsize("P") * 8, sys.byteorder)
    variant = arm_variant(kernel) if machine.arch == "arm" else None
    return Platform(system, machine, variant, kernel, libc(head) if system == "linux" else None)


def machine_of(head: bytes, reported: str, bits: int, order: ByteOrder) -> Machine:
    """Return the machine that the program beginning with head is for, or what the reported name and bits say."""
    try:
        return native.parse(head, 1 << 62).machines[0]
    except HeaderError:
        arch = _NAMES.get(reported.lower(), "arm" if reported.lower().startswith("armv") else reported.lower())
        return Machine(_NARROW.get(arch, arch) if bits == 32 else arch, bits, order)


def reported_machine(system: str, kernel: str) -> str:
    """Return the name of this process's machine where the system itself tells it reliably.

    On Windows uname names the computer, but the interpreter's build (win-amd64, win-arm64, win32) names itself.
    """
    if system == "windows":
        return {"win32": "x86"}.get(sysconfig.get_platform(), sysconfig.get_platform().removeprefix("win-"))
    return kernel


def arm_variant(kernel: str) -> str:
    """Return the OCI variant of 32-bit ARM: what the kernel says, v7 under a 64-bit kernel."""
    name = kernel.lower()
    return f"v{name[4]}" if name.startswith("armv") and name[4:5] in ("5", "6", "7") else "v7"


def libc(head: bytes) -> str | None:
    """Return the C library of this process and, where it tells, its version: `glibc 2.41`, `musl`."""
    try:
        # Looked up by name: Windows has no confstr.
        version: str | None = getattr(os, "confstr", lambda _: None)("CS_GNU_LIBC_VERSION")
    except (ValueError, OSError):
        version = None
    if version:
        return version
    soabi = sysconfig.get_config_var("SOABI") or ""
    return "musl" if "musl" in (elf.interpreter(head) or "") or "musl" in soabi else None


def _interpreter_head() -> bytes:
    try:
        with Path(sys.executable).open("rb") as file:
            return file.read(native.HEAD_BYTES)
    except OSError:
        return b""
