"""The application: the API, and the web UI in front of it where there is one."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from noetl import __version__
from noetl.runtime.survey import Survey
from noetl.server.assets import Asset
from noetl.server.headers import SecurityHeaders
from noetl.server.identity import Identity
from noetl.server.models import CliInfo, DistributionInfo, Health, Problem, Runtime, Version
from noetl.server.settings import Settings
from noetl.server.ui import WebUI

_log = logging.getLogger("noetl.server")


def create_app(settings: Settings, survey: Survey, assets: Mapping[str, Asset] | None = None) -> ASGIApp:
    """Return the whole application. Without assets it is the API alone."""
    api = create_api(settings, survey, ui=assets is not None)
    return SecurityHeaders(api if assets is None else WebUI(api, assets))


def create_api(settings: Settings, survey: Survey, *, ui: bool) -> FastAPI:
    """Return the API. Its description is at /openapi.json; FastAPI's own pages would load scripts from elsewhere."""
    identity = Identity(revision=settings.revision, ui=ui)
    cli = None if settings.cli is None else CliInfo.model_validate(settings.cli)
    problems: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "What went wrong"}}
    app = FastAPI(
        title="NoETL",
        summary="What exactly is running here, and is it right for this machine?",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems,
        exception_handlers={Exception: _internal_error},
    )

    async def health() -> Health:
        return Health()

    async def version() -> Version:
        return Version(version=__version__, revision=settings.revision)

    # Not async: FastAPI runs it in a thread, so that reading files never holds up a health check.
    def runtime() -> Runtime:
        found = [DistributionInfo.model_validate(each) for each in survey.distributions()]
        return Runtime(
            platform=identity.platform,
            python=identity.python,
            server=identity.server,
            process=identity.process(),
            cli=cli,
            distributions=found,
            fits=all(each.fits for each in found),
        )

    for path, endpoint, summary in (
        ("/api/health", health, "Does the server answer?"),
        ("/api/version", version, "Which NoETL is this?"),
        ("/api/runtime", runtime, "What is running here, and does it fit?"),
    ):
        app.add_api_route(path, endpoint, methods=["GET"], summary=summary, tags=["noetl"])
        app.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
    return app


async def _internal_error(request: Request, error: Exception) -> JSONResponse:
    """Answer in the API's own form; the traceback goes to the log, not to the client."""
    _log.error("%s %s failed: %s", request.method, request.url.path, error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return JSONResponse({"detail": status.phrase}, status)
