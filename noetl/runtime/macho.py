"""Reading Mach-O headers, thin and fat (Apple's mach-o/loader.h and mach-o/fat.h). Pure functions over bytes."""

import struct
from typing import Final

from noetl.runtime.header import ByteOrder, Header, HeaderError, Machine

# The four bytes a thin file begins with, to pointer width and byte order.
_THIN: Final[dict[bytes, tuple[int, ByteOrder]]] = {
    b"\xfe\xed\xfa\xce": (32, "big"),
    b"\xfe\xed\xfa\xcf": (64, "big"),
    b"\xce\xfa\xed\xfe": (32, "little"),
    b"\xcf\xfa\xed\xfe": (64, "little"),
}
# A fat header is always big-endian; 0xbf marks 64-bit offsets.
_FAT: Final = {b"\xca\xfe\xba\xbe": ">IIIII", b"\xca\xfe\xba\xbf": ">IIQQII"}

MAGICS: Final = frozenset(_THIN) | frozenset(_FAT)

_ABI64: Final = 0x0100_0000
_CPUS: Final = {
    7: "386",
    7 | _ABI64: "amd64",
    12: "arm",
    12 | _ABI64: "arm64",
    18: "ppc",
    18 | _ABI64: "ppc64",
}
_SEGMENTS: Final = {1: ("II", 32), 25: ("QQ", 40)}

# A Java class file begins with the same four bytes as a fat Mach-O, and goes on with a version of 45 or more
# where a fat file has its number of slices.
_MOST_SLICES: Final = 30


def parse(head: bytes, size: int) -> Header:
    """Read the header of a Mach-O file of size bytes that begins with head, or raise HeaderError."""
    layout = _FAT.get(head[:4])
    if layout is None:
        return Header("macho", (_thin(head, size),))
    if len(head) < 8:
        raise HeaderError(f"is cut short: a fat Mach-O file of {len(head)} bytes")
    (count,) = struct.unpack_from(">I", head, 4)
    if not 0 < count <= _MOST_SLICES:
        raise HeaderError("is no Mach-O file (a Java class file begins with the same bytes)")
    each = struct.calcsize(layout)
    if len(head) < 8 + count * each:
        raise HeaderError(f"is cut short: {size} bytes hold no table of {count} slices")
    machines = []
    for index in range(count):
        cpu, _, offset, length, *_ = struct.unpack_from(layout, head, 8 + index * each)
        if offset + length > size:
            raise HeaderError(f"is cut short: {size} bytes, but a slice ends at byte {offset + length}")
        if length < 28:
            raise HeaderError(f"is cut short: a fat Mach-O file with a slice of {length} bytes")
        if offset + 32 <= len(head):
            machines.append(_thin(head[offset:], length))
        else:
            machines.append(_machine(cpu, 64 if cpu & _ABI64 else 32, "little"))
    return Header("macho", tuple(machines))


def _thin(head: bytes, size: int) -> Machine:
    if head[:4] not in _THIN:
        raise HeaderError("is a Mach-O file with a slice that is none")
    bits, order = _THIN[head[:4]]
    mark = "<" if order == "little" else ">"
    start = 32 if bits == 64 else 28
    if len(head) < start:
        raise HeaderError(f"is cut short: a Mach-O file of {len(head)} bytes")
    cpu, _, _, count, length = struct.unpack_from(mark + "5I", head, 4)
    if start + length > size:
        raise HeaderError(f"is cut short: {size} bytes, but its headers end at byte {start + length}")
    at, end = start, min(start + length, len(head))
    for _ in range(count):
        if at + 8 > end:
            break
        kind, step = struct.unpack_from(mark + "II", head, at)
        if step < 8:
            raise HeaderError("is a Mach-O file with a damaged load command")
        if kind in _SEGMENTS:
            fields, skip = _SEGMENTS[kind]
            if at + skip + struct.calcsize(mark + fields) > end:
                break
            offset, extent = struct.unpack_from(mark + fields, head, at + skip)
            if offset + extent > size:
                raise HeaderError(f"is cut short: {size} bytes, but a segment ends at byte {offset + extent}")
        at += step
    return _machine(cpu, bits, order)


def _machine(cpu: int, bits: int, order: ByteOrder) -> Machine:
    return Machine(_CPUS.get(cpu, f"macho-cpu-{cpu}"), bits, order)
