"""Shared by all commands: exit codes, one-line errors, interrupts, progress, the terminal."""

from __future__ import annotations

import _thread
import contextlib
import functools
import io
import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any, NoReturn, overload

from ..errors import PremiseWarning, QnuError, QnuWarning, printable

#: Seconds until a signal that was lost is sent again.
_AGAIN = 0.02

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130
TERMINATED = 143
_MOST_DIGITS = 100  # of a number; its range is checked where it is used


_command: ContextVar[tuple[str, ...]] = ContextVar("command", default=())


def set_command_line(arguments: Iterable[str]) -> None:
    """What this process was asked to do, without the name of the program."""
    _command.set(tuple(arguments))


def command_line() -> str:
    """``qnu run two_groups_10``, as a shell takes it; "" where it is not known."""
    given = _command.get()
    return printable(shlex.join(["qnu", *given])) if given else ""


@overload
def whole_number(option: str, text: str) -> int: ...


@overload
def whole_number(option: str, text: str | None) -> int | None: ...


def whole_number(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    raise QnuError(option, text, "a whole number >= 0 and < 2^63")


def wrapped(head: str, text: str, indent: str) -> list[str]:
    """Lines that fit the terminal: the first begins with ``head``, the others with ``indent``."""
    import textwrap

    return textwrap.wrap(text, width(), initial_indent=head, subsequent_indent=indent) or [head]


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    import shutil

    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120))


@contextlib.contextmanager
def checking(spec: str, quiet: bool) -> Iterator[None]:
    """A spinner while the file is checked and the schedule is made."""
    if quiet:
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True, width=width()).status(f"checking {escape(printable(spec))}"):
        yield


@contextlib.contextmanager
def progress(names: Iterable[str], quiet: bool) -> Iterator[Any]:
    """Bars with the time left, one per method, on stderr; silent with ``--quiet``."""
    if quiet:
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    longest = min(max(map(len, names)), 24)
    columns = (
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, width=width())
    bars = Progress(*columns, console=console, expand=True)

    @contextlib.contextmanager
    def stage(name: str) -> Iterator[Callable[[float], None]]:
        task = bars.add_task(f"{name:<{longest}}", total=None)  # until it first reports

        def advance(fraction: float) -> None:
            bars.update(task, total=1.0, completed=fraction)

        yield advance
        advance(1.0)

    bars.start()
    try:
        yield stage
    except BaseException:
        bars.live.transient = True  # only the error stays on the screen
        bars.live.stop()
        raise
    bars.stop()


@contextlib.contextmanager
def _silent(name: str) -> Iterator[Callable[[float], None]]:
    del name
    yield lambda fraction: None


def echo(text: str = "", *, error: bool = False) -> None:
    """A line on stdout or stderr; names in it cannot change the terminal."""
    import typer

    typer.echo(printable(text), err=error)


def show_path(name: str, path: Path, note: str = "") -> None:
    """``name: path``, relative to the working directory where it is below it.

    A long path is on its own line, without line breaks, so that it can be copied.
    """
    here = Path.cwd()
    shown = str(path.relative_to(here) if path.is_relative_to(here) else path)
    if len(f"{name}: {shown}{note}") <= width():
        echo(f"{name}: {shown}{note}")
    else:
        echo(f"{name}{note}:")
        echo(shown)


def fail(message: str, code: int) -> NoReturn:
    print(f"qnu: {printable(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(code)


def fail_stopped(order: BaseException, message: str) -> NoReturn:
    """Ends a command that was stopped, by Ctrl-C or by SIGTERM; the message says what is left."""
    if isinstance(order, Terminated):
        fail(f"terminated; {message}", TERMINATED)
    fail(f"interrupted; {message}", INTERRUPTED)


class _Stderr(io.TextIOBase):
    """stderr that ignores write errors (a full disk), so that no result is lost to them."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            self._give_up()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._give_up()
        except ValueError:  # it is closed already; Python flushes once more when this object goes
            return

    def _give_up(self) -> None:
        """Discards what is left in the buffers, also when Python ends."""
        with contextlib.suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(getattr(self._stream, "encoding", "utf-8"))


@contextlib.contextmanager
def stderr_may_fail() -> Iterator[None]:
    """Inside the block, write errors of stderr are ignored."""
    before = sys.stderr
    sys.stderr = _Stderr(before)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.stderr.flush()
        sys.stderr = before


@contextlib.contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Every QnuWarning as ``qnu: warning: ...`` on stderr; others as Python prints them."""

    with _qnu_warnings_to(lambda warning, premise: _say(warning)):
        yield


def _say(warning: str) -> None:
    """On one line, for programs; on a terminal, in lines that fit."""
    text = f"qnu: warning: {warning}"
    lines = wrapped("", text, "    ") if sys.stderr.isatty() else [text]
    print("\n".join(lines), file=sys.stderr)


@contextlib.contextmanager
def warnings_at_the_end() -> Iterator[set[str]]:
    """Inside the block, every QnuWarning is kept, and said once when it ends.

    Yields the names of premises that are said in other words, to which the block adds.
    """
    kept: dict[str, str] = {}
    said: set[str] = set()
    try:
        with _qnu_warnings_to(kept.setdefault):
            yield said
    finally:
        for warning, premise in kept.items():
            if premise not in said:
                _say(warning)


@contextlib.contextmanager
def _qnu_warnings_to(take: Callable[[str, str], object]) -> Iterator[None]:
    """Warnings of qnu, on one line each with the premise they are about, to ``take``; others as
    before."""

    def show(message: Any, category: Any, *where: Any, **more: Any) -> None:
        if isinstance(message, QnuWarning):
            text = printable(" ".join(str(message).split()))
            take(text, message.premise if isinstance(message, PremiseWarning) else "")
        else:
            before(message, category, *where, **more)

    with warnings.catch_warnings():
        before = warnings.showwarning
        warnings.showwarning = show
        yield


class Terminated(BaseException):
    """SIGTERM, as batch systems send it."""


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that a half-written folder is removed."""

    def leave(number: int, frame: object) -> NoReturn:
        del number, frame
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread
        yield
        return
    hook = sys.unraisablehook
    sys.unraisablehook = functools.partial(_send_again, hook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, before)


def _send_again(hook: Callable[[Any], object], unraisable: Any) -> None:
    """Repeats a signal that arrived in a callback, where Python drops every exception."""
    numbers = {Terminated: signal.SIGTERM, KeyboardInterrupt: signal.SIGINT}
    number = numbers.get(unraisable.exc_type)
    if number is None:
        hook(unraisable)
        return
    again = threading.Timer(_AGAIN, _raise_in_main_thread, (number,))
    again.daemon = True
    again.start()


def _raise_in_main_thread(number: signal.Signals) -> None:
    if not hasattr(signal, "pthread_kill"):  # Windows
        _thread.interrupt_main(number)
        return
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, number)
