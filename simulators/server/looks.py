"""How the pages look: templates and their one style sheet.

Plain HTML without script, every value escaped, readable on a phone and by a screen reader.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape

from simulators.server.config import SCOPES

STYLE = """
:root{color-scheme:light dark;--ink:#1c2127;--soft:#4c5560;--paper:#f2f4f7;--card:#fff;
--line:#7b8694;--deep:#17509e;--on-deep:#fff;--alarm:#a3151c;--note:#fdf3d7;--on-note:#4a3600}
@media (prefers-color-scheme:dark){:root{--ink:#eceff3;--soft:#b4bdc8;--paper:#14181d;
--card:#1e242b;--line:#8a95a3;--deep:#9cc3ff;--on-deep:#0b1d38;--alarm:#ff9a94;--note:#3a3116;
--on-note:#fbe7ae}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:var(--paper);color:var(--ink);
font:1.0625rem/1.55 system-ui,sans-serif}
main{max-width:29rem;margin:4vh auto;padding:1.5rem;background:var(--card);border-radius:.9rem;
box-shadow:0 .1rem .8rem rgb(0 0 0/.12)}
h1{margin:0 0 .75rem;font-size:1.45rem;line-height:1.25}
p,ul{margin:0 0 1rem}
ul{padding-left:1.25rem}
small,.soft{color:var(--soft);font-size:.9375rem}
a{color:var(--deep)}
label{display:block;margin:0 0 .3rem;font-weight:600}
input{width:100%;margin:0 0 1rem;padding:.7rem;border:.1rem solid var(--line);border-radius:.5rem;
background:var(--card);color:var(--ink);font:inherit}
input.code,.code{font-family:ui-monospace,monospace;letter-spacing:.12em}
input.code{font-size:1.3rem;text-transform:uppercase}
.code{display:block;margin:.2rem 0 1rem;font-size:1.7rem;font-weight:700;overflow-wrap:anywhere}
.choice{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}
button{width:100%;min-height:3rem;padding:.6rem;border:.1rem solid var(--deep);border-radius:.5rem;
background:var(--deep);color:var(--on-deep);font:inherit;font-weight:600;cursor:pointer}
:focus-visible{outline:.2rem solid var(--deep);outline-offset:.15rem}
.alarm{color:var(--alarm);font-weight:600}
.note{padding:.75rem 1rem;border-radius:.5rem;background:var(--note);color:var(--on-note)}
"""

STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""What the Content-Security-Policy knows the style sheet by."""


def page(title: str, body: str) -> bytes:
    """A whole page; `title` is escaped here, `body` must be already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}</main>\n</body>\n</html>\n"
    ).encode()


def enter(
    action: str, trouble: str | None = None, typed: str = "", *, digits: bool = False
) -> bytes:
    """Where the user code is typed."""
    keyboard = ' inputmode="numeric"' if digits else ' autocapitalize="characters"'
    return page(
        "Connect a device",
        _alarm(trouble) + f'<form method="post" action="{escape(action)}">\n'
        '<label for="user_code">Code shown on your device</label>\n'
        '<input class="code" id="user_code" name="user_code" type="text" required '
        f'autocomplete="off" spellcheck="false"{keyboard} value="{escape(typed)}"'
        f"{_described(trouble)}>\n"
        "<button>Continue</button>\n</form>\n",
    )


def sign_in(action: str, proof: str, trouble: str | None = None, username: str = "") -> bytes:
    """Where a person says who they are."""
    return page(
        "Sign in",
        _alarm(trouble)
        + f'<form method="post" action="{escape(action)}">\n{_hidden({"proof": proof})}'
        '<label for="username">User name</label>\n'
        '<input id="username" name="username" type="text" required autocomplete="username" '
        f'autocapitalize="none" spellcheck="false" value="{escape(username)}"'
        f"{_described(trouble)}>\n"
        '<label for="password">Password</label>\n'
        '<input id="password" name="password" type="password" required '
        'autocomplete="current-password">\n'
        "<button>Sign in</button>\n</form>\n",
    )


def consent(
    action: str,
    hidden: Mapping[str, str],
    *,
    client: str,
    person: str,
    scope: Iterable[str],
    code: str,
    warns: bool,
    choices: Iterable[tuple[str, str]],
    focused: str | None = None,
    other_account: str,
) -> bytes:
    """Who asks for what, the code to compare, and an equal choice between yes and no."""
    asks = "".join(
        f"<li>{escape(SCOPES.get(name, name))} <small>({escape(name)})</small></li>\n"
        for name in scope
    )
    device = escape(client) or "A device"
    compare = (
        f'<p id="compare">Compare this code with the one on the device: '
        f'<strong class="code">{escape(code)}</strong></p>\n'
        if code
        else ""
    )
    warning = (
        '<p class="note">Only go on if the device is in your possession and shows this very code. '
        "If somebody sent you a link or a code, deny.</p>\n"
        if warns
        else ""
    )
    buttons = "".join(
        f'<button name="decision" value="{value}"{" autofocus" * (value == focused)}>{label}'
        "</button>\n"
        for value, label in choices
    )
    return page(
        f"Connect {client}?" if client else "Connect a device?",
        f"<p><strong>{device}</strong> is a device that asks for access to your account. "
        f"You are signed in as <strong>{escape(person)}</strong>. "
        f'<a href="{escape(other_account)}">Not you?</a></p>\n'
        + (f"<p>It would be able to:</p>\n<ul>\n{asks}</ul>\n" if asks else "")
        + compare
        + warning
        + f'<form method="post" action="{escape(action)}">\n{_hidden(hidden)}'
        f'<div class="choice">\n{buttons}</div>\n</form>\n',
    )


def message(title: str, text: str, again: str | None = None) -> bytes:
    """A page that tells something; `again` is where a code can be entered."""
    link = f'<p><a href="{escape(again)}">Enter a code</a></p>\n' if again else ""
    return page(title, f'<p role="status">{escape(text)}</p>\n{link}')


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in fields.items()
    )


def _alarm(trouble: str | None) -> str:
    return f'<p class="alarm" id="trouble" role="alert">{escape(trouble)}</p>\n' if trouble else ""


def _described(trouble: str | None) -> str:
    return ' aria-invalid="true" aria-describedby="trouble"' if trouble else ""
