"""Reading ELF headers (System V gABI, chapter 4 and 5). Pure functions over bytes."""

import struct
from collections.abc import Iterator
from typing import Final

from noetl.runtime.header import ByteOrder, Header, HeaderError, Machine

MAGIC: Final = b"\x7fELF"

_PT_LOAD: Final = 1
_PT_INTERP: Final = 3
_ET_EXEC: Final = 2
_ET_DYN: Final = 3

# e_machine, to OCI's name. PowerPC and MIPS say their byte order in the name.
_MACHINES: Final = {
    3: "386",
    8: "mips",
    21: "ppc64",
    22: "s390x",
    40: "arm",
    62: "amd64",
    183: "arm64",
    243: "riscv64",
    258: "loong64",
}
_LITTLE: Final = {"mips": "mipsle", "ppc64": "ppc64le"}


def parse(head: bytes, size: int) -> Header:
    """Read the header of an ELF file of size bytes that begins with head, or raise HeaderError.

    Segments are compared with the size, so that a copy that broke off is found too.
    """
    machine, kind = _machine(head)
    if kind not in (_ET_EXEC, _ET_DYN):
        raise HeaderError(f"is an ELF file of type {kind}, which is neither a program nor a shared library")
    loads = 0
    for segment_type, offset, length in _segments(head, size, machine):
        if segment_type == _PT_LOAD:
            loads += 1
            if offset + length > size:
                raise HeaderError(f"is cut short: {size} bytes, but a segment ends at byte {offset + length}")
    if loads == 0 and size <= len(head):
        raise HeaderError("is an ELF file without anything to load")
    return Header("elf", (machine,))


def interpreter(head: bytes) -> str | None:
    """Return the path of the program loader that an ELF program asks for, such as /lib/ld-musl-x86_64.so.1."""
    try:
        machine, _ = _machine(head)
        for segment_type, offset, length in _segments(head, len(head), machine):
            if segment_type == _PT_INTERP:
                return head[offset : offset + length].rstrip(b"\0").decode("utf-8", "replace") or None
    except HeaderError:
        pass
    return None


def _machine(head: bytes) -> tuple[Machine, int]:
    if len(head) < 20:
        raise HeaderError(f"is cut short: an ELF file of {len(head)} bytes")
    if head[4] not in (1, 2) or head[5] not in (1, 2) or head[6] != 1:
        raise HeaderError("is an ELF file with a damaged identification")
    bits = 32 * head[4]
    order: ByteOrder = "little" if head[5] == 1 else "big"
    kind, number = struct.unpack_from(_mark(order) + "HH", head, 16)
    arch = _MACHINES.get(number, f"elf-machine-{number}")
    if order == "little":
        arch = _LITTLE.get(arch, arch)
    return Machine(arch, bits, order), kind


def _segments(head: bytes, size: int, machine: Machine) -> Iterator[tuple[int, int, int]]:
    """Yield type, offset and length in the file of each program header that head still holds."""
    mark, wide = _mark(machine.order), machine.bits == 64
    if len(head) < (64 if wide else 52):
        raise HeaderError(f"is cut short: an ELF file of {len(head)} bytes")
    (table,) = struct.unpack_from(mark + ("Q" if wide else "I"), head, 32 if wide else 28)
    each, count = struct.unpack_from(mark + "HH", head, 54 if wide else 42)
    if count and each != (56 if wide else 32):
        raise HeaderError(f"is an ELF file with program headers of {each} bytes each, which no loader accepts")
    if table + each * count > size:
        raise HeaderError(f"is cut short: {size} bytes, but its headers end at byte {table + each * count}")
    for index in range(count):
        at = table + index * each
        if at + each > len(head):
            return
        if wide:
            kind, _, offset, _, _, length = struct.unpack_from(mark + "IIQQQQ", head, at)
        else:
            kind, offset, _, _, length = struct.unpack_from(mark + "IIIII", head, at)
        yield kind, offset, length


def _mark(order: ByteOrder) -> str:
    return "<" if order == "little" else ">"
