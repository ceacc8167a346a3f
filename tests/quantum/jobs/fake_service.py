"""A provider that behaves like a real one: it keeps jobs on disk, is slow to list them, and fails.

It knows nothing of the store. Work arrives when its file appears; a process killed before that
sent nothing, one killed after it sent a job, whether it heard so or not.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from qnu.quantum.jobs import ServiceError, Status, Work
from qnu.quantum.jobs.results import pack_circuits, pack_results, unpack_circuits, unpack_results
from qnu.quantum.machines import IonMachine

MACHINE = IonMachine(backend="trap", qubits=3, two_qubit_error=0.01, shots=200)

FAULTS = {
    "network": lambda: ServiceError("trap", "not reached", "check the network", again=True),
    "credentials": lambda: ServiceError(
        "trap", "the token is not accepted", "a new one", sent=False
    ),
    "maintenance": lambda: ServiceError("trap", "in maintenance", "try later", sent=False),
    "odd": lambda: ServiceError("trap", "an answer that is not understood", "ask again"),
}

_computed: dict[bytes, bytes] = {}


class FakeService:
    """Jobs are files in a folder; ``slow``: so many questions pass before a job is listed.

    ``account``: the instances that it reaches; a job arrives in the first, and is listed there.
    """

    name, costs = "trap", True

    def __init__(self, folder: Path, slow: int = 0, account: str = "mine") -> None:
        self.folder, self.slow, self.account = folder, slow, account
        folder.mkdir(exist_ok=True)

    # ---- what tests set

    def fail(self, method: str, *faults: str) -> None:
        """The next calls of a method fail; ``"network after"``: once it has done its work."""
        path = self.folder / f"faults-{method}.json"
        path.write_text(json.dumps(list(faults)), encoding="utf-8")

    def end(self, state: str, detail: str = "") -> None:
        """All jobs end, or are stuck, like this."""
        (self.folder / "state.json").write_text(json.dumps([state, detail]), encoding="utf-8")

    @property
    def received(self) -> list[str]:
        """Every job that ever arrived."""
        return sorted(path.stem for path in self.folder.glob("*.job"))

    def computed(self, work: Work) -> bytes:
        """What the machine answers to this work, always the same."""
        asked = pack_circuits(work.circuits) + f"{work.seed} {work.recipe['shots']}".encode()
        if asked not in _computed:
            job = MACHINE.submit(list(work.circuits), dict(work.recipe), work.seed, lambda _: None)
            _computed[asked] = pack_results(job.result())
        return _computed[asked]

    # ---- what a JobRunner calls

    def instances(self) -> frozenset[str]:
        self._fault("instances")
        return frozenset(self.account.split())

    @contextlib.contextmanager
    def together(self, execution: Mapping[str, Any]) -> Iterator[None]:
        self._fault("together")
        yield

    def submit(self, work: Work, tag: str) -> str:
        after = self._fault("submit")
        job = uuid.uuid4().hex
        part = self.folder / f"{job}.arriving"
        entry = {"tag": tag, "recipe": dict(work.recipe), "seed": work.seed, "lookups": 0}
        entry["instance"] = self.account.split()[0]
        (self.folder / f"{job}.qpy").write_bytes(pack_circuits(work.circuits))
        part.write_text(json.dumps(entry), encoding="utf-8")
        os.replace(part, self.folder / f"{job}.job")
        if after:
            raise FAULTS[after]()
        return job

    def find(self, tag: str) -> list[str]:
        self._fault("find")
        found = []
        for path in sorted(self.folder.glob("*.job")):
            entry = json.loads(path.read_text(encoding="utf-8"))
            if entry["tag"] == tag and entry["instance"] in self.account.split():
                if entry["lookups"] >= self.slow:
                    found.append(path.stem)
                entry["lookups"] += 1
                path.write_text(json.dumps(entry), encoding="utf-8")
        return found

    def status(self, job: str) -> Status:
        self._fault("status")
        self._job(job)
        path = self.folder / "state.json"
        return (
            Status(*json.loads(path.read_text(encoding="utf-8")))
            if path.exists()
            else Status("done")
        )

    def result(self, job: str) -> Sequence[Any]:
        self._fault("result")
        entry = self._job(job)
        circuits = unpack_circuits((self.folder / f"{job}.qpy").read_bytes())
        return unpack_results(self.computed(Work(circuits, entry["recipe"], entry["seed"])))

    def cancel(self, job: str) -> None:
        self._fault("cancel")
        self._job(job)
        self.end("cancelled")

    def _job(self, job: str) -> Any:
        path = self.folder / f"{job}.job"
        if not path.exists():
            raise ServiceError("trap", f"knows no job {job}", "look for it")
        return json.loads(path.read_text(encoding="utf-8"))

    def calls(self, method: str) -> int:
        """How often a method was called, by whatever process."""
        path = self.folder / f"calls-{method}"
        return path.stat().st_size if path.exists() else 0

    def _fault(self, method: str) -> str | None:
        with open(self.folder / f"calls-{method}", "a", encoding="utf-8") as log:
            log.write(".")
        path = self.folder / f"faults-{method}.json"
        if not path.exists():
            return None
        first, *rest = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(rest), encoding="utf-8") if rest else path.unlink()
        kind, _, after = first.partition(" ")
        if after:
            return str(kind)
        raise FAULTS[kind]()
