"""A stand-in for the NoETL server that can misbehave: FAKE says how. Only the standard library."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time

FAKE = os.environ.get("FAKE", "")


def stop(number, frame):
    print("fake: got", signal.Signals(number).name, flush=True)
    if FAKE != "stubborn":
        sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print("fake: starting", os.environ["NOETL_HOST"], os.environ["NOETL_PORT"], flush=True)

if FAKE == "die":
    for number in range(30):
        print("fake: line", number, file=sys.stderr)
    sys.exit(3)
if FAKE == "import":
    import no_such_package
if FAKE == "mute":
    time.sleep(600)
if FAKE == "robbed":
    # Another server takes the port between the CLI's look at it and our own.
    os.environ["FAKE"] = ""
    thief = subprocess.Popen([sys.executable, "-m", "noetl.server"], start_new_session=True)
    time.sleep(2)
    thief.terminate()
    sys.exit(4)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answer = {
            "/api/health": {"status": "ok"},
            "/api/runtime": {
                "platform": {"os": "linux", "arch": "arm64", "platform": "linux/arm64"},
                "python": {"version": "3.13.5", "implementation": "CPython", "executable": sys.executable},
                "server": {"name": "noetl", "version": "9.9.9", "pid": os.getpid(), "started": "2026-01-02T03:04:05Z"},
                "cli": {k: os.environ.get(f"NOETL_CLI_{k.upper()}") for k in ("version", "platform")},
                "distributions": [],
                "fits": FAKE != "misfit",
            },
        }.get(self.path)
        body = json.dumps(answer).encode()
        self.send_response(200 if answer else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer((os.environ["NOETL_HOST"], int(os.environ["NOETL_PORT"])), Handler)
if FAKE == "crash":
    threading.Timer(0.5, lambda: os._exit(5)).start()
server.serve_forever()
