"""One log, one format, on standard error: time in UTC, level, who, what."""

import logging
import time


def configure(level: str) -> None:
    """Set up logging for the whole process at level."""
    handler = logging.StreamHandler()
    formatter = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    if level == "debug":
        return
    # uvicorn tells its life in eight lines; ours are enough until someone asks for more.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("uvicorn.access").addFilter(_not_health)


def _not_health(record: logging.LogRecord) -> bool:
    """Keep the probes of a cluster, some thousand a day, out of the log, unless one fails."""
    match record.args:
        case (_, _, "/api/health", _, 200):
            return False
    return True
