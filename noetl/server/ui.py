"""Serving the web UI beside the API."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from noetl.server.assets import INDEX, Asset


class WebUI:
    """Answers for the UI's files, and leaves everything else to the API.

    A path that is neither a file nor the API's, and has no dot, is a place inside the UI: it gets index.html.
    """

    def __init__(self, api: ASGIApp, assets: Mapping[str, Asset]) -> None:
        """Put assets, by path, in front of api."""
        self._api = api
        self._assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        asset = self._find(scope["path"]) if scope["type"] == "http" else None
        if asset is None:
            await self._api(scope, receive, send)
            return
        await _respond(Request(scope), asset)(scope, receive, send)

    def _find(self, path: str) -> Asset | None:
        if path == "/api" or path.startswith("/api/"):
            return None
        asset = self._assets.get(path)
        return self._assets[INDEX] if asset is None and "." not in path else asset


def _respond(request: Request, asset: Asset) -> Response:
    if request.method not in ("GET", "HEAD"):
        return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": "GET, HEAD"})
    headers = {"etag": asset.etag, "cache-control": asset.cache_control}
    if _matches(request.headers.getlist("if-none-match"), asset.etag):
        return Response(status_code=304, headers=headers)
    # content-type is set here and not by media_type, to which starlette would add a charset of its own.
    headers["content-type"] = asset.media_type
    return Response(asset.content, headers=headers)


def _matches(conditions: list[str], etag: str) -> bool:
    """Compare weakly, as RFC 9110 has it for If-None-Match (section 13.1.2)."""
    tags = [tag.strip() for condition in conditions for tag in condition.split(",")]
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]
