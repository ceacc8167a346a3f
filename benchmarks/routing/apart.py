"""Calls in a process of their own, which is ended where one takes too long."""

from __future__ import annotations

import importlib
import multiprocessing
import warnings
from collections.abc import Callable
from typing import Any


class Apart:
    """``call(function, ...)``: its answer, or a text that says why there is none.

    The process stays between calls (imports and compiled kernels are loaded once).
    """

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Any = None

    def call(self, limit: float, function: Callable[..., Any], *arguments: Any) -> Any:
        if self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=_serve, args=(other,), daemon=True)
            self._process.start()
            other.close()
        self._pipe.send((function.__module__, function.__name__, arguments))
        try:
            if self._pipe.poll(limit):
                return self._pipe.recv()
        except EOFError:
            self.close()
            return "its process ended"
        self.close()
        return f"not done in {limit:.0f} s"

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def _serve(pipe: Any) -> None:
    warnings.simplefilter("ignore")
    while True:
        try:
            module, name, arguments = pipe.recv()
        except EOFError:
            return
        try:
            answer = getattr(importlib.import_module(module), name)(*arguments)
        except Exception as error:  # whatever a compiler raises is its result
            answer = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        pipe.send(answer)
