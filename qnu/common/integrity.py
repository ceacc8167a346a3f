r"""A SHA-256 at the end of a file: damage is detected before anything in the file is used.

The last 77 bytes of a sealed file are ``\nqnu sha256 <64 hexadecimal digits>\n``, the digest of
everything before them. HDF5 and ZIP allow bytes after their own end, so other programs still open
the file; one that changes it removes the digest.
"""

from __future__ import annotations

import hashlib
from typing import IO, Any

_HEAD, _TAIL = b"\nqnu sha256 ", b"\n"
#: Bytes of the seal.
LENGTH = len(_HEAD) + 64 + len(_TAIL)
#: Bytes that are hashed and written at a time, so that an interrupt is handled.
PIECE = 1 << 24


class DamagedError(Exception):
    """The digest at the end of the file is not that of its content."""


class Sealing:
    """Writes pieces to a file, hashes them on the way, and ends with the seal.

    Examples:
        >>> import io
        >>> file = io.BytesIO()
        >>> sealing = Sealing(file)
        >>> sealing.write(b"content")
        >>> sealing.end()
        >>> opened(file.getvalue())
        b'content'
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def write(self, content: Any) -> None:
        """Any contiguous buffer, piece by piece, without a copy."""
        if not len(content):
            return
        with memoryview(content) as whole, whole.cast("B") as view:
            for begin in range(0, len(view), PIECE):
                with view[begin : begin + PIECE] as piece:
                    self._digest.update(piece)
                    self._file.write(piece)

    def end(self) -> None:
        """The seal."""
        self._file.write(_HEAD + self._digest.hexdigest().encode() + _TAIL)


def seal(content: bytes) -> bytes:
    r"""The seal of some bytes, to be put behind them.

    Examples:
        >>> seal(b"content")[:20]
        b'\nqnu sha256 ed7002b4'
    """
    return _HEAD + hashlib.sha256(content).hexdigest().encode() + _TAIL


def is_seal(tail: bytes) -> bool:
    """Whether the last bytes of a file have the form of a seal."""
    return len(tail) == LENGTH and tail.startswith(_HEAD) and tail.endswith(_TAIL)


def closed(content: bytes, *beside: str) -> bytes:
    """Bytes with their seal, which is also that of texts that are kept beside them.

    Examples:
        >>> opened(closed(b"content", "text"), "text")
        b'content'
    """
    return content + seal(_together(content, beside))


def opened(content: bytes, *beside: str) -> bytes:
    """Checked bytes without their seal; bytes that have none are returned as they are.

    Raises:
        DamagedError: the digest is another one.
    """
    inner, tail = content[:-LENGTH], content[-LENGTH:]
    if not is_seal(tail):
        return content
    if seal(_together(inner, beside)) != tail:
        raise DamagedError
    return inner


def _together(content: bytes, beside: tuple[str, ...]) -> bytes:
    parts = [part for text in beside for part in (text.encode(), b"\0")]
    return b"".join([*parts, content])


def check(file: IO[bytes], size: int) -> bool:
    """Whether a file has a seal, which is then checked; piece by piece.

    Args:
        file: open for reading.
        size: of the file in bytes.

    Raises:
        DamagedError: the digest is another one.
    """
    if size < LENGTH:
        return False
    file.seek(size - LENGTH)
    tail = file.read(LENGTH)
    if not is_seal(tail):
        return False
    digest, left = hashlib.sha256(), size - LENGTH
    file.seek(0)
    while left:
        piece = file.read(min(PIECE, left))
        if not piece:
            raise DamagedError  # it became shorter meanwhile
        digest.update(piece)
        left -= len(piece)
    if _HEAD + digest.hexdigest().encode() + _TAIL != tail:
        raise DamagedError
    return True
