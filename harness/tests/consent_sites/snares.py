"""Pages that tempt a visitor into something: to approve by accident, to wait, to go astray."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import PASSWORDS, Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response

YES_AND_NO = (
    "<h1>The TV asks for access</h1><form method='post' action='/answer'>"
    "<button name='a' value='yes'>Allow</button><button name='a' value='no'>Deny</button></form>"
)


class Plain(Site):
    """Code, sign-in, question; each step can be changed."""

    def answer(self, ask: Ask) -> Response:
        session = ask.session
        if ask.path == "/login":
            return self.sign_in(ask)
        if ask.path == "/answer":
            return self.taken(ask)
        if not session.get("known"):
            return self.enter_code(ask)
        return self.question(ask) if "user" in session else go("/login")

    def enter_code(self, ask: Ask) -> Response:
        if self.knows(ask["user_code"]):
            ask.session["known"] = "yes"
            return go("/device")
        note = "This code is not valid." if ask["user_code"] else ""
        return page(
            f"<p>{note}</p><form method='post' action='/device'><label>Code "
            "<input name='user_code'></label><button>Continue</button></form>"
        )

    def sign_in(self, ask: Ask) -> Response:
        if self.enter(ask):
            return self.after_sign_in(ask)
        return page(
            "<form method='post' action='/login'><label>User name <input name='username'></label>"
            "<label>Password <input type='password' name='password'></label>"
            "<button>Sign in</button></form>"
        )

    def after_sign_in(self, ask: Ask) -> Response:
        return go("/device")

    def question(self, ask: Ask) -> Response:
        return page(YES_AND_NO)

    def taken(self, ask: Ask) -> Response:
        self.decide(ask, yes=ask["a"] == "yes")
        return page("<p>Look at your TV.</p>")


class NoRefusal(Plain):
    """The last page has one button only, and that approves."""

    def question(self, ask: Ask) -> Response:
        return page(
            "<h1>TV</h1><form method='post' action='/answer'><input type='hidden' name='a' "
            "value='yes'><button>Continue</button></form>"
        )


class NoRefusalFirst(Plain):
    """A page with one button comes before the question, after signing in."""

    def question(self, ask: Ask) -> Response:
        if ask.path == "/terms":
            ask.session["terms"] = "read"
        if "terms" in ask.session:
            return page(YES_AND_NO)
        return page(
            "<h1>The code is right</h1><form method='post' action='/terms'>"
            "<button>Continue</button></form>"
        )


class CodeIsEnough(Plain):
    """Signed in first; typing the code and pressing the button approves; the form comes again."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session:
            return self.sign_in(ask)
        note = ""
        if ask.method == "POST" and ask.path == "/device":
            if not self.knows(ask["user_code"]):
                note = "The user code is not valid."
            else:
                self.decide(ask, yes=True)
                note = "The device was successfully authorized."
        return page(
            f"<p>{note}</p><h1>Authorize a device</h1><form method='post' action='/device'>"
            "<label for='c'>User code</label><input id='c' name='user_code'>"
            "<input type='submit' name='commit' value='Authorize'><a class='btn' href='/device'>"
            "Cancel</a></form>"
        )


