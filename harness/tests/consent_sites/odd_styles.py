"""Pages that are less common: one page for all, several steps, script beside the forms, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response


class OnePage(Site):
    """Code, name, password and both answers in one form; the field has no room for the hyphen."""

    wrong_is_refused = False

    def answer(self, ask: Ask) -> Response:
        note = ""
        if ask.method == "POST":
            assert len(ask["user_code"]) == 8
            if not self.knows(ask["user_code"]):
                note = "Invalid or expired user code"
            elif not self.enter(ask):
                note = "Invalid username or password"
            else:
                self.decide(ask, yes=ask["action"] == "authorize")
                return page(f"<h5>Device {self.state}</h5><p>You can close this window.</p>")
        return page(
            f"<p>{note}</p><p>Enter the code displayed on your device and sign in.</p>"
            "<form method='POST'><input type='text' id='user_code' name='user_code' maxlength='8' "
            f"value='{ask['user_code'].replace('-', '')}' pattern='[A-Za-z0-9]{{8}}' required>"
            "<label for='user_code'>Device Code</label>"
            "<input type='text' id='username' name='username'><label "
            "for='username'>Username</label>"
            "<input type='password' id='pw' name='password'><label for='pw'>Password</label>"
            "<button name='action' value='authorize'>Authorize Device</button>"
            "<button name='action' value='deny' formnovalidate>Deny</button></form>",
            title="Device Authorization",
        )


class NameThenPassword(Site):
    """Name and password on two pages, a proposal to skip, and buttons that are no form at all."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device":
            if self.knows(ask["user_code"]):
                return go("/loginname")
            note = "Code not found" if ask["user_code"] else ""
            return page(
                "<form method='POST'><h1>Device authorization</h1><label for='user_code'>Code:"
                "</label><input id='user_code' name='user_code'>"
                f"<p style='color:red'>{note}</p><button type='submit'>Login</button></form>"
            )
        if ask.path == "/loginname":
            if ask.method == "POST":
                assert "register" not in ask
                ask.session["name"] = ask["loginName"]
                return go("/password")
            return page(
                "<h1>Welcome back!</h1><p>Enter your login data.</p><form method='POST'>"
                "<input type='hidden' name='authRequestID' value='77'><label for='loginName'>Login "
                "name</label><input id='loginName' name='loginName' autocomplete='username'>"
                "<button type='submit'>Next</button>"
                "<button name='register' value='true' formnovalidate>Register</button></form>"
            )
        if ask.path == "/password":
            name = [("username", ask.session["name"])]
            if ask.method == "POST" and self.enter(
                Ask("", "", name + ask.fields, ask.session, False)
            ):
                return go("/mfa")
            note = "<p>Password is invalid</p>" if ask.method == "POST" else ""
            return page(
                f"<h1>Password</h1>{note}<p>alice</p><form method='POST'><label for='p'>Password"
                "</label><input type='password' id='p' name='password'>"
                "<a href='/loginname'>Back</a><button type='submit'>Next</button></form>"
            )
        if ask.path == "/mfa" and ask.method == "GET":
            return page(
                "<h1>2-Factor Setup</h1><form method='POST'>"
                "<input type='radio' name='provider' value='0' id='o'><label for='o'>App</label>"
                "<input type='radio' name='provider' value='1' id='k'><label for='k'>Key</label>"
                "<button type='submit' name='skip' value='true'>Skip</button>"
                "<button type='submit'>Next</button></form>"
            )
        if ask.path == "/mfa":
            assert ask["skip"] == "true"
            return go("/device/confirm")
        if ask["action"]:
            self.decide(ask, yes=ask["action"] == "allowed")
            return page("<h1>Done</h1><p>You may now close this window.</p>")
        return page(
            "<h1>Welcome back alice!</h1><p>You are about to grant device tv access to: openid.</p>"
            "<button onclick=\"location.href='./confirm?action=allowed'\" "
            "type='button'>Allow</button>"
            "<button onclick=\"location.href='./confirm?action=denied'\" "
            "type='button'>Deny</button>"
        )


