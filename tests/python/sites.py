"""Folders of installed distributions, as an installer would have left them."""

from pathlib import Path


def install(
    site: Path,
    name: str,
    files: dict[str, bytes],
    *,
    tags: tuple[str, ...] = ("py3-none-any",),
    record: str | None = None,
) -> Path:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\n" + "".join(f"Tag: {tag}\n" for tag in tags))
    for path, content in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    listed = "".join(f'"{path}",,\n' for path in files) if record is None else record
    (info / "RECORD").write_text(listed)
    return info