class CodeIsEnoughByLink(Plain):
    """Whoever opens the link has approved."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session:
            ask.session["code"] = ask["user_code"] or ask.session.get("code", "")
            return self.sign_in(ask)
        self.decide(ask, yes=True)
        return page("<h1>Your device is connected</h1><p>You can close this window.</p>")


class AllInOneWithoutRefusal(Plain):
    """Code, name, password and one button, which approves."""

    def answer(self, ask: Ask) -> Response:
        if self.knows(ask["code"]) and self.enter(ask):
            self.decide(ask, yes=True)
            return page("<p>Approved. Return to your device.</p>")
        return page(
            "<form method='post'>Code: <input name='code'><br>User: <input name='username'><br>"
            "Password: <input name='password' type='password'><br><input type='submit'></form>"
        )


class MadeByScript(Site):
    """Nothing is there without scripts."""

    def answer(self, ask: Ask) -> Response:
        return page(
            "<noscript>You need to enable JavaScript to run this app.</noscript><div "
            "id='root'></div>"
            "<script src='/static/app.js'></script>",
            title="Sign in",
        )


class SentByScript(Site):
    """A form that only a script can send."""

    def answer(self, ask: Ask) -> Response:
        return page(
            "<form id='f'><label>Code <input name='code'></label><button>Continue</button></form>"
            "<script>document.getElementById('f').addEventListener('submit', async (e) => "
            "{ e.preventDefault(); await fetch('/api/verify', {method: 'POST'}); });</script>"
        )


class SecondFactor(Plain):
    """After the password, a one-time code is asked for."""

    def after_sign_in(self, ask: Ask) -> Response:
        return page(
            "<h1>Two-step verification</h1><form method='post' action='/otp'><label>Code from your "
            "app <input name='otp' autocomplete='one-time-code'></label><button>Verify</button>"
            "</form>"
        )


class StrangeWords(Plain):
    """Buttons in a language that nobody here reads."""

    def question(self, ask: Ask) -> Response:
        return page(
            "<h1>Ĉu?</h1><form method='post' action='/answer'><button name='a' value='p3'>Zurbalok"
            "</button><button name='a' value='q4'>Merdonik</button></form>"
        )


class StaySignedIn(Plain):
    """A question of comfort comes before the real one."""

    def after_sign_in(self, ask: Ask) -> Response:
        return page(
            "<h1>Stay signed in?</h1><p>Do this to be asked less often.</p><form method='post' "
            "action='/device'><label><input type='checkbox' name='hide'> Don't show "
            "this again</label>"
            "<button name='keep' value='0'>No</button><button name='keep' "
            "value='1'>Yes</button></form>"
        )


class PeopleAsButtons(Plain):
    """No passwords: one button for every person."""

    def sign_in(self, ask: Ask) -> Response:
        if ask["who"]:
            ask.session["user"] = ask["who"]
            return go("/device")
        buttons = "".join(
            f"<button name='who' value='{name}'>{name}</button>" for name in PASSWORDS
        )
        return page(f"<h1>Who are you?</h1><form method='post' action='/login'>{buttons}</form>")


class LinksWithMethods(Plain):
    """Answers that are links, turned into requests by a script that everybody knows."""

    def question(self, ask: Ask) -> Response:
        return page(
            "<p>Allow the TV?</p><a data-method='post' href='/answer?a=yes'>Authorize</a> "
            "<a data-method='delete' href='/answer?a=no'>Deny</a>",
            head="<meta name='csrf-param' content='proof'><meta name='csrf-token' content='p8'>",
        )

    def taken(self, ask: Ask) -> Response:
        assert ask.method == "POST"
        assert ask["proof"] == "p8"
        assert (ask["_method"] == "delete") == (ask["a"] == "no")
        return super().taken(ask)


class ForgetsCodeAtSignIn(Plain):
    """Signing in makes the server forget the code; it has to be typed again."""

    def after_sign_in(self, ask: Ask) -> Response:
        ask.session.pop("known", None)
        return go("/device")


class CodeLikeAPassword(Plain):
    """The code's field is of type password, on a page after the sign-in; "Allow" sends it."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session:
            return self.sign_in(ask)
        if ask.path == "/device" and self.knows(ask["usercode"]):
            self.decide(ask, yes=True)
            return page("<h2>Confirmed</h2><p>The device was approved.</p>")
        return page(
            "<h2>Device</h2><form method='post' action='/device'><label for='usercode'>Code</label>"
            "<input type='password' id='usercode' name='usercode' placeholder='code...'>"
            "<button type='button' title='Show'>&times;</button><button>Allow</button></form>"
        )


class RefusesLate(Plain):
    """Whether the code exists is told to nobody who has not signed in."""

    def enter_code(self, ask: Ask) -> Response:
        if not ask["user_code"]:
            return super().enter_code(ask)
        ask.session["known"] = ask["user_code"]
        return go("/device")

    def question(self, ask: Ask) -> Response:
        if not self.knows(ask.session["known"]):
            return page("<p>Unknown code.</p>", 404)
        return page(YES_AND_NO)


class ExpiredPage(Plain):
    """The answer comes too late."""

    def taken(self, ask: Ask) -> Response:
        return page("<h1>Sorry</h1><p>Your session has expired, please start again.</p>", 403)


class LoopsForEver(Site):
    """Redirects from one address to another and back."""

    def answer(self, ask: Ask) -> Response:
        return go("/b" if ask.path == "/device" else "/device")
