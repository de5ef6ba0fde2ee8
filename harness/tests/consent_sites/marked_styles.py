"""Forms in which a value, a hidden flag or a query carries the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.tests.consent_sites.frame import Ask, Site, go, page

if TYPE_CHECKING:
    from harness.wire import Response


class SubmitValues(Site):
    """An unknown input type, a sign-in page with a refusal on it, buttons told by their value."""

    wrong_is_refused = True

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/device":
            typed = ask["code"]
            if ask.method == "POST" and self.knows(typed):
                return go("/login?login_challenge=abc")
            note = "<p>The code is wrong or was used</p>" if ask.method == "POST" else ""
            return page(
                f'<h1>Please input User Code</h1>{note}<form action="/device" method="POST">'
                '<input type="hidden" name="_csrf" value="x"><input type="hidden" name="challenge" '
                f'value="d1"><input type="code" name="code" value="{ask["user_code"]}" '
                'placeholder="XXXXXX"><input type="submit" name="submit" value="Send"></form>'
            )
        if ask.path == "/login":
            if ask.method == "POST" and ask["submit"] == "Log in" and self.enter(ask, "email"):
                return go("/consent?consent_challenge=def")
            assert ask["submit"] != "Deny access", "nobody has seen yet what is to be denied"
            note = "<p>The username / password combination is not correct</p>"
            return page(
                f"<h1>Please log in</h1>{note if ask.method == 'POST' else ''}<form method='POST' "
                "action='/login'><table><tr><td><input type='email' name='email' "
                "placeholder='mail@example.test'></td><td>(it is alice)</td></tr><tr><td>"
                "<input type='password' name='password'></td></tr></table>"
                "<input type='checkbox' id='remember' name='remember' value='1'>"
                "<label for='remember'>Remember me</label>"
                "<input type='submit' name='submit' value='Log in'>"
                "<input type='submit' name='submit' value='Deny access'></form>"
            )
        if ask.path == "/consent" and ask.method == "POST":
            assert "remember" not in ask
            yes = ask["submit"] == "Allow access"
            assert not yes or ask.all("grant_scope") == ["openid", "offline"]
            self.decide(ask, yes=yes)
            return go("/done") if yes else go("/error?error=access_denied")
        if ask.path == "/consent":
            return page(
                "<h1>An application requests access to your data!</h1><form action='/consent' "
                "method='POST'><input type='hidden' name='challenge' value='def'>"
                "<input type='checkbox' id='openid' value='openid' name='grant_scope'>"
                "<label for='openid'>openid</label><br>"
                "<input type='checkbox' id='offline' value='offline' name='grant_scope'>"
                "<label for='offline'>offline</label><p>Do you want to be asked next time?</p>"
                "<input type='checkbox' id='remember' name='remember' value='1'>"
                "<label for='remember'>Do not ask me again</label>"
                "<input type='submit' id='accept' name='submit' value='Allow access'>"
                "<input type='submit' id='reject' name='submit' value='Deny access'></form>"
            )
        return page(
            "<h1>You can close this</h1>" if ask.path == "/done" else "<p>access_denied</p>"
        )


class FlagByScript(Site):
    """A hidden flag that says yes until the refusal's script changes it."""

    def answer(self, ask: Ask) -> Response:
        if "user" not in ask.session:
            if ask["user_code"]:
                ask.session["wanted"] = f"/device?user_code={ask['user_code']}"
            if ask.path == "/j_login" and self.enter(ask, "j_username", "j_password"):
                return go(ask.session.get("wanted", "/device"))
            note = "<p>The system was unable to log you in.</p>" if ask.path == "/j_login" else ""
            return page(
                f"<h1>Log In</h1>{note}<form action='/j_login' method='POST'><input "
                "type='text' placeholder='Username' name='j_username' autocomplete='off'>"
                "<input type='password' name='j_password' placeholder='Password'>"
                "<input type='submit' value='Login' name='submit'></form>"
            )
        if ask.path == "/device":
            note = "<div class='alert'>That code was not found.</div>" if "error" in ask else ""
            return page(
                f"{note}<h1>Enter the code</h1><form action='/device/verify' method='POST'>"
                "<input type='text' name='user_code' placeholder='code' "
                f"value='{ask['user_code']}'>"
                "<input name='approve' value='Submit' type='submit'></form>"
            )
        if ask.path == "/device/verify":
            if not self.knows(ask["user_code"]):
                return go("/device?error=noUserCode")
            return page(
                "<h1>Approval Required for TV</h1><form action='/device/approve' method='post'>"
                "<legend>Access to:</legend><ul><li>your address</li></ul>"
                "<fieldset><legend>Remember this decision</legend>"
                "<input type='radio' name='remember' id='r1' value='until-revoked'>"
                "<label for='r1'>until I revoke it</label>"
                "<input type='radio' name='remember' id='r2' value='none' checked>"
                "<label for='r2'>Prompt me again next time</label></fieldset>"
                "<h3>Do you authorize TV?</h3>"
                "<input id='flag' name='user_oauth_approval' value='true' type='hidden'>"
                f"<input type='hidden' name='user_code' value='{ask['user_code']}'>"
                "<input name='authorize' value='Authorize' type='submit' "
                "onclick=\"$('#flag').attr('value',true)\">"
                "<input name='deny' value='Deny' type='submit' "
                "onclick=\"$('#flag').attr('value',false)\"></form>"
            )
        assert ask["remember"] == "none"
        self.decide(ask, yes=ask["user_oauth_approval"] == "true")
        return page(f"<h1>The device was {self.state}</h1>")