class CodeFormAgain(Site):
    """After the decision the code form is shown once more, with a notice."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session and ask.path != "/login":
            ask.session["wanted"] = f"{ask.path}?user_code={ask['user_code']}"
            return go("/login")
        if ask.path == "/login":
            if ask.method == "POST" and self.enter(ask, "email"):
                return go(ask.session.get("wanted", "/device"))
            note = "These credentials do not match our records." if ask.method == "POST" else ""
            return page(
                f"<form method='POST' action='/login'><label for='e'>Email</label><input id='e' "
                f"type='email' name='email'>{note}<label for='p'>Password</label><input id='p' "
                "type='password' name='password'><label><input type='checkbox' name='remember'>"
                "<span>Remember me</span></label><a href='/forgot'>Forgot your password?</a>"
                "<button type='submit'>Log in</button></form>",
                422 if note else 200,
            )
        if ask.path == "/device/authorize":
            self.decide(ask, yes=ask["_method"] != "DELETE")
            ask.session["status"] = "Success! Continue on your device."
            if self.state == "denied":
                ask.session["status"] = "Denied! Device authorization canceled."
            return go("/device")
        if ask.path == "/device" and ask.method == "POST":
            if not self.knows(ask["user_code"]):
                ask.session["status"] = "Incorrect code."
                return go("/device")
            return page(
                "<h1>Authorization Request</h1><p>TV is requesting permission.</p>"
                "<form method='post' action='/device/authorize'><input type='hidden' name='_token' "
                "value='x'><button class='btn btn-success'>Authorize</button></form>"
                "<form method='post' action='/device/authorize'><input type='hidden' name='_token' "
                "value='x'><input type='hidden' name='_method' value='DELETE'>"
                "<button class='btn btn-danger'>Cancel</button></form>"
            )
        status = ask.session.pop("status", "")
        return page(
            f"<p>{status}</p><p>Enter the code displayed on your device.</p>"
            "<form method='post' action='/device'><input type='hidden' name='_token' value='x'>"
            f"<input type='text' name='user_code' value='{ask['user_code']}'>"
            "<button type='submit'>Continue</button></form>"
        )


class SentOnByScript(Site):
    """The link's code is sent on by a script; buttons stand outside; two pages must "
    "be agreed to."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and ask.method == "GET" and ask["user_code"]:
            return page(
                f"<form method='post' action='/device'><input type='hidden' name='user_code' "
                f"value='{ask['user_code']}'><noscript>No JavaScript?<br><button autofocus "
                "type='submit'>Continue</button></noscript></form>",
                head="<script>document.addEventListener('DOMContentLoaded', function () "
                "{ document.forms[0].submit() });</script>",
            )
        if ask.path == "/device":
            if ask["abort"]:
                self.decide(ask, yes=False)
                return self.ask_code("The Sign-in request was interrupted.")
            if not self.knows(ask["user_code"]):
                return self.ask_code(
                    "The code you entered is incorrect." if ask["user_code"] else ""
                )
            if ask["confirm"]:
                return go("/interaction", 303)
            return page(
                "<h1>Confirm Device</h1><p><strong>TV</strong></p><p>The following code should be "
                f"displayed on your device</p><code>{self.code}</code><form id='f' method='post' "
                "action='/device'><input type='hidden' name='user_code' "
                f"value='{ask['user_code']}'>"
                "<input type='hidden' name='confirm' value='yes'></form>"
                "<button autofocus type='submit' form='f'>Continue</button><div>"
                "<button type='submit' form='f' value='yes' name='abort'>[ Abort ]</button></div>"
            )
        if ask.path == "/interaction" and ask["prompt"] == "consent":
            self.decide(ask, yes=True)
            return page("<h1>Sign-in Success</h1><p>Continue on your device</p>")
        if (
            ask.path == "/interaction"
            and "user" not in ask.session
            and not self.enter(ask, "login")
        ):
            return page(
                "<h1>Sign-in</h1><form method='post'><input type='hidden' "
                "name='prompt' value='login'>"
                "<input required type='text' name='login' placeholder='Enter any login'>"
                "<input required type='password' name='password' placeholder='and password'>"
                "<button type='submit'>Sign-in</button></form><a "
                "href='/interaction/abort'>[ Cancel ]"
                "</a>"
            )
        return page(
            "<h1>Authorize</h1><ul><li>scopes: profile</li></ul><form method='post' "
            "action='/interaction'><input type='hidden' name='prompt' value='consent'>"
            "<button autofocus type='submit'>Continue</button></form>"
            "<a href='/interaction/abort'>[ Cancel ]</a><a href='/tos'>[ Terms of Service ]</a>"
        )

    def ask_code(self, note: str) -> Response:
        return page(
            f"<h1>Sign-in</h1><p class='red'>{note}</p><p>Enter the code displayed on "
            "your device</p>"
            "<form id='i' novalidate method='post' action='/device'><input type='text' "
            "name='user_code' placeholder='Enter code' autocomplete='off'></form>"
            "<button type='submit' form='i'>Continue</button>"
        )


