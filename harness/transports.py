"""Requests over real sockets: the only module of the harness that speaks HTTP through httpx.

The laws of this file: one call, one request (no redirects followed, nothing sent twice: the lost
answer of a token request may have been the success); every wait and every body has an end; what
goes wrong is a `NoAnswer`, never another exception.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from harness.certificates import CLIENT_CERTIFICATE
from harness.clock import WallClock
from harness.target import Target, TargetError
from harness.wire import NoAnswer, Reason, Request, Response

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 40.0
"""Seconds for a whole response: a server may hold a poll open for some 30 s (CIBA section 10.1)."""
MAX_BODY = 1_000_000
"""Bytes of a body that are read, after decompression."""
IDLE = 2.0
"""Seconds after which an idle connection is not used again.  Many servers close theirs after 5 s,
which is the default polling interval: a poll on such a connection would race with the closing."""


class Socket:
    """A `Transport` over real connections; one per world, because pools collapse when shared."""

    def __init__(self, target: Target, *, read_timeout: float = READ_TIMEOUT) -> None:
        self._target = target
        self._others: dict[str, Socket] = {}
        self._deadline = _Deadline(read_timeout)
        context = ssl_context(target.ca_file, target.tls_client_cert)
        transport = httpx.HTTPTransport(verify=context)
        # httpx has no argument for the network backend, and only there can a server that sends one
        # byte of a header every few seconds be given an end.
        transport._pool = _pool(target.proxy, context, self._deadline)  # noqa: SLF001
        self._client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(read_timeout, connect=CONNECT_TIMEOUT),
            follow_redirects=False,
            trust_env=False,
            # Each person keeps cookies of their own; a jar in here would mix them.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        self._client.headers.clear()

    def __call__(self, request: Request) -> Response:
        """Send one request; raises `NoAnswer`.

        A request that shows a client certificate goes over a connection with that certificate.
        """
        if (shown := request.header(CLIENT_CERTIFICATE)) is not None:
            kept = tuple(one for one in request.headers if one[0].lower() != CLIENT_CERTIFICATE)
            return self._with_certificate(shown)(replace(request, headers=kept))
        self._deadline.start()
        try:
            built = self._client.build_request(
                request.method,
                request.url,
                headers=[
                    ("user-agent", "devicegrant"),
                    ("accept", "*/*"),
                    *request.headers,
                ]
                if request.header("accept") is None
                else [("user-agent", "devicegrant"), *request.headers],
                content=request.body or None,
            )
            if request.method in {"POST", "PUT", "PATCH"} and not request.body:
                built.headers["content-length"] = "0"
            response = self._client.send(built, stream=True)
            try:
                body = self._read(response)
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as problem:
            raise _no_answer(problem, request.url) from None
        except (UnicodeError, ValueError) as problem:
            raise NoAnswer("garbled", f"{type(problem).__name__}: {problem}") from None
        headers = tuple((key.lower(), value) for key, value in response.headers.multi_items())
        return Response(response.status_code, headers, body)

    def _read(self, response: httpx.Response) -> bytes:
        if "," in response.headers.get("content-encoding", ""):
            # Each layer may blow up what is inside a thousandfold; nobody asked for even one.
            raise NoAnswer("garbled", "the body is packed more than once")
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                raise NoAnswer("too_large", f"the body is larger than {MAX_BODY:,} bytes")
        return bytes(body)

    def _with_certificate(self, shown: str) -> Socket:
        """Connections of their own for one of the clients' certificates (RFC 8705)."""
        if shown not in self._others:
            known = [client.certificate for client in self._target.clients.values()]
            files = [one.file for one in known if one is not None and one.header[1] == shown]
            if not files or files[0] is None:
                raise NoAnswer("tls", "there is no file with the key of this client certificate")
            target = replace(self._target, tls_client_cert=files[0])
            self._others[shown] = Socket(target, read_timeout=self._deadline.limit)
        return self._others[shown]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        for other in self._others.values():
            other.close()


@lru_cache(maxsize=8)
def ssl_context(ca_file: str | None, client_cert: str | None) -> ssl.SSLContext:
    """One context for all worlds: making one costs 20 ms.  Raises `TargetError` for bad files."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
        if client_cert:
            context.load_cert_chain(client_cert)
    except (OSError, ssl.SSLError) as problem:
        named = "ca_file" if client_cert is None else "ca_file or tls_client_cert"
        raise TargetError(f"{named} cannot be used: {problem}") from None
    return context


class _Deadline:
    """Seconds left for the response under way."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._clock = WallClock()
        self._end = limit

    def start(self) -> None:
        self._end = self._clock.now() + self.limit

    def left(self, timeout: float | None) -> float:
        left = self._end - self._clock.now()
        if left <= 0:
            raise httpcore.ReadTimeout(f"not complete after {self.limit:.0f} s")
        return left if timeout is None else min(left, timeout)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._deadline)


def _pool(
    proxy: str | None, context: ssl.SSLContext, deadline: _Deadline
) -> httpcore.ConnectionPool:
    backend = _Backend(deadline)
    if proxy is not None:
        found = _proxy(proxy)
        return httpcore.HTTPProxy(
            proxy_url=str(found.url),
            proxy_auth=found.raw_auth,
            ssl_context=context,
            keepalive_expiry=IDLE,
            network_backend=backend,
        )
    return httpcore.ConnectionPool(
        ssl_context=context, keepalive_expiry=IDLE, network_backend=backend
    )


def _proxy(url: str) -> httpx.Proxy:
    """A proxy with the name and password out of its URL; raises `TargetError` for no such URL."""
    try:
        named = bool(urlsplit(url).hostname)
        found = httpx.Proxy(url)
    except (ValueError, httpx.InvalidURL) as problem:
        raise TargetError(f"proxy cannot be used: {problem}") from None
    if found.url.scheme not in {"http", "https"} or not named:
        raise TargetError("proxy must be an absolute http or https URL")
    return found


def _no_answer(problem: Exception, url: str) -> NoAnswer:
    text = str(problem) or type(problem).__name__
    reason: Reason
    if isinstance(problem, httpx.ConnectTimeout):
        reason, text = "timeout", f"no connection within {CONNECT_TIMEOUT:.0f} s"
    elif isinstance(problem, httpx.TimeoutException):
        reason, text = "too_slow", f"the response was not complete in time ({text})"
    elif isinstance(problem, httpx.ConnectError):
        reason = _why_not_connected(text)
    elif isinstance(problem, ssl.SSLError):
        reason = "tls"
    elif isinstance(problem, httpx.RemoteProtocolError):
        reason = "reset" if "disconnect" in text.lower() else "garbled"
    elif isinstance(problem, httpx.DecodingError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        reason = "garbled"
    else:
        reason = "reset"
    host = url.split("?", 1)[0]
    return NoAnswer(reason, f"{text} ({host})"[:300])


def _why_not_connected(text: str) -> Reason:
    lower = text.lower()
    if "certificate" in lower or "ssl" in lower or "tls" in lower:
        return "tls"
    if "name or service" in lower or "getaddrinfo" in lower or "resolution" in lower:
        return "unresolved"
    return "refused"
