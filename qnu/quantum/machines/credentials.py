"""Credentials never leave the account store: whatever a provider says is cleaned of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

#: Where Qiskit keeps accounts.
_ACCOUNTS = Path("~/.qiskit/qiskit-ibm.json")
_NAMES = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?i)\b(bearer|basic|(?:access[_-]?)?token|api[_-]?key|authorization)(\"?\s*[:=]\s*|\s+)"
    r"(\"?(?:bearer |basic )?[\w.~+/=-]{16,}\"?)"
)
#: ``//user:password@`` of an address, such as that of a proxy.
_LOGIN = re.compile(r"(?<=//)[^\s/@:]*:([^\s/@]+)(?=@)")
_BLOT = "[credential removed]"
_SHORTEST = 6  # shorter ones would blot out ordinary words


def redact(text: str) -> str:
    """A text without any credential of this user, as it is or encoded in an address.

    Known are the values of environment variables and of entries of Qiskit's account file whose
    names speak of a token, key, secret or password, and the passwords in addresses there (of
    proxies); besides, whatever follows such a word, and every login in an address.
    """
    known = {form for secret in _known() for form in _forms(secret)}
    for form in sorted(known, key=len, reverse=True):
        text = text.replace(form, _BLOT)
    text = _LOGIN.sub(_BLOT, text)
    return _SPOKEN.sub(lambda found: f"{found[1]}{found[2]}{_BLOT}", text)


def _forms(secret: str) -> Iterator[str]:
    """As it is, in JSON, and in an address: programs differ in what they encode, and how."""
    yield secret
    yield json.dumps(secret)[1:-1]
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), encoded)


def _known() -> Iterator[str]:
    for name, value in os.environ.items():
        yield from _inside(value, name)
    try:
        accounts = json.loads(_ACCOUNTS.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError, RecursionError):  # no home, no file, not JSON
        return
    yield from _inside(accounts)


def _inside(entry: Any, name: str = "") -> Iterator[str]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            yield from _inside(value, str(key))
    elif isinstance(entry, list):
        for value in entry:
            yield from _inside(value, name)
    elif isinstance(entry, str):
        named = [entry] if _NAMES.search(name) else []
        for found in (*named, *_LOGIN.findall(entry)):
            yield from (form for form in {found, unquote(found)} if len(form) >= _SHORTEST)
