"""The reference authorization server for the device grant (RFC 8628).

A server is a function: `Server(config, clock)(request)` is the response.  It lives in memory, on
whatever clock it is given, unless it is told to keep things in a file.  It is meant for tests and
must not guard real data.
"""

from simulators.server.app import Server
from simulators.server.config import Account, Client, Config
from simulators.server.freedom import Freedom
from simulators.server.rules import Rules

__all__ = ["Account", "Client", "Config", "Freedom", "Rules", "Server"]
