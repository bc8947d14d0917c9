"""Part a folder of installed Python packages: part.py FROM PURE NATIVE.

PURE gets the packages whose wheels are for every machine and that hold no machine code, NATIVE all others. Left out are
programs, bytecode and notes about where a package came from, as `mage images` does; each RECORD says what is there.
"""

import base64
import csv
import hashlib
import sys
from pathlib import Path

NOTES = {"REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
MACHINE_CODE = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ", b"!<arch>\n")


def kept(name: str, info: str) -> bool:
    """Tell whether a file belongs into an image."""
    parts = name.split("/")
    if name.startswith(("/", "../")) or "__pycache__" in parts or (len(parts) > 1 and parts[0] in {"bin", "Scripts"}):
        return False
    return not (parts[0] == info and len(parts) == 2 and parts[1] in NOTES)


def part(info: Path, pure: Path, native: Path) -> None:
    """Copy one distribution to where it belongs, with a RECORD of just that."""
    top = info.parent
    record = f"{info.name}/RECORD"
    with (top / record).open(newline="") as rows:
        names = sorted({row[0] for row in csv.reader(rows) if row and kept(row[0], info.name) and (top / row[0]).is_file()})
    tags = [line.split(":")[1].strip() for line in (info / "WHEEL").read_text().splitlines() if line.startswith("Tag:")]
    contents = {name: (top / name).read_bytes() for name in names if name != record}
    code = {name for name, content in contents.items() if content.startswith(MACHINE_CODE)}
    to = native if code or not all(tag.endswith("-none-any") for tag in tags) else pure
    lines = [[record, "", ""]]
    for name, content in contents.items():
        write(to / name, content, executable=name in code or content.startswith(b"#!"))
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        lines.append([name, f"sha256={digest}", str(len(content))])
    (to / info.name).mkdir(parents=True, exist_ok=True)
    with (to / record).open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(sorted(lines))
    (to / record).chmod(0o644)


def write(path: Path, content: bytes, *, executable: bool) -> None:
    """Write a file whose mode follows from its content, not from this container."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755 if executable else 0o644)


def main() -> None:
    """Part all distributions of a folder."""
    site, pure, native = (Path(argument) for argument in sys.argv[1:4])
    for folder in (pure, native):
        folder.mkdir(parents=True, exist_ok=True)
    for info in sorted(site.glob("*.dist-info")):
        part(info, pure, native)


main()
