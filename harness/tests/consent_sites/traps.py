"""More pages that tempt a visitor: a wrong button by Enter, a name that means something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import PASSWORDS, Ask, go, page
from harness.tests.consent_sites.snares import YES_AND_NO, Plain

if TYPE_CHECKING:
    from harness.wire import Response


class OnlyARefusalToPress(Plain):
    """The approval needs a script; the one button that needs none refuses."""

    def answer(self, ask: Ask) -> Response:
        if ask.method == "POST":
            self.decide(ask, yes=False)
            return page("<p>Denied.</p>")
        return page(
            "<form method='post'><label>Code <input name='user_code'></label>"
            "<button type='button' class='person' value='alice'>alice</button>"
            "<button name='action' value='deny'>Deny</button></form>"
        )


class SearchesForTheCode(Plain):
    """The code form is called a search, because the server looks the code up."""

    def enter_code(self, ask: Ask) -> Response:
        if ask.path == "/device-search" and self.knows(ask["user_code"]):
            ask.session["known"] = "yes"
            return go("/device")
        return page(
            "<form id='device-search-form' action='/device-search' "
            "method='post'><label for='c'>Insert "
            "the user code</label><input id='c' name='user_code'><input "
            "type='submit' value='Search'>"
            "</form>"
        )


class NameIsEnough(Plain):
    """No passwords; the name is typed on the page that asks for the decision."""

    def question(self, ask: Ask) -> Response:
        raise AssertionError(ask.path)

    def answer(self, ask: Ask) -> Response:
        if not ask.session.get("known"):
            return self.enter_code(ask)
        if ask["sub"] in PASSWORDS:
            ask.session["user"] = ask["sub"]
            return self.taken(ask)
        return page(
            "<h1>TV wants to know who you are</h1><form method='post' "
            "action='/answer'><label>Subject "
            "<input name='sub' required></label><textarea name='claims'></textarea>"
            "<button name='a' value='yes'>Authorize</button><button name='a' "
            "value='no'>Deny</button>"
            "</form>"
        )


class RefusesTheForgery(Plain):
    """The answer is turned away before anybody looks at it."""

    def taken(self, ask: Ask) -> Response:
        text = "<h1>Forbidden (403)</h1><p>CSRF verification failed. Request aborted.</p>"
        return page(text, 403)


class ResetsByScript(Plain):
    """A hidden field carries the answer; both buttons set it by script, one of them is a reset."""

    def question(self, ask: Ask) -> Response:
        return page(
            "<h1>TV asks</h1><form id='profile' name='profile' method='post' action='/answer'>"
            "<input type='hidden' id='consent' name='a' value=''>"
            "<input type='radio' name='how' id='once' value='approve' checked>"
            "<label for='once'>Approve Once</label>"
            "<input type='radio' name='how' id='ever' value='approveAlways'>"
            "<label for='ever'>Approve Always</label>"
            '<input type="button" value="Continue" onclick="approved(); return false;">'
            '<input type="reset" value="Cancel" onclick="deny(); return false;"></form>',
            head="<script>function approved() { "
            "document.getElementById('consent').value = \"yes\"; "
            "document.getElementById('profile').submit(); } function deny() { "
            "document.getElementById('consent').value = 'no'; "
            "document.getElementById('profile').submit(); }</script>",
        )


class ConnectorsInForms(Plain):
    """Signing in begins with a choice of ways, each a form of its own."""

    def sign_in(self, ask: Ask) -> Response:
        if ask.path == "/login" and ask.method == "GET":
            return page(
                "<h1>Sign in</h1><form method='post' action='/external'><button name='provider' "
                "value='x'>Sign in with Example</button></form><form action='/local'>"
                "<button>Sign in with password</button></form>"
            )
        return super().sign_in(ask)

    def answer(self, ask: Ask) -> Response:
        assert ask.path != "/external"
        return super().sign_in(ask) if ask.path == "/local" else super().answer(ask)


class YesAndNoAfterError(Plain):
    """A wrong code is told on a page with a way back that looks like a decision."""

    def enter_code(self, ask: Ask) -> Response:
        if ask["user_code"] and not self.knows(ask["user_code"]):
            return page(
                "<h1>Unknown code</h1><p>This code is invalid.</p><form action='/device'>"
                "<button>OK</button></form><a href='/'>Cancel</a>",
                404,
            )
        return super().enter_code(ask)

    def question(self, ask: Ask) -> Response:
        return page(YES_AND_NO)
