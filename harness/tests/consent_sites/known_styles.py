"""Page orders and forms as servers in the field have them, in words of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response


class TwoButtonsInOneForm(Site):
    """Code, sign-in with cookie check and much around it, one form with two named buttons."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device":
            if not ask["device_user_code"] and not ask["user_code"]:
                return self.ask_code("")
            if not self.knows(ask["device_user_code"] or ask["user_code"]):
                return self.ask_code("<span>Invalid code, please try again.</span>")
            ask.session["code"] = "yes"
            return go("/realm/consent" if "user" in ask.session else "/realm/login?client_id=tv")
        if ask.path == "/realm/login" and ask.method == "GET":
            return self.ask_name("")
        if ask.path == "/realm/login":
            if ask.fresh:
                return page("<h1>We are sorry</h1><p>Cookie not found.</p>", 400)
            if not self.enter(ask):
                return self.ask_name("<span>Invalid username or password.</span>")
            return go("/realm/consent")
        if ask.path == "/realm/consent" and ask.method == "GET" and ask.session.get("code"):
            return page(
                "<h1>Grant access to Living Room TV</h1><ul><li>User profile</li></ul>"
                '<form class="form-actions" action="/realm/consent" method="POST">'
                '<input type="hidden" name="code" value="Zk4uNl93xw">'
                '<input name="accept" id="login-1" type="submit" value="Yes">'
                '<input name="cancel" id="cancel-1" type="submit" value="No"></form>'
            )
        if ask.path == "/realm/consent" and ask["code"] == "Zk4uNl93xw":
            self.decide(ask, yes="accept" in ask)
            word = "Login successful" if "accept" in ask else "Consent denied"
            return page(f"<h1>Device: {word}</h1><p>You may close this browser window.</p>")
        return page("<h1>Page not found</h1>", 404)

    def ask_code(self, note: str) -> Response:
        return page(
            f"<h1>Device login</h1>{note}<form action='/device' method='post'><label>"
            "<span>Enter the code provided by your device</span></label>"
            '<input id="device-user-code" name="device_user_code" autocomplete="off" type="text">'
            '<input type="submit" value="Submit"></form>'
        )

    def ask_name(self, note: str) -> Response:
        return page(
            "<div id='locale'><a href='/realm/login?locale=de'>Deutsch</a></div>"
            f"<h1>Sign in to your account</h1>{note}<form action='/realm/login' method='post'>"
            "<label for='username'>Username or email</label><input id='username' name='username'>"
            "<label for='password'>Password</label>"
            "<input id='password' name='password' type='password' autocomplete='off'>"
            "<label><input name='rememberMe' type='checkbox'> Remember me</label>"
            "<a href='/realm/reset'>Forgot password?</a>"
            '<input name="login" id="login-1" type="submit" value="Sign In"></form>'
            "<p>New user? <a href='/realm/registration'>Register</a></p>"
        )


class TwoForms(Site):
    """Connectors before the password, a form for yes and another for no, an error after the no."""

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device" and ask.method == "GET":
            return self.ask_code(ask["user_code"], "")
        if ask.path == "/device":
            if not self.knows(ask["user_code"]):
                return self.ask_code(ask["user_code"], "<div>Invalid or Expired User Code</div>")
            return go("/auth?state=q7")
        if ask.path == "/auth":
            return page(
                "<h2>Log in to the house</h2>"
                '<a href="/auth/corp?state=q7"><button>Log in with Corporate SSO</button></a>'
                '<a href="/auth/local?state=q7"><button>Log in with Email</button></a>'
            )
        if ask.path == "/auth/local":
            note = ""
            if ask.method == "POST":
                if self.enter(ask, "login"):
                    return go("/approval?state=q7", 303)
                note = "<div>Invalid Email Address and password.</div>"
            return page(
                f"<h2>Log in to Your Account</h2>{note}<form method='post' action='?state=q7'>"
                '<label for="login">Email Address</label><input required id="login" name="login">'
                '<label for="pw">Password</label><input id="pw" name="password" type="password">'
                '<button type="submit">Login</button></form><a '
                'href="/auth?state=q7">Select another.</a>'
            )
        if ask.path != "/approval":
            return page("<h2>Not Found</h2>", 404)
        if ask.method == "POST" and "user" in ask.session:
            self.decide(ask, yes=ask["approval"] == "approve")
            if ask["approval"] != "approve":
                return page("<h2>Internal Server Error</h2><p>Approval rejected.</p>", 500)
            return page("<h2>Login Successful for TV</h2><p>Return to your device to continue</p>")
        return page(
            "<h2>Grant Access</h2><div>TV would like to:</div><li>View basic profile</li>"
            '<form method="post"><input type="hidden" name="state" value="q7">'
            '<input type="hidden" name="approval" value="approve">'
            '<button type="submit"><span>Grant Access</span></button></form>'
            '<form method="post"><input type="hidden" name="state" value="q7">'
            '<input type="hidden" name="approval" value="rejected">'
            '<button type="submit"><span>Cancel</span></button></form>'
        )

    def ask_code(self, shown: str, note: str) -> Response:
        return page(
            f"<h2>Enter User Code</h2><form method='post' action='/device'><input required "
            f"name='user_code' placeholder='XXXX-XXXX' value='{shown}'>{note}"
            '<button type="submit">Submit</button></form>'
        )


