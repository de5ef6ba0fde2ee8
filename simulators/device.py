"""A device: it asks for codes, shows them, and polls until it knows (RFC 8628 section 3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from harness.client_auth import Pairs, credentials
from harness.consent import Codes
from harness.oracle import expiry_slack
from harness.target import Client
from harness.transcript import Door, Exchange, Manner
from harness.verdict import describe, given, heard, unanswered
from harness.wire import DEVICE_CODE_GRANT, Answer, Header, Request
from harness.world import Behaviour, World
from simulators.announced import has_lifetime, interval_of, lifetime_of

SLOW_DOWN_STEP = 5.0
"""Seconds that each slow_down adds, for this and all later polls (RFC 8628 section 3.5)."""
MARGIN = 0.25
"""Seconds that a polite device waits beyond the interval, so that no clock finds it early."""
PATIENCE_WITH_TROUBLE = 3
"""Answers that are no OAuth answer (5xx, 429) after which a device gives up."""

_SECOND_TRY = {
    "client_secret_basic": "names_itself",
    "client_secret_jwt": "addresses_endpoints",
    "private_key_jwt": "addresses_endpoints",
}
"""What a client does otherwise when it is refused for the way in which it authenticates."""

Fields = Iterable[tuple[str, str]]


class Device:
    """A client with a screen.  All times are seconds on the world's clock.

    `answers` holds what it has heard since its last `begin`, `polls` the exchanges behind that.
    """

    __slots__ = (
        "addresses_endpoints",
        "client",
        "issued",
        "name",
        "names_itself",
        "polls",
        "response",
        "scope",
        "world",
    )

    def __init__(
        self, world: World, client: Client, name: str = "display", scope: str | None = None
    ) -> None:
        self.world = world
        self.client = client
        self.name = name
        self.scope = world.target.scope if scope is None else scope
        self.names_itself = False
        """Whether client_id stands in the form beside Basic, because the server wants it."""
        self.addresses_endpoints = False
        """Whether assertions are for the URL they are sent to, since the issuer was refused."""
        self.response: dict[str, Any] = {}
        self.issued: Exchange | None = None
        self.polls: list[Exchange] = []

    # --- asking for codes ---

    def device_authorization_request(
        self,
        *,
        scope: str | None = None,
        without: Collection[str] = (),
        plus: Fields = (),
        client: Client | None = None,
    ) -> Request:
        """The request for codes (RFC 8628 section 3.1).

        `without` leaves out fields, `plus` adds some at the end, `client` asks as somebody else.
        """
        target = self.world.target
        endpoint = target.endpoint("device_authorization_endpoint", client or self.client)
        fields, auth = self._credentials(client, endpoint)
        if self.names_itself and not any(name == "client_id" for name, _ in fields):
            fields.append(("client_id", (client or self.client).client_id))
        wanted = self.scope if scope is None else scope
        if wanted:
            fields.append(("scope", wanted))
        fields += target.extra_device_authorization.items()
        kept = [(name, value) for name, value in fields if name not in without]
        return Request.form(endpoint, [*kept, *plus], auth)

    def _credentials(
        self, client: Client | None, endpoint: str
    ) -> tuple[Pairs, tuple[Header, ...]]:
        target = self.world.target
        audience = endpoint if self.addresses_endpoints else target.issuer or target.token_endpoint
        now = self.world.clock.unix()
        return credentials(client or self.client, audience=audience, now=now)

    def ask(
        self, request: Request | None = None, *, manner: Manner = "lawful", note: str = ""
    ) -> Exchange:
        """Send a device authorization request, by default the usual one, whatever comes of it."""
        return self.world.send(
            request or self.device_authorization_request(),
            who=self.name,
            door="device_authorization",
            manner=manner,
            note=note,
        )

    def begin(self, *, scope: str | None = None, plus: Fields = ()) -> Exchange:
        """Ask for codes and keep them; raises `Inconclusive` if none come.

        A client that uses Basic and is refused tries once more with client_id in the form, one that
        signs assertions with the endpoint's URL as audience; both keep to it if that helps.
        """
        asked = self.ask(self.device_authorization_request(scope=scope, plus=plus))
        habit = _SECOND_TRY.get(self.client.auth)
        if not asked.issued and habit is not None and not getattr(self, habit):
            setattr(self, habit, True)
            again = self.ask(self.device_authorization_request(scope=scope, plus=plus))
            setattr(self, habit, again.issued)
            asked = again if again.issued else asked
        return self.takes(asked)

    def takes(self, exchange: Exchange) -> Exchange:
        """Keep the codes of a device authorization response; raises `Inconclusive` without any."""
        if exchange.response is None:
            raise unanswered(exchange.failure)
        body = exchange.response.json() or {}
        usable = all(isinstance(body.get(name), str) for name in ("device_code", "user_code"))
        given(
            exchange.status < 300 and usable and has_lifetime(body),
            f"no usable codes were issued: {describe(exchange)}",
        )
        self.response, self.issued, self.polls = body, exchange, []
        return exchange

    @property
    def device_code(self) -> str:
        """The code that is polled with; never shown."""
        return str(self.response["device_code"])

    @property
    def user_code(self) -> str:
        """The code on the screen, as it was received."""
        return str(self.response["user_code"])

    @property
    def codes(self) -> Codes:
        """What the screen shows; raises `Inconclusive` without a verification_uri."""
        uri = self.response.get("verification_uri") or self.response.get("verification_url")
        given(isinstance(uri, str) and uri, "the response has no verification_uri to show")
        complete = self.response.get("verification_uri_complete")
        usable = isinstance(complete, str) and complete
        return Codes(self.user_code, str(uri), str(complete) if usable else None)

    @property
    def interval(self) -> float:
        """Seconds between polls as announced, 5 if the server names none or nonsense."""
        return interval_of(self.response)

    @property
    def expires_in(self) -> float:
        """Seconds for which both codes live, as announced."""
        return lifetime_of(self.response)

    @property
    def age(self) -> float:
        """Seconds since the codes were received."""
        return self.world.clock.now() - (self.issued.ended if self.issued else 0.0)

    def issued_until(self) -> float:
        """When (on the world's clock) the codes have surely expired, all slack included."""
        issued = self.issued.ended if self.issued else 0.0
        return issued + self.expires_in + expiry_slack(self.expires_in) + MARGIN

    # --- polling ---

    def token_request(
        self,
        *,
        device_code: str | None = None,
        client: Client | None = None,
        without: Collection[str] = (),
        plus: Fields = (),
    ) -> Request:
        """The request that polls (RFC 8628 section 3.4); the parameters as for asking."""
        target = self.world.target
        code = self.device_code if device_code is None else device_code
        endpoint = target.endpoint("token_endpoint", client or self.client)
        auth_fields, auth = self._credentials(client, endpoint)
        fields = [("grant_type", DEVICE_CODE_GRANT), ("device_code", code), *auth_fields]
        fields += target.extra_token.items()
        kept = [(name, value) for name, value in fields if name not in without]
        return Request.form(endpoint, [*kept, *plus], auth)

    def poll(self) -> Exchange:
        """Poll once, whatever comes of it; the exchange is kept in `polls`."""
        exchange = self.world.send(self.token_request(), who=self.name, door="token")
        self.polls.append(exchange)
        return exchange

    def sends(self, request: Request, *, manner: Manner = "malformed", note: str = "") -> Exchange:
        """Send some other request to the token endpoint, whatever comes of it."""
        return self.world.send(request, who=self.name, door="token", manner=manner, note=note)

    def waits(self) -> None:
        """Let the time pass that a polite device leaves between two polls.

        Raises `Inconclusive` if living codes would expire meanwhile.
        """
        ends = self.age + self.pause + MARGIN
        given(
            ends < self.expires_in or self.age > self.expires_in or not self.response,
            f"codes that live {self.expires_in:g} s leave no time to wait {self.pause:g} s more",
        )
        self.world.wait(self.pause + MARGIN)

    def waits_and_polls(self) -> Exchange:
        """Poll as a polite device does."""
        self.waits()
        return self.poll()

    @property
    def answers(self) -> list[Answer]:
        """What this device has heard to its own polls since `begin`."""
        return [poll.answer for poll in self.polls if poll.answer is not None]

    @property
    def pause(self) -> float:
        """Seconds that the device must wait now: the interval and 5 s for every slow_down."""
        return self.interval + SLOW_DOWN_STEP * self.answers.count(Answer.SLOW_DOWN)

    @property
    def token_response(self) -> dict[str, Any]:
        """The body of the first successful poll; raises `Inconclusive` if there is none."""
        for poll in self.polls:
            if poll.answer is Answer.TOKEN and poll.response is not None:
                return poll.response.json() or {}
        heard_last = describe(self.polls[-1]) if self.polls else "nothing"
        given(condition=False, reason=f"the device got no token, but {heard_last}")
        raise AssertionError

    @property
    def access_token(self) -> str:
        """The access token; raises `Inconclusive` if there is none."""
        return str(self.token_response["access_token"])

    def polls_politely(self, times: int | None = None) -> Behaviour:
        """Keep to the interval, widen it with each slow_down, stop at a final answer or expiry.

        With `times`, stop after that many polls.
        """
        trouble = 0
        while times is None or len(self.polls) < times:
            yield self.pause + MARGIN
            answer = heard(self.poll())
            if answer.is_final:
                return
            trouble = trouble + 1 if answer is Answer.BROKEN else 0
            if trouble == PATIENCE_WITH_TROUBLE or self.age > self.expires_in + 2 * self.pause:
                return

    def polls_every(self, gap: float, times: int) -> Behaviour:
        """Poll `times` times with `gap` seconds between, whatever the answers are."""
        for turn in range(times):
            if turn:
                yield gap
            if heard(self.poll()).is_final:
                return

    def ignores_slow_down(self, times: int) -> Behaviour:
        """Keep to the interval as announced and never widen it."""
        yield self.interval + MARGIN
        yield from self.polls_every(self.interval + MARGIN, times)

    # --- afterwards ---

    def reads(self, url: str, token: str | None, method: str = "GET") -> Exchange:
        """Call a protected resource with `token`, or without any (RFC 6750 section 2.1)."""
        headers: tuple[tuple[str, str], ...] = (("accept", "application/json"),)
        if token is not None:
            headers = (*headers, ("authorization", f"Bearer {token}"))
        if self.client.certificate is not None:
            headers = (*headers, self.client.certificate.header)
        door: Door = "userinfo" if url == self.world.target.userinfo_endpoint else "resource"
        return self.world.send(Request(method, url, headers), who=self.name, door=door)
