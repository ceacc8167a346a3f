"""Sweeps on workers that somebody else began, and sweeps that are killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import xarray as xr
import yaml

import qnu
from qnu import QnuError
from qnu.common import netcdf
from qnu.experiment import parse, sweep
from qnu.experiment.sweeps import clusters, plan

HERE = Path(__file__).parent
TEXT = """
name = "ten"
seed = 3
seeds = 6
group = [
    { count = 6, polarization = [0.199, 0.0, 0.98], omega = 0.1 },
    { count = 4, polarization = [-0.199, 0.0, -0.98], omega = 0.2 },
]
schedule = { kind = "random_pairs", gamma = 0.01, encounters = 3000 }
output = { samples = 3 }
method = [{ kind = "independent" }, { kind = "kinetic" }]
[sweep]
"schedule.gamma" = "logspace(-3, -1, 60)"
"""


def same(one: xr.Dataset, two: xr.Dataset) -> bool:
    return one.drop_vars("wall_time_s").identical(two.drop_vars("wall_time_s"))


@pytest.fixture(scope="module")
def wanted() -> xr.Dataset:
    return sweep(parse(TEXT), workers=1)


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *arguments]
    environment = os.environ | {"NUMBA_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    one = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    begun = [dask("scheduler", *one, "--dashboard-address", "127.0.0.1:0")]
    two = [address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
    begun += [dask("worker", *two, "--local-directory", str(tmp_path / "w")) for _ in range(2)]
    try:
        yield address, begun[1:]
    finally:
        for process in begun:
            process.kill()
            process.wait()


def test_a_cluster_of_separate_processes_gives_the_same_when_one_is_killed(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], wanted: xr.Dataset, tmp_path: Path
) -> None:
    address, workers = cluster
    spec = tmp_path / "spec.toml"
    spec.write_text(TEXT, encoding="utf-8")
    output = tmp_path / "out"
    code = (
        "import sys\n"
        "from qnu.experiment.sweeps import engine\n"
        "engine.SECONDS = 0.02\n"
        "from qnu.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, "sweep", str(spec), "--scheduler", address]
    driver = subprocess.Popen(
        [*command, "--output", str(output)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 120
    while len(list((output / "records").glob("*.record"))) < 10:
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    workers[0].kill()
    out, err = driver.communicate(timeout=120)
    assert (driver.returncode, err) == (0, b"")
    assert b"360 histories computed now" in out
    result = netcdf.load(output / "sweep.nc")
    assert result.attrs["spec"] == TEXT
    assert same(result, wanted)


def test_a_client_may_be_given(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], wanted: xr.Dataset
) -> None:
    from distributed import Client

    with Client(cluster[0], set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        assert same(sweep(parse(TEXT), client=client), wanted)


def test_an_address_without_a_scheduler_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_PATIENCE", 1)
    with (
        pytest.raises(QnuError, match=r"scheduler: got 'tcp://127\.0\.0\.1:9'; allowed"),
        clusters.remote("tcp://127.0.0.1:9"),
    ):
        pass


def test_two_kills_at_random_times_lose_and_double_nothing() -> None:  # make test-crash: 100
    done = subprocess.run(
        [sys.executable, HERE / "crashes.py", "2"], capture_output=True, text=True, check=False
    )
    assert "nothing lost or doubled" in done.stdout, done.stderr


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.posix("signals")
def test_a_sweep_that_is_stopped_says_how_to_go_on(
    sent: signal.Signals, wanted: xr.Dataset, tmp_path: Path
) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(TEXT, encoding="utf-8")
    code = (
        "import sys\n"
        "from qnu.experiment.sweeps import engine\n"
        "engine.SECONDS, engine._TRIAL, engine._START = 0.02, 0.0, 0.0\n"
        "from qnu.cli import entry\n"
        "sys.argv[0] = 'qnu'\n"
        "entry()\n"
    )
    command = [sys.executable, "-c", code, "sweep", str(spec), "-o", "out", "--workers", "2"]
    driver = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    records = tmp_path / "out" / "records"
    deadline = time.monotonic() + 120
    while len(list(records.glob("*.record"))) < 10:
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    workers = psutil.Process(driver.pid).children(recursive=True)
    os.killpg(driver.pid, sent)  # as a terminal does: to the workers as well
    out, err = driver.communicate(timeout=60)
    what, code = {
        signal.SIGINT: ("interrupted", 130),
        signal.SIGTERM: ("terminated", 143),
    }[sent]
    assert (driver.returncode, out) == (code, b"")
    assert err.decode() == (
        f"qnu: {what}; what was computed is in out: the same command goes on from it\n"
    )
    assert not psutil.wait_procs(workers, timeout=30)[1]
    assert not (tmp_path / "out" / "sweep.nc").exists()
    assert same(sweep(parse(TEXT), workers=1, output=tmp_path / "out"), wanted)


def test_the_worked_files_of_clusters_can_be_read() -> None:
    folder = Path(qnu.__file__).parents[1] / "docs" / "how-to" / "cluster"
    scripts = sorted(folder.glob("*.sh"))
    assert len(scripts) == 2
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    compile((folder / "slurm_dask.py").read_text(encoding="utf-8"), "slurm_dask.py", "exec")
    text = (folder / "kubernetes.yaml").read_text(encoding="utf-8")
    found = {item["kind"]: item for item in yaml.safe_load_all(text)}
    assert set(found) == {"ConfigMap", "PersistentVolumeClaim", "Deployment", "Service", "Job"}
    made = plan.make(parse(found["ConfigMap"]["data"]["gamma.toml"]))
    assert (len(made.grid), len(made.frame.seeds)) == (9, 100)
    command = found["Job"]["spec"]["template"]["spec"]["containers"][0]["command"]
    assert command[:2] == ["qnu", "sweep"]
    assert command[command.index("--scheduler") + 1] == "tcp://qnu-scheduler:8786"


@pytest.mark.posix("bash")
def test_the_array_job_computes_every_share(tmp_path: Path, wanted: xr.Dataset) -> None:
    folder = Path(qnu.__file__).parents[1] / "docs" / "how-to" / "cluster"
    (tmp_path / "gamma.toml").write_text(TEXT, encoding="utf-8")
    program = tmp_path / "qnu"
    program.write_text(f'#!/bin/bash\nexec "{sys.executable}" -m qnu "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    scripts = {}
    for name in ("slurm_array", "slurm_together"):
        text = (folder / f"{name}.sh").read_text(encoding="utf-8")
        assert "--seeds 100" in text
        scripts[name] = text.replace("--seeds 100", "--seeds 6")
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "SLURM_ARRAY_TASK_COUNT": "3",
        "SLURM_CPUS_PER_TASK": "1",
    }
    for task in ("1", "2", "3", ""):
        text = scripts["slurm_array" if task else "slurm_together"]
        subprocess.run(
            ["bash", "-c", text],
            cwd=tmp_path,
            env=environment | {"SLURM_ARRAY_TASK_ID": task},
            check=True,
        )
    assert same(netcdf.load(tmp_path / "runs" / "gamma" / "sweep.nc"), wanted)
