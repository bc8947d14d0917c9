"""Reading the headers of Windows programs and libraries (Microsoft's PE format). Pure functions over bytes."""

import struct
from typing import Final

from noetl.runtime.header import Header, HeaderError, Machine

MAGIC: Final = b"MZ"

_COFF: Final = 24
_MACHINES: Final = {
    0x014C: "386",
    0x01C0: "arm",
    0x01C4: "arm",
    0x8664: "amd64",
    0xAA64: "arm64",
}


def parse(head: bytes, size: int) -> Header:
    """Read the header of a PE file of size bytes that begins with head, or raise HeaderError."""
    if len(head) < 64:
        raise HeaderError(f"is cut short: a PE file of {len(head)} bytes")
    (at,) = struct.unpack_from("<I", head, 60)
    if at + _COFF + 2 > size:
        raise HeaderError(f"is cut short: {size} bytes, but its header is at byte {at}")
    if at + _COFF + 2 > len(head):
        raise HeaderError(f"is a PE file with its header at byte {at}, further in than any linker puts it")
    if head[at : at + 4] != b"PE\0\0":
        raise HeaderError("is a DOS program, not a PE file")
    number, sections, _, _, _, optional, _, magic = struct.unpack_from("<HHIIIHHH", head, at + 4)
    if magic not in (0x10B, 0x20B):
        raise HeaderError("is a PE file without the header that a loader needs")
    for index in range(sections):
        section = at + _COFF + optional + index * 40
        if section + 40 > size:
            raise HeaderError(f"is cut short: {size} bytes, but its headers end at byte {section + 40}")
        if section + 40 > len(head):
            break
        length, offset = struct.unpack_from("<II", head, section + 16)
        if length and offset + length > size:
            raise HeaderError(f"is cut short: {size} bytes, but a section ends at byte {offset + length}")
    bits = 64 if magic == 0x20B else 32
    return Header("pe", (Machine(_MACHINES.get(number, f"pe-machine-{number:#x}"), bits, "little"),))
