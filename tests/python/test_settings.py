"""Options over environment over defaults, and one clear line for what cannot be meant."""

import pytest

from noetl.server.settings import Cli, Settings, SettingsError, read


def test_defaults() -> None:
    assert read([], {}) == Settings("127.0.0.1", 8082, True, "info", None, None)
    assert read([], dict.fromkeys(("NOETL_HOST", "NOETL_PORT", "NOETL_ENABLE_UI", "NOETL_REVISION"), "")) == Settings()


def test_environment_then_options() -> None:
    environ = {
        "NOETL_HOST": "0.0.0.0",  # noqa: S104 - only read
        "NOETL_PORT": "9000",
        "NOETL_ENABLE_UI": "No",
        "NOETL_LOG_LEVEL": "WARN",
        "NOETL_REVISION": "abc",
        "NOETL_CLI_VERSION": "0.1.0",
        "NOETL_CLI_PLATFORM": "linux/arm64",
    }
    expected = Settings("0.0.0.0", 9000, False, "warning", "abc", Cli("0.1.0", "linux/arm64"))  # noqa: S104
    assert read([], environ) == expected
    options = read(["--host", "::1", "--port", "0", "--log-level", "debug"], environ)
    assert (options.host, options.port, options.log_level) == ("::1", 0, "debug")


@pytest.mark.parametrize(("text", "on"), [("false", False), ("0", False), ("no", False), ("OFF", False), ("1", True)])
def test_the_switch(text: str, on: bool) -> None:
    assert read([], {"NOETL_ENABLE_UI": text}).enable_ui is on


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"NOETL_PORT": "http"}, "port 'http' is no port number; give one from 0 to 65535"),
        ({"NOETL_PORT": "65536"}, "65536"),
        ({"NOETL_PORT": "-1"}, "'-1'"),
        ({"NOETL_PORT": "9" * 5000}, "no port number"),
        ({"NOETL_PORT": "٣"}, "no port number"),
        ({"NOETL_ENABLE_UI": "maybe"}, "NOETL_ENABLE_UI is 'maybe'; give true or false"),
        ({"NOETL_LOG_LEVEL": "loud"}, "log level 'loud' is unknown; give one of debug, info, warning, error"),
    ],
)
def test_what_cannot_be_meant(environ: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read([], environ)
