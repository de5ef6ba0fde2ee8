"""What a click would do, where a page says so in one line of script.

No script runs here.  Three things are recognised, because consent pages do them and a person
without scripts would press the wrong thing: going to an address, setting a field, sending a form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_QUOTED = r"""["'`]([^"'`]*)["'`]"""
_GOES_TO = re.compile(
    rf"location(?:\.href)?\s*=\s*{_QUOTED}|location\.(?:assign|replace)\s*\(\s*{_QUOTED}"
)
_WORD = r"""["'`]?([\w.:-]*)["'`]?"""
_FIELD = (
    r"""(?:getElementById\(\s*["'`]([^"'`]+)["'`]\s*\)"""
    r"""|\$\(\s*["'`]#?([\w.:-]+)["'`]\s*\)"""
    r"""|querySelector\(\s*["'`](?:#([\w.:-]+)|[^"'`]*\[name=\\?["']?([\w.:-]+)[^"'`]*)["'`]\s*\)"""
    r"""|(?:form|forms\[[^\]]*\]|elements)(?:\[\s*["'`]([\w.:-]+)["'`]\s*\]|\.([\w-]+)))"""
)
_SETS = re.compile(
    rf"""{_FIELD}(?:\.value\s*=\s*{_WORD}|\.val\(\s*{_WORD}\s*\)"""
    rf"""|\.(?:attr|prop|setAttribute)\(\s*["'`]value["'`]\s*,\s*{_WORD}\s*\))"""
)
_SENDS = re.compile(r"\.(?:submit|requestSubmit)\s*\(")
_NAMED = re.compile(
    r"""(?:getElementById\(\s*["'`]([^"'`]+)["'`]\s*\)|forms\[\s*["'`]([^"'`]+)["'`]\s*\]"""
    r"""|document\.(?:forms\.)?(\w+))\.(?:submit|requestSubmit)\s*\("""
)
_WAITS = re.compile(
    r"""function\s+(\w+)\s*\(|(?:addEventListener|\.on)\(\s*["'`]"""
    r"""(?:click|submit|input|change|keyup|keydown|paste|blur)["'`]|\.on(?:click|submit|input)\s*="""
)
_WAITS = re.compile(
    r"""function\s+(\w+)\s*\(|(?:addEventListener|\.on)\(\s*["'`]"""
    r"""(?:click|submit|input|change|keyup|keydown|paste|blur)["'`]|\.on(?:click|submit|input)\s*="""
)
_CALLS = re.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_LONGEST = 1500
_MOST_CALLS = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """What a click does: `goes_to` an address, `sets` fields by id or name, `sends` a form.

    `form` is the id or name of the form that is sent, empty if it is the one around the button.
    """

    goes_to: str = ""
    sets: dict[str, str] = field(default_factory=dict)
    sends: bool = False
    form: str = ""


def effect_of(onclick: str, script: str = "") -> Effect:
    """What the handler `onclick` does, functions defined in the page's `script` included."""
    code = onclick[:_LONGEST]
    for name in _CALLS.findall(onclick[:_LONGEST])[:_MOST_CALLS]:
        code += "\n" + _body_of(name, script)
    going = _GOES_TO.search(code)
    sets = {}
    for found in _SETS.finditer(code):
        groups = found.groups()
        name = next((group for group in groups[:6] if group), "")
        sets[name] = next((group for group in groups[6:] if group is not None), "")
    named = _NAMED.search(code)
    return Effect(
        goes_to=next((part for part in going.groups() if part), "") if going else "",
        sets=sets,
        sends=bool(_SENDS.search(code)),
        form=next((part for part in named.groups() if part), "") if named else "",
    )


def listener_of(element: str, script: str) -> str:
    """The inline handler that the page's script adds to the element with this id, or nothing."""
    if not element:
        return ""
    mark = re.escape(element)
    found = re.search(
        rf"""["'`]#?{mark}["'`]\s*\)\s*\.\s*(?:addEventListener\(\s*["'`]click["'`]\s*,"""
        r"""|onclick\s*=|click\(|on\(\s*["'`]click["'`]\s*,)""",
        script,
    )
    return _block(script, found.end()) if found else ""


def sends_by_itself(script: str) -> bool:
    """Whether a page's script sends a form at once, as pages do that are only passed through.

    What a function does counts only if it is called; what waits for a click does not count.
    """
    senders = []
    for found in list(_WAITS.finditer(script))[:50]:
        block = _block(script, found.end())
        if _SENDS.search(block):
            script = script.replace(block, "{}", 1)
            senders.append(found.group(1) or "")
    if _SENDS.search(script):
        return True
    bare = re.sub(r"function\s+\w+\s*\(", "", script)
    return any(name and f"{name}(" in bare for name in senders)


def _body_of(name: str, script: str) -> str:
    mark = re.escape(name)
    found = re.search(
        rf"function\s+{mark}\s*\(|(?:const|let|var)\s+{mark}\s*=\s*(?:async\s*)?(?:function)?",
        script,
    )
    return _block(script, found.end()) if found else ""


def _block(script: str, start: int) -> str:
    opening = script.find("{", start, start + 200)
    if opening < 0:
        return script[start : start + 200].partition("\n")[0]
    depth = 0
    for index in range(opening, min(len(script), opening + _LONGEST)):
        depth += {"{": 1, "}": -1}.get(script[index], 0)
        if depth == 0:
            return script[opening : index + 1]
    return script[opening : opening + _LONGEST]
