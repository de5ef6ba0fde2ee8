"""Says READY as soon as somebody listens on PORT; gives up after 30 s."""

import os
import socket
import time

port = int(os.environ["PORT"])
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        time.sleep(0.1)
    else:
        print(f"READY http://127.0.0.1:{port}", flush=True)
        break