class Noise(Site):
    """A banner, a search, a language, a newsletter and a sign-out form round every page."""

    def answer(self, ask: Ask) -> Response:
        assert ask.path in {"/device", "/choose", "/connect"}, ask.path
        if ask.path == "/device" and "user" not in ask.session:
            if ask["user_code"]:
                ask.session["code"] = ask["user_code"]
            if ask["password"] and self.enter(ask, "id"):
                return go("/choose")
            note = "Wrong name or password." if ask["password"] else ""
            return self.framed(
                f"<h2>Hello</h2><p>{note}</p><form method='post' action='/device'><label>Your ID "
                "<input name='id' autocomplete='username'></label><label>Password <input "
                "type='password' name='password' autocomplete='current-password'></label>"
                "<button>Log in</button><button name='via' value='key'>Sign in with "
                "a passkey</button>"
                "</form>"
            )
        if ask.path == "/choose" and ask.method == "GET":
            return self.framed(
                "<h2>Choose an account</h2><form method='post'><button name='account' value='1'>"
                "<b>alice</b> alice@example.test</button></form><form method='post'>"
                "<button name='account' value='2'><b>bob</b> bob@example.test</button></form>"
                "<form method='post'><button name='account' value='0'>Use another account</button>"
                "</form>"
            )
        if ask.path == "/choose":
            assert ask["account"] == {"alice": "1", "bob": "2"}[ask.session["user"]]
            return go(f"/device?user_code={ask.session.pop('code', '')}")
        if ask.path == "/connect":
            self.decide(ask, yes=ask["verdict"] == "1")
            return self.framed(f"<h2>All set: {self.state}.</h2>")
        if ask.method == "GET" or not self.knows(ask["user_code"]):
            note = "We do not know this code: unknown or expired." if ask.method == "POST" else ""
            return self.framed(
                f"<h2>Connect a device</h2><p>{note}</p><form method='post' "
                "action='/device'><label>"
                f"Code <input name='user_code' value='{ask['user_code']}'></label>"
                "<button>Next</button></form>"
            )
        return self.framed(
            "<h2>TV wants to use your library</h2><form method='post' action='/connect'>"
            "<button name='verdict' value='0'>Don't allow</button>"
            "<button name='verdict' value='1'>Allow</button></form>"
        )

    def framed(self, body: str) -> Response:
        return page(
            "<form id='cookie-banner' method='post' action='/cookies'><p>We use cookies.</p>"
            "<button>Accept all</button><button>Decline</button></form>"
            "<form role='search' action='/search'><input name='q' "
            "placeholder='Search code and users'>"
            "<button>Go</button></form><form action='/lang' method='post'><select name='language'>"
            "<option>English</option><option>Deutsch</option></select><button>OK</button></form>"
            f"<form action='/logout' method='post'><button>Sign out</button></form>{body}<footer>"
            "<form action='/newsletter' method='post'><input type='email' name='mail'>"
            "<button>Subscribe</button></form><a href='/no'>No cookies, please</a></footer>"
        )


ODD: list[type[Site]] = [OnePage, NameThenPassword, CodeFormAgain, SentOnByScript, Noise]
