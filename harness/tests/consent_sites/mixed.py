"""A provider put together by chance: order of pages, labels, kind of answer, noise, last page."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response

LABELS = [
    ("Allow", "Deny"),
    ("Approve", "Reject"),
    ("Accept", "Decline"),
    ("Yes", "No"),
    ("Confirm", "Cancel"),
    ("Continue", "Cancel"),
    ("Authorize", "Cancel"),
    ("Grant access", "Deny access"),
    ("Allow", "Don't allow"),
    ("Connect", "Not now"),
    ("Sign in", "Cancel"),
    ("That's my device", "Not my device"),
    ("Yes, it's me", "No, it's not me"),
    ("I agree", "I do not agree"),
    ("OK", "[ Abort ]"),
    ("Erlauben", "Ablehnen"),
    ("Zulassen", "Nicht zulassen"),
    ("Bestätigen", "Abbrechen"),
    ("Ja", "Nein"),
    ("Autoriser", "Refuser"),
    ("Accepter", "Annuler"),
    ("Oui", "Non"),
    ("Permitir", "Denegar"),
    ("Aceptar", "Rechazar"),
    ("Sí", "No"),
    ("Aceitar", "Recusar"),
    ("Permitir", "Não permitir"),
    ("Sim", "Não"),
    ("Consenti", "Nega"),
    ("Autorizza", "Rifiuta"),
    ("Sì", "No"),
    ("Toestaan", "Weigeren"),
    ("Akkoord", "Annuleren"),
    ("Ja", "Nee"),
    ("Tillåt", "Neka"),
    ("Zezwól", "Odrzuć"),
    ("Разрешить", "Отклонить"),
    ("允许", "拒绝"),
    ("許可する", "許可しない"),
    ("허용", "거부"),
    ("✓", "✗"),
]
ORDERS = ("login first", "code first", "confirm before login", "code and login in one form")
LOGINS = ("one page", "two pages")
ANSWERS = (
    "values",
    "names",
    "two forms",
    "link",
    "radios",
    "select",
    "formaction",
    "script",
    "get",
    "outside",
    "hidden flag",
)
ENDS = ("success", "neutral", "code form", "home")


@dataclass
class Mixed(Site):
    """One of many thousand providers, chosen by `seed`."""

    seed: int = 0
    traits: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        self.labels = dice.choice(LABELS)
        self.order = dice.choice(ORDERS)
        self.login = dice.choice(LOGINS)
        self.answers = dice.choice(ANSWERS)
        self.end = dice.choice(ENDS)
        self.noise = dice.random() < 0.5
        self.flipped = dice.random() < 0.5
        self.boxes = dice.random() < 0.3
        self.code_name = dice.choice(["user_code", "userCode", "code", "device_code", "pin", "c"])
        self.names = dice.choice(
            [("username", "password"), ("email", "pass"), ("login", "pw"), ("j_user", "j_secret")]
        )
        self.go_on = dice.choice(
            ["Next", "Continue", "Submit", "Weiter", "OK", "Verify", "Connect"]
        )

    def describe(self) -> str:
        return (
            f"seed {self.seed}: {self.order}, {self.login}, {self.labels}, "
            f"{self.answers}, {self.end}, "
            f"{self.code_name}, {self.names}, {self.go_on}, noise {self.noise}, boxes {self.boxes}"
        )

    def answer(self, ask: Ask) -> Response:
        session = ask.session
        if ask.path == "/logout":
            raise AssertionError("signed out")
        if ask.path == "/home":
            return self.framed("<h1>Your account</h1><ul><li>Devices</li></ul>")
        if ask.path == "/login":
            return self.sign_in(ask)
        if ask.path == "/answer":
            return self.decided(ask)
        if ask.path == "/confirmed" and session.get("known"):
            session["confirmed"] = "yes"
        if self.order == "login first" and "user" not in session:
            session["link"] = ask["user_code"]
            return go("/login")
        if "code and login" in self.order and not session.get("known"):
            return self.both(ask)
        if not session.get("known"):
            return self.enter_code(ask)
        if self.order == "confirm before login" and "confirmed" not in session:
            return self.framed(
                f"<h1>Is this the code?</h1><p>{self.code}</p><form method='post' "
                "action='/confirmed'>"
                f"<button>{self.go_on}</button></form>"
            )
        if "user" not in session:
            return go("/login")
        return self.question()

    def enter_code(self, ask: Ask) -> Response:
        if ask.method == "POST" and self.knows(ask[self.code_name]):
            ask.session["known"] = "yes"
            return go("/device")
        note = "This code is not valid." if ask.method == "POST" else ""
        shown = ask["user_code"] or ask.session.pop("link", "")
        return self.framed(
            f"<h1>Connect your TV</h1><p>{note}</p><p>Type the code that the TV shows.</p>"
            f"<form method='post' action='/device'><input name='{self.code_name}' value='{shown}'>"
            f"<button>{self.go_on}</button></form>"
        )

    def both(self, ask: Ask) -> Response:
        user, secret = self.names
        note = ""
        if ask.method == "POST":
            note = (
                "The code is wrong." if not self.knows(ask[self.code_name]) else "Wrong password."
            )
            if self.knows(ask[self.code_name]) and self.enter(ask, user, secret):
                ask.session["known"] = "yes"
                return go("/device")
        return self.framed(
            f"<p>{note}</p><form method='post'><p>Device code <input name='{self.code_name}' "
            f"value='{ask['user_code']}'></p><p>User name <input name='{user}'></p>"
            f"<p>Password <input type='password' name='{secret}'></p><button>Sign "
            "in</button></form>"
        )

    def sign_in(self, ask: Ask) -> Response:
        user, secret = self.names
        note = ""
        if ask.method == "POST" and self.login == "two pages" and user in ask:
            ask.session["name"] = ask[user]
            ask = Ask("GET", ask.path, [], ask.session, fresh=False)
        elif ask.method == "POST":
            fields = [*ask.fields, (user, ask.session.get("name", ""))]
            if self.enter(Ask("", "", fields, ask.session, fresh=False), user, secret):
                return go("/device")
            note = "Wrong user name or password."
        name_field = f"<label>User name <input name='{user}'></label>"
        secret_field = f"<label>Password <input type='password' name='{secret}'></label>"
        if self.login == "two pages":
            name_field, secret_field = (
                ("", secret_field) if "name" in ask.session else (name_field, "")
            )
        return self.framed(
            f"<h1>Sign in</h1><p>{note}</p><form method='post' action='/login'>{name_field}"
            f"{secret_field}<label><input type='checkbox' name='remember'> Remember me</label>"
            "<button>Log in</button></form><a href='/forgot'>Forgot password?</a>"
        )

    def question(self) -> Response:
        yes, no = (escape(label, quote=True) for label in self.labels)
        box = "<label><input type='checkbox' name='scope' value='read'> Read your data</label>"
        body = self.buttons(yes, no, box if self.boxes else "")
        return self.framed(f"<h1>The TV asks for access</h1><p>It wants: profile.</p>{body}")

    def buttons(self, yes: str, no: str, box: str) -> str:
        form = "<form method='post' action='/answer'>"
        kinds = {
            "values": (
                f"<button name='a' value='v1'>{yes}</button>",
                f"<button name='a' value='v2'>{no}</button>",
            ),
            "names": (
                f"<input type='submit' name='v1' value='{yes}'>",
                f"<input type='submit' name='v2' value='{no}'>",
            ),
            "formaction": (
                f"<button formaction='/answer?a=v1'>{yes}</button>",
                f"<button formaction='/answer?a=v2'>{no}</button>",
            ),
            "outside": (
                f"<button form='z' name='a' value='v1'>{yes}</button>",
                f"<button form='z' name='a' value='v2'>{no}</button>",
            ),
        }
        if self.answers == "outside":
            return f"<form method='post' action='/answer' id='z'>{box}</form>" + self.both_ways(
                kinds["outside"]
            )
        if self.answers in kinds:
            return f"{form}{box}{self.both_ways(kinds[self.answers])}</form>"
        flag = f"{form}{box}<input type='hidden' name='a' value="
        if self.answers == "two forms":
            return self.both_ways(
                (
                    f"{flag}'v1'><button>{yes}</button></form>",
                    f"{flag}'v2'><button>{no}</button></form>",
                )
            )
        if self.answers == "link":
            return f"{flag}'v1'><button>{yes}</button></form><a href='/answer?a=v2'>{no}</a>"
        if self.answers == "script":
            to = "<button type='button' onclick=\"window.location.href = '/answer?scope=read&amp;a="
            return self.both_ways((f"{to}v1'\">{yes}</button>", f"{to}v2'\">{no}</button>"))
        if self.answers == "get":
            return f"<form action='/answer'>{box}{self.both_ways(kinds['values'])}</form>"
        if self.answers == "hidden flag":
            set_to = "document.getElementById('flag').value='"
            return (
                f"{form}{box}<input type='hidden' name='a' value='v1' id='flag'>"
                f'<button>{yes}</button><button onclick="{set_to}v2\'">{no}</button></form>'
            )
        if self.answers == "radios":
            one = "<label><input type='radio' name='a' value='{}'> {}</label>"
            pair = (one.format("v1", yes), one.format("v2", no))
        else:
            pair = (f"<option value='v1'>{yes}</option>", f"<option value='v2'>{no}</option>")
        inner = self.both_ways(pair)
        inner = (
            inner
            if self.answers == "radios"
            else f"<select name='a'><option>-</option>{inner}</select>"
        )
        return f"{form}{box}{inner}<button>{self.go_on}</button></form>"

    def both_ways(self, pair: tuple[str, str]) -> str:
        return pair[1] + pair[0] if self.flipped else pair[0] + pair[1]

    def decided(self, ask: Ask) -> Response:
        said = [name for name in ("v1", "v2") if name in ask or name in ask.all("a")]
        assert len(said) == 1, ask.fields
        assert said == ["v2"] or not self.boxes or "scope" in ask, "nothing was ticked"
        self.decide(ask, yes=said == ["v1"])
        ask.session.pop("known", None)
        if self.end == "code form":
            return (
                go("/device") if "login" not in self.order or "first" in self.order else go("/home")
            )
        if self.end == "home":
            return go("/home", 303)
        word = "Thank you." if self.end == "neutral" else f"The TV was {self.state}."
        return self.framed(f"<h1>{word}</h1><p>Look at your TV.</p>")

    def framed(self, body: str) -> Response:
        if not self.noise:
            return page(body)
        return page(
            "<form action='/search'><input type='search' name='q'><button>Search</button></form>"
            f"<form action='/logout' method='post'><button>Sign out</button></form>{body}"
            "<a href='/privacy'>Privacy</a><a href='/help'>Help</a><a href='#'>Back to top</a>"
        )
