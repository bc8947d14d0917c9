"""What a person can set: command-line options over the environment over defaults."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noetl import __version__

LOG_LEVELS: Final = ("debug", "info", "warning", "error")

_TRUE: Final = ("", "1", "true", "yes", "on")
_FALSE: Final = ("0", "false", "no", "off")


class SettingsError(ValueError):
    """A setting that cannot be meant; the text names it, its value and what would be right."""


@dataclass(frozen=True, slots=True)
class Cli:
    """The Rust command that started this server, as it introduced itself."""

    version: str
    platform: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server is told from outside. Port 0 means any free port."""

    host: str = "127.0.0.1"
    port: int = 8082
    enable_ui: bool = True
    log_level: str = "info"
    revision: str | None = None
    cli: Cli | None = None


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Read the settings, or raise SettingsError. `--help`, `--version` and unknown options exit, as argparse does."""
    usual, options = Settings(), _parser().parse_args(arguments)
    level = (options.log_level or environ.get("NOETL_LOG_LEVEL") or usual.log_level).lower()
    level = {"warn": "warning"}.get(level, level)
    if level not in LOG_LEVELS:
        raise SettingsError(f"log level {level!r} is unknown; give one of {', '.join(LOG_LEVELS)}")
    cli = environ.get("NOETL_CLI_VERSION")
    return Settings(
        host=options.host or environ.get("NOETL_HOST") or usual.host,
        port=_port(options.port or environ.get("NOETL_PORT") or str(usual.port)),
        enable_ui=_switch("NOETL_ENABLE_UI", environ.get("NOETL_ENABLE_UI", "")),
        log_level=level,
        revision=environ.get("NOETL_REVISION") or None,
        cli=Cli(cli, environ.get("NOETL_CLI_PLATFORM") or None) if cli else None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m noetl.server", description="Run the NoETL server.")
    parser.add_argument("--host", help="address to listen on (NOETL_HOST, else 127.0.0.1)")
    parser.add_argument("--port", help="port to listen on, 0 for any free one (NOETL_PORT, else 8082)")
    parser.add_argument("--log-level", help=f"{', '.join(LOG_LEVELS)} (NOETL_LOG_LEVEL, else info)")
    parser.add_argument("--version", action="version", version=f"noetl {__version__}")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535):
        raise SettingsError(f"port {text!r} is no port number; give one from 0 to 65535")
    return int(text)


def _switch(name: str, text: str) -> bool:
    value = text.strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise SettingsError(f"{name} is {text!r}; give true or false")