class QueryForms(Site):
    """A code form that is sent in the query; a description that nobody must give; long labels."""

    link_parameter = "userCode"

    def answer(self, ask: Ask) -> Response:
        if ask.path == "/account/login":
            if (
                ask.method == "POST"
                and ask["button"] == "login"
                and self.enter(ask, "Username", "Password")
            ):
                return go(ask["ReturnUrl"] or "/device")
            note = "<li>Invalid username or password</li>" if ask.method == "POST" else ""
            return page(
                f"<h1>Login</h1><div>{note}</div><form method='post'><input type='hidden' "
                f"name='ReturnUrl' value='{ask['ReturnUrl']}'><label for='U'>Username</label>"
                "<input id='U' name='Username'><label for='P'>Password</label>"
                "<input id='P' name='Password' type='password'>"
                "<input type='checkbox' id='R' name='RememberLogin' value='true'>"
                "<label for='R'>Remember My Login</label>"
                "<button name='button' value='login'>Login</button>"
                "<button name='button' value='cancel'>Cancel</button></form>"
            )
        if "user" not in ask.session:
            code = ask["userCode"]
            back = f"/device?userCode={code}" if code else "/device"
            return go(f"/account/login?ReturnUrl={back.replace('?', '%3F').replace('=', '%3D')}")
        if ask.path == "/device/callback":
            yes = ask["button"] == "yes"
            assert not yes or ask.all("ScopesConsented") == ["openid", "profile"]
            assert "RememberConsent" not in ask
            self.decide(ask, yes=yes)
            return page("<h1>Success</h1><p>You have successfully completed the request</p>")
        if not self.knows(ask["userCode"]):
            note = "<p>The code is invalid</p>" if ask["userCode"] else ""
            return page(
                f"<h1>User Code</h1><p>Please enter the code displayed on your device.</p>{note}"
                "<form method='get' action='/device'><label for='userCode'>User Code:</label>"
                "<input id='userCode' name='userCode' autofocus>"
                "<button name='button'>Submit</button></form>"
            )
        return page(
            "<h1>TV <small>is requesting your permission</small></h1><p>Please confirm that the "
            f"request quotes the code: {self.code}</p><form action='/device/callback' "
            "method='post'>"
            f"<input type='hidden' name='UserCode' value='{self.code}'>"
            "<p>Uncheck the permissions you do not wish to grant.</p>"
            "<input type='hidden' name='ScopesConsented' value='openid'>"
            "<input type='checkbox' id='s1' value='openid' checked disabled>"
            "<label for='s1'>Your user identifier</label>"
            "<input type='checkbox' id='s2' name='ScopesConsented' value='profile' checked>"
            "<label for='s2'>User profile</label>"
            "<input placeholder='Description or name of device' name='Description'>"
            "<input type='checkbox' id='rc' name='RememberConsent' value='true'>"
            "<label for='rc'><b>Remember My Decision</b></label>"
            "<button name='button' value='yes' autofocus>Yes, Allow</button>"
            "<button name='button' value='no'>No, Do Not Allow</button>"
            "<a href='http://tv.test/' class='btn'>TV</a></form>"
        )


MARKED: list[type[Site]] = [SubmitValues, FlagByScript, QueryForms]
