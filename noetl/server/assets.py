"""The built web UI, read whole into memory: a request can name what is there, and nothing else on the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INDEX: Final = "/index.html"

# Vite puts what it names by content into assets/; everything else keeps its name when it changes.
_HASHED: Final = "/assets/"
_FOR_EVER: Final = "public, max-age=31536000, immutable"

# Not from the host's registry (mimetypes): on Windows any installed program may have changed what .js means.
_TYPES: Final = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the UI and how it is served."""

    content: bytes
    media_type: str
    cache_control: str
    etag: str


class AssetsError(Exception):
    """There is no UI to serve; the text says why."""


def load(folder: Path) -> Mapping[str, Asset]:
    """Read the UI in folder, by the path it is asked for (`/index.html`), or raise AssetsError.

    Hidden files are left out, and so is a link that leads out of folder.
    """
    root = folder.resolve()
    assets: dict[str, Asset] = {}
    try:
        for file in sorted(root.rglob("*")):
            name = "/" + file.relative_to(root).as_posix()
            if "/." not in name and file.is_file() and file.resolve().is_relative_to(root):
                assets[name] = _asset(name, file.read_bytes())
    except OSError as error:
        raise AssetsError(f"it cannot be read: {error}") from error
    if INDEX not in assets:
        raise AssetsError(f"it is not built: there is no {folder / 'index.html'}")
    return assets


def _asset(name: str, content: bytes) -> Asset:
    # From the content alone: in an image every file has the same time, and often the same size as in the last one.
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    media_type = _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    return Asset(content, media_type, _FOR_EVER if name.startswith(_HASHED) else "no-cache", etag)
