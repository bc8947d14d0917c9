"""Smallest files that a loader would take, made by hand, so that every field under test is in sight."""

import struct


def elf(machine: int = 62, bits: int = 64, order: str = "little", kind: int = 3, interpreter: str = "") -> bytes:
    mark = "<" if order == "little" else ">"
    wide = bits == 64
    header, each = (64, 56) if wide else (52, 32)
    count = 2 if interpreter else 1
    start = header + count * each
    text = interpreter.encode() + b"\0" if interpreter else b""
    size = start + len(text) + 16
    ident = b"\x7fELF" + bytes([bits // 32, 1 if order == "little" else 2, 1]) + bytes(9)
    fields = (kind, machine, 1, 0, header, 0, 0, header, each, count, 0, 0, 0)
    out = ident + struct.pack(mark + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), *fields)
    segments = [(1, 0, size)] + ([(3, start, len(text))] if interpreter else [])
    for what, offset, length in segments:
        if wide:
            out += struct.pack(mark + "IIQQQQQQ", what, 5, offset, 0, 0, length, length, 1)
        else:
            out += struct.pack(mark + "IIIIIIII", what, offset, 0, 0, length, length, 5, 1)
    return out + text + bytes(16)


def macho(cpu: int = 0x0100000C, bits: int = 64, payload: int = 16) -> bytes:
    wide = bits == 64
    step = 72 if wide else 56
    size = (32 if wide else 28) + step + payload
    out = struct.pack("<7I", 0xFEEDFACF if wide else 0xFEEDFACE, cpu, 0, 8, 1, step, 0) + (bytes(4) if wide else b"")
    name = b"__TEXT".ljust(16, b"\0")
    if wide:
        out += struct.pack("<II16sQQQQIIII", 25, step, name, 0, size, 0, size, 5, 5, 0, 0)
    else:
        out += struct.pack("<II16sIIIIIIII", 1, step, name, 0, size, 0, size, 5, 5, 0, 0)
    return out + bytes(payload)


def fat(*slices: tuple[int, bytes]) -> bytes:
    offset, table, body = 4096, struct.pack(">II", 0xCAFEBABE, len(slices)), b""
    for cpu, content in slices:
        table += struct.pack(">IIIII", cpu, 0, offset + len(body), len(content), 12)
        body += content
    return table.ljust(offset, b"\0") + body


def pe(machine: int = 0x8664, bits: int = 64) -> bytes:
    optional = 240 if bits == 64 else 224
    out = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    out += b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, optional, 0x2022)
    out += struct.pack("<H", 0x20B if bits == 64 else 0x10B).ljust(optional, b"\0")
    end = len(out) + 40
    out += b".text\0\0\0" + struct.pack("<IIIIIIHHI", 16, 0, 16, end, 0, 0, 0, 0, 0)
    return out + bytes(16)
