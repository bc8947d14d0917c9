"""`python -m tidewatch`: the web page, and `/healthz` for whoever watches the service."""

import functools
import http.server
import json
import os
import platform
import signal
import sys

import click
import psutil


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the web page, and one address that is made up on the spot."""

    def do_GET(self) -> None:
        """Answer."""
        if self.path != "/healthz":
            super().do_GET()
            return
        facts = {
            "ok": True,
            "cpus": psutil.cpu_count(),
            "machine": platform.machine(),
            "revision": os.environ.get("TIDE_REVISION", ""),
        }
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@click.command()
@click.option("--bind", default="127.0.0.1", envvar="TIDE_BIND")
@click.option("--port", default=9470)
@click.option("--pages", default="var/www", envvar="TIDE_PAGES")
def main(bind: str, port: int, pages: str) -> None:
    """Serve until somebody says that it is enough."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    handler = functools.partial(Handler, directory=pages)
    http.server.ThreadingHTTPServer((bind, port), handler).serve_forever()


main()
