"""How gunicorn carries the provider: one process, many threads, no access log."""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 1
worker_class = "gthread"
threads = 16
loglevel = "warning"


def when_ready(_arbiter: object) -> None:
    print(f"READY http://{bind}", flush=True)
