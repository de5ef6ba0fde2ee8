"""Nothing secret survives, however it is spelled, and what remains can still be judged."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from harness.redaction import Redactor
from harness.transcript import Decision, Door, Exchange, Transcript
from harness.wire import DEVICE_CODE_GRANT, NoAnswer, Request, Response

CODE = "dC-7f3a/9c+Q==xyz0123456789"
USER_CODE = "WDJB-MJHT"
SECRET = "s3cr%t +&=ü"
JSON = (("content-type", "application/json"),)
HTML = (("content-type", "text/html; charset=utf-8"),)


class Stage:
    """Writes a transcript as short as a test can be."""

    def __init__(self) -> None:
        self.transcript = Transcript()

    def add(
        self,
        door: Door,
        request: Request,
        result: Response | NoAnswer | None = None,
        who: str = "display",
    ) -> Exchange:
        now = float(len(self.transcript))
        return self.transcript.exchange(
            who,
            door,
            request,
            result if result is not None else Response(200),
            began=now,
            ended=now + 0.1,
            after=len(self.transcript),
        )

    def issue(self, **members: object) -> Exchange:
        body = {
            "device_code": CODE,
            "user_code": USER_CODE,
            "verification_uri": "https://as.example/device",
            "expires_in": 600,
        } | members
        request = Request.form("https://as.example/da", [("client_id", "tv")])
        return self.add("device_authorization", request, Response(200, JSON, dumped(body)))

    def page(self, html: str, url: str = "https://as.example/device") -> Exchange:
        return self.add("page", Request("GET", url), Response(200, HTML, html.encode()), "alice")

    def redacted(self, *secrets: tuple[str, str]) -> str:
        """Everything that would be written down, in one string."""
        events = Redactor(secrets).transcript(self.transcript).events
        return "\n".join(map(repr, events))


def dumped(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture
def stage() -> Stage:
    return Stage()


def poll(code: str = CODE, **more: str) -> Request:
    fields = [("grant_type", DEVICE_CODE_GRANT), ("device_code", code), *more.items()]
    return Request.form("https://as.example/token", fields)


def test_codes_get_names_that_stay_the_same(stage: Stage) -> None:
    stage.issue()
    stage.add("token", poll(), Response(400, JSON, dumped({"error": "authorization_pending"})))
    issued, polled = Redactor().transcript(stage.transcript).exchanges
    assert issued.response is not None
    body = issued.response.json()
    assert body is not None
    assert body["device_code"] == "<device_code-1>" == polled.request.field("device_code")
    assert body["user_code"] == "<user_code-1>"
    assert body["expires_in"] == 600
    assert polled.response is not None and polled.response.error == "authorization_pending"


@pytest.mark.parametrize(
    "spelling",
    [
        CODE,
        quote(CODE, safe=""),
        CODE.replace("/", "%2f").replace("+", "%2b").replace("=", "%3d"),
        quote(quote(CODE, safe=""), safe=""),
        CODE.replace("/", "\\/"),
        CODE.replace("+", "\\u002b").replace("=", "\\u003D"),
        CODE.replace("+", "&#43;").replace("/", "&#x2F;"),
        CODE[:14],
    ],
)
def test_an_echo_of_the_code_is_found_however_spelled(stage: Stage, spelling: str) -> None:
    stage.issue()
    body = b'{"error": "invalid_grant", "error_description": "no such code: %s."}'
    stage.add("token", poll(), Response(400, JSON, body.replace(b"%s", spelling.encode())))
    told = stage.redacted()
    assert "no such code: <" in told
    assert "7f3a" not in told
    assert "9c" not in told


@pytest.mark.parametrize(
    "html",
    [
        "Code WDJB-MJHT",
        "Code wdjbmjht",
        "Code WDJB MJHT, W D J B - M J H T",
        "<b>WDJB</b>-<b>MJHT</b>",
        "<i>W</i><i>D</i><i>J</i><i>B</i> <i>M</i><i>J</i><i>H</i><i>T</i>",
        '<a href="/login?next=%2Fdevice%3Fuser_code%3DWDJB-MJHT">',
        '<a href="/login?next=%2Fdevice%3Fuser_code%3DWDJB%252DMJHT">',
        '<input name=code value="WDJB-MJHT">',
        "<script>var code = 'WDJB\\u002dMJHT'</script>",
        'aria-label="code W, D"> WDJB&#8211;MJHT',
        "WDJB&nbsp;MJHT",
    ],
)
def test_a_user_code_vanishes_from_pages(stage: Stage, html: str) -> None:
    stage.issue()
    stage.page(html)
    told = stage.redacted().upper()
    assert "WDJB" not in told
    assert "MJHT" not in told
    assert "<I>W</I>" not in told


@pytest.mark.parametrize(
    "url",
    [
        "https://as.example/device?user_code=WDJB-MJHT",
        "https://as.example/device?user_code=wdjb%2Dmjht&x=1#WDJBMJHT",
        "https://as.example/device/WDJB-MJHT",
        "https://as.example/login?return_to=%2Fdevice%3Fuser_code%3DWDJBMJHT",
        "https://as.example/device?a=WDJB&b=MJHT",
    ],
)
def test_a_user_code_vanishes_from_urls(stage: Stage, url: str) -> None:
    stage.issue()
    stage.page("", url)
    redirect = Response(302, (("location", url),))
    stage.add("page", Request("GET", "https://as.example/"), redirect, "alice")
    told = stage.redacted().upper()
    assert "WDJB" not in told
    assert "MJHT" not in told


def test_one_character_to_a_box_gives_no_code_away(stage: Stage) -> None:
    stage.issue()
    boxes = [(f"c{place}", letter) for place, letter in enumerate("WDJBMJHT")]
    stage.add("page", Request.form("https://as.example/device", boxes), who="alice")
    told = stage.redacted()
    assert "c0=<form_value-" in told
    assert "=W" not in told and "=D" not in told


@pytest.mark.parametrize(
    "link",
    [
        "https://as.example/device?h=Zk93kdf0q2",
        "https://as.example/device/Zk93kdf0q2",
        "https://as.example/device#Zk93kdf0q2",
        "https://as.example/d?x=1&ticket=Zk93kdf0q2&lang=en",
    ],
)
def test_an_opaque_handle_in_the_complete_link_is_a_secret(stage: Stage, link: str) -> None:
    stage.issue(verification_uri_complete=link)
    stage.page("see Zk93kdf0q2", link)
    told = stage.redacted()
    assert "Zk93kdf0q2" not in told
    assert "https://as.example/d" in told


def test_settings_secrets_vanish_wherever_they_turn_up(stage: Stage) -> None:
    pair = base64.b64encode(f"kiosk:{quote(SECRET)}".encode()).decode()
    request = poll().with_header("authorization", f"Basic {pair}")
    stage.add("token", request, Response(401, HTML, f"bad secret {SECRET}".encode()), "kiosk")
    stage.add("token", poll(client_secret=SECRET), Response(401, HTML, quote(SECRET).encode()))
    told = stage.redacted(("client_secret", SECRET), ("password", "wonderland"))
    for spelling in (SECRET, quote(SECRET), quote(SECRET, safe=""), pair, "s3cr"):
        assert spelling not in told
    assert "Basic <kiosk:client_secret-1>" in told
    assert "<client_secret-1>" in told


def test_a_wrong_secret_is_told_apart_from_the_right_one(stage: Stage) -> None:
    for secret in (SECRET, "another-secret"):
        pair = base64.b64encode(f"kiosk:{quote(secret)}".encode()).decode()
        stage.add("token", poll().with_header("authorization", f"Basic {pair}"))
    right, wrong = Redactor([("client_secret", SECRET)]).transcript(stage.transcript).exchanges
    assert right.request.header("authorization") == "Basic <kiosk:client_secret-1>"
    assert wrong.request.header("authorization") == "Basic <kiosk:wrong_secret-1>"


def test_tokens_vanish_from_answers_and_later_requests(stage: Stage) -> None:
    jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
    members = {"access_token": "at-93jfkd93jf", "refresh_token": "r1-kd93jd03k", "id_token": jwt}
    stage.add("token", poll(), Response(200, JSON, dumped(members)))
    request = Request("GET", "https://as.example/me", (("authorization", "Bearer at-93jfkd93jf"),))
    stage.add("userinfo", request, Response(401, HTML, f"{jwt} at-93jfkd93jf".encode()))
    told = stage.redacted()
    for secret in ("at-93jfkd93jf", "r1-kd93jd03k", "eyJ", "signature"):
        assert secret not in told
    assert "Bearer <access_token-1>" in told


def test_a_jwt_that_nobody_announced_is_no_exception() -> None:
    told = Redactor().text("cannot read eyJhbGciOiJub25lIn0.eyJzdWIiOiJib2IifQ. at all")
    assert told == "cannot read <jwt-1> at all"


def test_a_form_encoded_token_answer_is_read_too(stage: Stage) -> None:
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    stage.add("token", poll(), Response(200, kind, b"access_token=gho_16C7e42F&scope=a"))
    told = stage.redacted()
    assert "gho_16C7e42F" not in told
    assert "scope=a" in told


def test_cookies_keep_their_names_and_flags(stage: Stage) -> None:
    cookie = "sid=abcDEF123456789; Path=/; HttpOnly; SameSite=Lax"
    page = Response(200, (*HTML, ("set-cookie", cookie)), b"your session abcDEF123456789")
    stage.add("page", Request("GET", "https://as.example/"), page, "alice")
    back = Request("GET", "https://as.example/", (("cookie", "sid=abcDEF123456789; lang=de"),))
    stage.add("page", back, Response(200), "alice")
    told = stage.redacted()
    assert "abcDEF123456789" not in told
    assert "sid=<cookie-1>; Path=/; HttpOnly; SameSite=Lax" in told
    assert "lang=<cookie-2>" in told


def test_anti_forgery_values_vanish_under_any_name(stage: Stage) -> None:
    value = "q8Zr1kPw0vXa55Tb"
    stage.page(f'<meta name="x" content="{value}"><input type=hidden name=zz value={value}>')
    fields = [("zz", value), ("action", "approve")]
    stage.add("page", Request.form("https://as.example/device", fields), who="alice")
    told = stage.redacted()
    assert value not in told
    assert "action=approve" in told


def test_a_password_that_is_a_word_of_the_protocol_destroys_nothing(stage: Stage) -> None:
    fields = [("username", "alice"), ("password", "password")]
    stage.add("page", Request.form("https://as.example/login", fields), who="alice")
    stage.add("token", poll(), Response(400, JSON, dumped({"error": "access_denied"})))
    told = stage.redacted(("password", "password"))
    assert "password=<password-1>" in told
    assert "access_denied" in told


def test_error_codes_are_no_secrets(stage: Stage) -> None:
    body = {"error": "authorization_pending", "code": "AUTHORIZATION_PENDING", "state": "pending"}
    stage.add("token", poll(), Response(400, JSON, dumped(body)))
    answered = Redactor().transcript(stage.transcript).exchanges[0].response
    assert answered is not None and answered.json() == body


def test_shapes_that_are_judged_survive(stage: Stage) -> None:
    odd = b'{"device_code": 12345678, "user_code":"WDJB-M","user_code":"WDJB-M", "interval": 5.0'
    stage.add(
        "device_authorization",
        Request("POST", "https://as.example/da"),
        Response(200, JSON, odd + b"}"),
    )
    got = Redactor().transcript(stage.transcript).exchanges[0].response
    assert got is not None
    assert got.repeated_members() == ["user_code"]
    assert isinstance((got.json() or {})["device_code"], int)
    assert b"5.0" in got.body
    assert b"12345678" not in got.body


def test_bytes_that_are_no_text_survive(stage: Stage) -> None:
    stage.issue()
    stage.add("token", Request("POST", "https://as.example/token", (), b"\xff\x00" + CODE.encode()))
    body = Redactor().transcript(stage.transcript).exchanges[1].request.body
    assert body == b"\xff\x00<device_code-1>"


def test_a_decision_and_a_failure_are_redacted_too(stage: Stage) -> None:
    stage.issue()
    stage.transcript.decision(
        "alice", USER_CODE, approved=True, done=True, began=1, ended=2, after=1
    )
    stage.add("page", Request("GET", "https://as.example/"), NoAnswer("reset", f"at {USER_CODE}"))
    _, decision, failed = Redactor().transcript(stage.transcript).events
    assert isinstance(decision, Decision) and decision.user_code == "<user_code-1>"
    assert isinstance(failed, Exchange) and failed.failure is not None
    assert failed.failure.detail == "at <user_code-1>"


def test_a_message_that_was_cut_gives_nothing_away(stage: Stage) -> None:
    stage.issue()
    redactor = Redactor().see_all(stage.transcript)
    assert "7f3a" not in redactor.text(f"received {CODE[:12]}…")


def test_redacting_twice_changes_nothing(stage: Stage) -> None:
    stage.issue(verification_uri_complete="https://as.example/device?user_code=WDJB-MJHT")
    stage.page('<input name="code" value="WDJB-MJHT"> <a href="?t=93jfk20fk3k">')
    once = Redactor().transcript(stage.transcript)
    twice = Redactor().transcript(once)
    assert [repr(event) for event in twice.events] == [repr(event) for event in once.events]


def test_short_codes_do_not_eat_other_words(stage: Stage) -> None:
    stage.issue(user_code="1234")
    stage.page("1234 and 12345 and a1234b, %3D1234")
    told = stage.redacted()
    assert "<user_code-1> and 12345 and a1234b, %3D<user_code-1>" in told


def test_userinfo_in_a_url_is_hidden() -> None:
    assert Redactor().url("https://me:pw@as.example/a") == "https://<userinfo-1>@as.example/a"


def test_a_thousand_codes_are_found_in_reasonable_time(stage: Stage) -> None:
    letters = "BCDFGHJK"
    codes = [
        "".join(letters[(number >> 3 * place) & 7] for place in range(4)) + f"-{number:04d}"
        for number in range(1000)
    ]
    for number, code in enumerate(codes):
        stage.issue(device_code=f"{number:04d}-dc-Zx93jfk2Lq", user_code=code)
    for number in (3, 500, 999):
        plain = codes[number].replace("-", "").lower()
        stage.page(f"<b>{plain[:4]}</b> <b>{plain[4:]}</b> and {number:04d}-dc-Zx93jfk2Lq")
    told = [
        event.response.text
        for event in Redactor().transcript(stage.transcript).exchanges[-3:]
        if event.response is not None
    ]
    expected = [f"<b><user_code-{n}></b> and <device_code-{n}>" for n in (4, 501, 1000)]
    assert told == expected


@pytest.mark.parametrize("text", ["<WDJB-MJHT>", "<b>WDJBMJHT</b>", "%WDJBMJHT", "&WDJBMJHT;"])
def test_what_looks_like_markup_hides_nothing(stage: Stage, text: str) -> None:
    stage.issue()
    assert "WDJB" not in Redactor().see_all(stage.transcript).text(text)