class ScopeBoxes(Site):
    """Sign-in first; scopes to tick; a cancel button that resets the form by script."""

    verification_path = "/activate"

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/login" and ask.method == "POST" and self.enter(ask):
            return go(ask.session.get("wanted", "/activate"))
        if ask.path == "/login":
            bad = "<div>Bad credentials</div>" if "error" in ask else ""
            return (
                page(
                    f'<form method="post" action="/login"><h2>Please sign in</h2>{bad}<p><label '
                    'for="u">Username</label><input type="text" id="u" '
                    'name="username" required></p>'
                    '<p><label for="p">Password</label><input type="password" id="p" '
                    'name="password">'
                    '</p><button type="submit">Sign in</button></form>'
                )
                if ask.method == "GET"
                else go("/login?error")
            )
        if "user" not in ask.session:
            ask.session["wanted"] = f"{ask.path}?user_code={ask['user_code']}".removesuffix(
                "?user_code="
            )
            return go("/login")
        if ask.path == "/activate" and not ask["user_code"]:
            return page(
                "<h2>Device Activation</h2><p>Enter the activation code to authorize "
                "the device.</p>"
                '<form action="/verify" method="post"><label for="c">Activation Code</label>'
                '<input type="text" id="c" name="user_code" required autofocus>'
                '<button type="submit">Submit</button></form>'
            )
        if ask.path == "/activated":
            return page("<h2>Success!</h2><p>You have successfully activated your device.</p>")
        if not self.knows(ask["user_code"]):
            return page("<h1>Error</h1><p>[invalid_request] user_code</p>", 400)
        if "state" in ask:
            self.decide(ask, yes=bool(ask.all("scope")))
            if not ask.all("scope"):
                return page(
                    "<h1>Whitelabel Error Page</h1><p>type=Bad Request, status=400</p>", 400
                )
            assert ask.all("scope") == ["profile", "email"]
            return go("/activated")
        return page(
            "<h1>Consent required</h1><p><b>tv</b> wants to access your account <b>alice</b></p>"
            '<form name="consent_form" method="post" action="/verify">'
            '<input type="hidden" name="client_id" value="tv"><input type="hidden" name="state" '
            f'value="st"><input type="hidden" name="user_code" value="{ask["user_code"]}">'
            '<input type="checkbox" name="scope" value="profile" id="profile">'
            '<label for="profile">profile</label>'
            '<input type="checkbox" name="scope" value="email" id="email"><label for="email">email'
            '</label><input type="checkbox" id="openid" disabled checked><label for="openid">openid'
            '</label><button type="submit" id="submit-consent">Submit Consent</button>'
            '<button type="button" id="cancel-consent" onclick="cancelConsent();">Cancel</button>'
            "</form><p>If you do not approve, click Cancel, in which case nothing is shared.</p>",
            head="<script>function cancelConsent() { document.consent_form.reset(); "
            "document.consent_form.submit(); }</script>",
        )


KNOWN: list[type[Site]] = [TwoButtonsInOneForm, TwoForms, ScopeBoxes]
