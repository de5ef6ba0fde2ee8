"""Whether a device_code was made out of its user_code (RFC 8628 section 5.2)."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def computed_from(user_code: str, device_code: str) -> bool:
    """Whether the device_code contains the user_code or a digest of it; a heuristic, no proof."""
    folded = device_code.lower()
    bare = re.sub(r"[\W_]", "", user_code)
    for spelling in {user_code, bare.upper(), bare.lower()}:
        raw = spelling.encode()
        forms = [spelling, raw.hex(), hashlib.sha1(raw, usedforsecurity=False).hexdigest()]
        forms.append(hashlib.sha256(raw).hexdigest())
        forms.append(base64.urlsafe_b64encode(raw).decode().rstrip("="))
        forms.append(base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).decode().rstrip("="))
        if any(form.lower() in folded for form in forms if _telling(form.lower())):
            return True
    return False


def _telling(form: str) -> bool:
    """Whether it is long enough not to turn up by chance; six digits do in many hex strings."""
    return len(form) >= (8 if set(form) <= set("0123456789abcdef") else 6)
