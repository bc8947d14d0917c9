"""The shapes of the API's answers; the OpenAPI description is made of them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """What all answers have in common: they may be filled from objects of the inspection."""

    model_config = ConfigDict(from_attributes=True)


class Health(Model):
    """The server answers requests."""

    status: Literal["ok"] = "ok"


class Version(Model):
    """Which NoETL this is."""

    name: Literal["noetl"] = "noetl"
    version: str
    revision: str | None = Field(description="The commit it was built from, where the build said so.")


class PlatformInfo(Model):
    """Where the server runs, in OCI's spelling."""

    os: str
    arch: str
    platform: str = Field(description="os/arch, with the variant where there is one: linux/arm/v7.")
    machine: str = Field(description="What the kernel calls the machine.")
    libc: str | None


class PythonInfo(Model):
    """The interpreter that runs the server."""

    version: str
    implementation: str
    executable: str
    abi: str


class ServerInfo(Version):
    """This server process."""

    pid: int
    started: datetime
    ui: bool = Field(description="Whether the web UI is served at /.")


class ProcessInfo(Model):
    """What the server uses. A value is null where this system does not tell it."""

    memory_bytes: int | None = Field(description="Resident memory.")
    threads: int | None
    uptime_seconds: float


class CliInfo(Model):
    """The command that started the server."""

    version: str
    platform: str | None


class ModuleInfo(Model):
    """One native module, judged by its own header."""

    path: str
    format: Literal["elf", "macho", "pe"] | None
    arch: str | None
    fits: bool
    reason: str | None = Field(description="Why it does not fit.")


class DistributionInfo(Model):
    """One installed distribution."""

    name: str
    version: str
    tag: str | None = Field(description="Its wheel tag; null if it was not installed from a wheel.")
    native: bool
    fits: bool
    modules: list[ModuleInfo]


class Runtime(Model):
    """What exactly is running here, and whether it is right for this machine."""

    platform: PlatformInfo
    python: PythonInfo
    server: ServerInfo
    process: ProcessInfo
    cli: CliInfo | None
    distributions: list[DistributionInfo]
    fits: bool = Field(description="Every module of every distribution fits this process.")


class Problem(Model):
    """Why a request failed."""

    detail: str
