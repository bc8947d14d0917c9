"""Does this file hold machine code, and for which machines? ELF, Mach-O and PE alike."""

import stat
from pathlib import Path
from typing import Final

from noetl.runtime import elf, macho, pe
from noetl.runtime.header import Header, HeaderError

# All three formats keep what is read here within the first few kilobytes.
HEAD_BYTES: Final = 64 * 1024


def parse(head: bytes, size: int | None = None) -> Header:
    """Read the header of a file of size bytes (len(head) if not given) that begins with head.

    Any bytes at all are fine: what no loader would accept raises HeaderError, and nothing else is ever raised.
    """
    total = len(head) if size is None else size
    if head.startswith(elf.MAGIC):
        return elf.parse(head, total)
    if head[:4] in macho.MAGICS:
        return macho.parse(head, total)
    if head.startswith(pe.MAGIC):
        return pe.parse(head, total)
    if not head:
        raise HeaderError("is empty")
    raise HeaderError("holds no machine code: neither ELF, Mach-O nor PE")


def read(path: Path) -> Header:
    """Read the header of the file at path; a file that is missing or unreadable is a HeaderError too."""
    try:
        # Asked before opening: opening a named pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise HeaderError("is no regular file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return parse(head, file.seek(0, 2))
    except FileNotFoundError:
        raise HeaderError("is missing, though its distribution lists it") from None
    except (OSError, ValueError) as error:
        if isinstance(error, HeaderError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise HeaderError(f"cannot be read: {reason}") from error
