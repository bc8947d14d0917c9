"""Serving the UI: caching, types, conditions, safety."""

import mimetypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import UI
from starlette.testclient import TestClient

from noetl.runtime.survey import Survey
from noetl.server.app import create_app
from noetl.server.assets import AssetsError, load
from noetl.server.settings import Settings

SCRIPT = "/assets/index-Ab3dE6gH.js"


def serve(folder: Path) -> TestClient:
    return TestClient(create_app(Settings(), Survey([]), load(folder)))


@pytest.fixture
def client(ui: Path) -> Iterator[TestClient]:
    with serve(ui) as client:
        yield client


def test_index(client: TestClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (200, UI["index.html"])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize(
    ("path", "media_type", "cache"),
    [
        (SCRIPT, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/index-Zz3dE6gH.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
    ],
)
def test_types_and_caching(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, media_type: str, cache: str
) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: ("text/plain", None))
    answer = client.get(path)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (media_type, cache)


def test_a_place_inside_the_ui_is_the_ui(client: TestClient) -> None:
    for path in ("/distributions", "/distributions/uvloop", "/apis"):
        assert client.get(path).text == UI["index.html"]
        assert client.get(path).headers["cache-control"] == "no-cache"


def test_what_is_not_there_is_json_404(client: TestClient) -> None:
    for path in ("/assets/gone.js", "/favicon.ico", "/.vite/manifest.json", "/api/nope", "/api", "/docs.html"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_the_api_is_still_there_and_says_that_the_ui_is(client: TestClient) -> None:
    assert client.get("/api/runtime").json()["server"]["ui"] is True
    assert client.get("/openapi.json").json()["info"]["title"] == "NoETL"


def test_head(client: TestClient) -> None:
    for path in ("/", SCRIPT):
        get, head = client.get(path), client.head(path)
        assert head.content == b""
        assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("path", ["/", SCRIPT, "/somewhere"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_not_modified(client: TestClient, method: str, path: str) -> None:
    full = client.get(path)
    etag = full.headers["etag"]
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.request(method, path, headers={"if-none-match": condition})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == full.headers["cache-control"]
    assert client.request(method, path, headers={"if-none-match": '"other"'}).status_code == 200


def test_the_etag_follows_the_content_not_the_time(ui: Path) -> None:
    first = serve(ui).get("/").headers["etag"]
    # As in images: another build, the same length, the same fixed time.
    before = (ui / "index.html").stat()
    (ui / "index.html").write_text(UI["index.html"].replace("Ab3d", "Ab3e"))
    os.utime(ui / "index.html", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert serve(ui).get("/").headers["etag"] != first


def test_only_reading(client: TestClient) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = client.request(method, "/")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.json() == {"detail": "Method Not Allowed"}


def test_content_security_policy_allows_this_server_alone(client: TestClient) -> None:
    for path in ("/", SCRIPT, "/api/health", "/api/nope", "/nope.js"):
        headers = client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert set(" ".join(policy.values()).split()) == {"'self'", "'none'"}
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_out_of_the_folder_is_not_served(ui: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (ui / "assets" / "leak.txt").symlink_to(tmp_path / "secret.txt")
    (ui / "assets" / "near.js").symlink_to(ui / SCRIPT[1:])
    client = serve(ui)
    assert client.get("/assets/leak.txt").status_code == 404
    assert client.get("/assets/near.js").status_code == 200


def test_no_index_is_no_ui(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(AssetsError, match="not built"):
            load(folder)
