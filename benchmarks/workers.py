"""One process per engine, driven over a pipe: its own threads, and memory given back at its end.

The parent alternates between them, so that a disturbance of the machine meets all alike. Requests
and answers are JSON, one per line.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .threads import settings

ROOT = Path(__file__).parents[1]


class EngineError(RuntimeError):
    """What went wrong in a worker, in one line."""


class Worker:
    """The parent's end."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.workers", key],
            cwd=ROOT,
            env=os.environ | settings(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def ask(self, timeout: float | None = None, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise EngineError("its process has ended") from None
        if not select.select([self.process.stdout], [], [], timeout)[0]:
            self.process.kill()
            raise EngineError(f"no answer in {timeout:g} s")
        line = self.process.stdout.readline()
        if not line:
            raise EngineError(f"its process ended with {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer

    def close(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(key: str) -> None:
    """The worker's end: prepare a form, run it, forget it."""
    # whatever a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from .circuit import Problem
    from .engines import by_key

    engine = by_key(key)
    module = engine.load()
    forms = module.FORMS | getattr(module, "EXTRA", {})
    ready: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {}
            if request["do"] == "forms":
                answer["forms"] = list(module.FORMS)
            elif request["do"] == "prepare":
                problem = Problem(request["count"])
                problem.schedule  # noqa: B018  # not part of anybody's build time
                start = time.perf_counter()
                ready[request["form"]] = forms[request["form"]](problem, engine.precision)
                answer["build_s"] = time.perf_counter() - start
            elif request["do"] == "run":
                seconds = []
                for _ in range(request.get("times", 1)):
                    start = time.perf_counter()
                    polarization = ready[request["form"]]()
                    seconds.append(time.perf_counter() - start)
                answer |= {"seconds": seconds, "polarization": polarization.tolist()}
            else:
                ready.clear()
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
