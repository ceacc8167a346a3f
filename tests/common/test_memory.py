"""What a container, a batch job or ulimit allows counts, not only what the machine has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qnu import QnuError
from qnu.common import memory

MIB = 2**20


@pytest.fixture(autouse=True)
def a_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_SYSTEM", tmp_path)
    monkeypatch.setattr(memory, "_left_of_addresses", lambda: iter(()))
    machine = type("machine", (), {"available": 1000 * MIB, "total": 2000 * MIB})
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: machine)


def files(root: Path, **content: object) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, value in content.items():
        (root / name.replace("__", ".")).write_text(f"{value}\n", encoding="utf-8")


def version_2(root: Path, limit: object, used: int, cache: int = 0, high: object = "max") -> None:
    files(
        root,
        memory__max=limit,
        memory__high=high,
        memory__current=used,
        memory__stat=f"anon 5\nfile 9\ninactive_file {cache}\nactive_file 7",
    )


def version_1(root: Path, limit: int, used: int, cache: int = 0) -> None:
    files(
        root,
        memory__limit_in_bytes=limit,
        memory__usage_in_bytes=used,
        memory__stat=f"cache 5\ninactive_file 1\ntotal_inactive_file {cache}",
    )


def test_a_machine_without_groups() -> None:
    assert memory.available() == 1000 * MIB


@pytest.mark.parametrize("limit", ["max", 10**15])
def test_a_group_without_a_limit(tmp_path: Path, limit: object) -> None:
    files(tmp_path / "proc/self", cgroup="0::/")
    version_2(tmp_path / "sys/fs/cgroup", limit, 10 * MIB)
    assert memory.available() == 1000 * MIB


def test_version_2_and_the_files_in_the_cache(tmp_path: Path) -> None:
    files(tmp_path / "proc/self", cgroup="0::/")
    version_2(tmp_path / "sys/fs/cgroup", 512 * MIB, 300 * MIB, cache=100 * MIB)
    assert memory.available() == 312 * MIB


def test_version_2_where_a_group_is_slowed_down_before_its_limit(tmp_path: Path) -> None:
    files(tmp_path / "proc/self", cgroup="0::/")
    version_2(tmp_path / "sys/fs/cgroup", 512 * MIB, 300 * MIB, high=400 * MIB)
    assert memory.available() == 100 * MIB


@pytest.mark.parametrize("outer", [250, 900])
def test_the_smallest_of_nested_groups(tmp_path: Path, outer: int) -> None:
    files(tmp_path / "proc/self", cgroup="0::/jobs/one.slice/step")
    top = tmp_path / "sys/fs/cgroup"
    version_2(top / "jobs", outer * MIB, 100 * MIB)
    version_2(top / "jobs/one.slice", "max", 90 * MIB)
    version_2(top / "jobs/one.slice/step", 400 * MIB, 80 * MIB)
    assert memory.available() == min(outer - 100, 320) * MIB


def test_the_path_of_the_host_inside_a_container(tmp_path: Path) -> None:
    files(tmp_path / "proc/self", cgroup="0::/docker/0123abcd")
    version_2(tmp_path / "sys/fs/cgroup", 200 * MIB, 50 * MIB)
    assert memory.available() == 150 * MIB


@pytest.mark.parametrize("unlimited", [False, True])
def test_version_1(tmp_path: Path, unlimited: bool) -> None:
    files(tmp_path / "proc/self", cgroup="12:cpu,cpuacct:/x\n5:memory:/slurm/job\n0::/y")
    top = tmp_path / "sys/fs/cgroup/memory"
    version_1(top, 9223372036854771712, 700 * MIB)
    version_1(top / "slurm", 9223372036854771712, 600 * MIB)
    limit = 9223372036854771712 if unlimited else 640 * MIB
    version_1(top / "slurm/job", limit, 600 * MIB, 20 * MIB)
    assert memory.available() == (1000 if unlimited else 60) * MIB


def test_a_group_that_is_full(tmp_path: Path) -> None:
    files(tmp_path / "proc/self", cgroup="0::/")
    version_2(tmp_path / "sys/fs/cgroup", 100 * MIB, 101 * MIB)
    assert memory.available() == 0
    with pytest.raises(QnuError, match=r"needs 9.31e-10 GiB, 0 GiB available"):
        memory.require("neutrinos", 1, 1)


@pytest.mark.parametrize("text", ["", "nonsense", "0:", "0::/../../etc", "5:memory", "\0"])
def test_files_that_say_nothing(tmp_path: Path, text: str) -> None:
    files(tmp_path / "proc/self", cgroup=text)
    files(tmp_path / "sys/fs/cgroup", memory__current="x", memory__max="y", memory__stat="z")
    assert memory.available() == 1000 * MIB


def test_the_limit_of_the_address_space() -> None:
    pytest.importorskip("resource")
    code = (
        "import resource, psutil; from qnu.common import memory;"
        "used = psutil.Process().memory_info().vms;"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**26, -1));"
        "print(memory.available())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) <= 2**26
