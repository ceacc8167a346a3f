"""Removes credentials from the messages of providers."""

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
_LABELED = re.compile(
    r"(?i)\b(bearer|basic|(?:access[_-]?)?token|api[_-]?key|authorization)(\"?\s*[:=]\s*|\s+)"
    r"(\"?(?:bearer |basic )?[\w.~+/=-]{16,}\"?)"
)
#: ``//user:password@`` of a URL, such as that of a proxy.
_LOGIN = re.compile(r"(?<=//)[^\s/@:]*:([^\s/@]+)(?=@)")
_REMOVED = "[credential removed]"
_SHORTEST = 6  # shorter ones occur in ordinary words


def redact(text: str) -> str:
    """A text without the credentials of this user, whether plain or encoded for a URL.

    Removed are the values of environment variables and of entries of Qiskit's account file whose
    names contain token, key, secret or password, and the passwords in URLs there (of proxies);
    also whatever follows such a word in the text, and every login in a URL.
    """
    secrets = {form for secret in _secrets() for form in _forms(secret)}
    for form in sorted(secrets, key=len, reverse=True):
        text = text.replace(form, _REMOVED)
    text = _LOGIN.sub(_REMOVED, text)
    return _LABELED.sub(lambda match: f"{match[1]}{match[2]}{_REMOVED}", text)


def _forms(secret: str) -> Iterator[str]:
    """Plain, in JSON, and in a URL: programs differ in what they encode, and how."""
    yield secret
    yield json.dumps(secret)[1:-1]
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)


def _secrets() -> Iterator[str]:
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
        for secret in (*named, *_LOGIN.findall(entry)):
            yield from (form for form in {secret, unquote(secret)} if len(form) >= _SHORTEST)
