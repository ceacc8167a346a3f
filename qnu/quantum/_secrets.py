"""Credentials never leave the account store: whatever a provider says is cleaned of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

#: Where Qiskit keeps accounts.
_ACCOUNTS = Path("~/.qiskit/qiskit-ibm.json")
_NAMES = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)
_SPOKEN = re.compile(
    r"(?i)\b(bearer|basic|(?:access[_-]?)?token|api[_-]?key|authorization)(\"?\s*[:=]\s*|\s+)"
    r"(\"?(?:bearer |basic )?[\w.~+/=-]{16,}\"?)"
)
_BLOT = "[credential removed]"
_SHORTEST = 6  # shorter ones would blot out ordinary words


def redact(text: str) -> str:
    """A text without any credential of this user, as it is or encoded in an address.

    Known are the values of environment variables and of entries of Qiskit's account file whose
    names speak of a token, key, secret or password; besides, whatever follows such a word.
    """
    for secret in sorted(set(_known()), key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            text = text.replace(form, _BLOT)
    return _SPOKEN.sub(lambda found: f"{found[1]}{found[2]}{_BLOT}", text)


def _known() -> Iterator[str]:
    for name, value in os.environ.items():
        if _NAMES.search(name) and len(value) >= _SHORTEST:
            yield value
    try:
        accounts = json.loads(_ACCOUNTS.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    yield from _inside(accounts)


def _inside(entry: Any, name: str = "") -> Iterator[str]:
    if isinstance(entry, dict):
        for key, value in entry.items():
            yield from _inside(value, str(key))
    elif isinstance(entry, str) and _NAMES.search(name) and len(entry) >= _SHORTEST:
        yield entry
