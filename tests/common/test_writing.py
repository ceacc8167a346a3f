"""Every file is whole or the earlier one stays: full disks, damage, locks, strangers' files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import qnu
from qnu import Checkpoint, EncounterSchedule, QnuError, Trajectory
from qnu.common import integrity, netcdf, writing

COMMAND = [sys.executable, "-m", "qnu"]


def gas_of(count: int) -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas([[0, 0, 1]] * count, omega=np.linspace(0.1, 0.2, count))


def run_of(samples: int, count: int = 1) -> Trajectory:
    times = np.linspace(0.0, 1.0, samples)
    return qnu.solvers.mean_field(gas_of(count), times, resolve="neutrino")


@contextlib.contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A real file system of that size, or a skipped test where none can be mounted."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command here")
    if done.returncode:
        pytest.skip("a file system can only be mounted by root")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def python(code: str, *arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


# ---------------------------------------------------------------- the writer itself


def test_a_failure_keeps_the_earlier_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    writing.write(path, "earlier")

    def fail() -> None:
        with writing.replacing(path) as file:
            file.write(b"half of it")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text(encoding="utf-8") == "earlier"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.posix("links and permissions of POSIX")
def test_links_and_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    writing.write(path, "earlier")
    path.chmod(0o600)
    (tmp_path / "link").symlink_to(path)
    writing.write(tmp_path / "link", "later")
    assert (tmp_path / "link").is_symlink()
    assert path.read_text(encoding="utf-8") == "later"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.posix("makes a named pipe")
@pytest.mark.parametrize("name", ["folder", "pipe", "no/folder/a", "nul\0", "n" * 256])
def test_places_that_cannot_be_written_are_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(QnuError, match=r"^output: got .*; allowed: a place that can be written"):
        writing.write(str(tmp_path / name), "text")
    assert sorted(os.listdir(tmp_path)) == ["folder", "pipe"]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    writing.write(tmp_path / ("n" * 255), "text")
    assert os.listdir(tmp_path) == ["n" * 255]


@pytest.mark.posix("kills with a signal")
def test_leftovers_of_killed_writers_do_not_add_up(tmp_path: Path) -> None:
    code = """if True:
        import os, signal, sys
        from qnu.common import writing
        with writing.replacing(sys.argv[1]) as file:
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    for _ in range(2):
        assert python(code, tmp_path / "a").returncode == -signal.SIGKILL
        assert os.listdir(tmp_path) == [".a.partial"]
    writing.write(tmp_path / "a", "whole")
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.posix("locks a file")
def test_two_writers_of_one_file_take_turns(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from qnu.common import writing
        for k in range(50):
            writing.write(sys.argv[1], sys.argv[2] * 100_000)
    """
    path = tmp_path / "a"
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), x]) for x in "ab"]
    while any(process.poll() is None for process in both):
        with contextlib.suppress(FileNotFoundError):
            assert path.read_text(encoding="utf-8") in ("a" * 100_000, "b" * 100_000)
    assert [process.returncode for process in both] == [0, 0]
    assert os.listdir(tmp_path) == ["a"]


# ---------------------------------------------------------------- full disks

#: Writes a small file of every kind, and then a large one in its place.
FILL = """
import json, resource, sys, warnings
from pathlib import Path
import numpy as np
from qiskit import QuantumCircuit
import qnu
from qnu.plotting import save, style
from qnu.quantum.circuits.files import write_circuit

warnings.simplefilter("error")
gas = qnu.NeutrinoGas([[0, 0, 1]] * 50, omega=[0.1] * 50)

def trajectory(path, size):
    times = np.linspace(0, 1, size)
    qnu.solvers.mean_field(gas, times, resolve="neutrino").save(path)

def schedule(path, size):
    qnu.schedules.random_pairs(gas, 0.3, encounters=50 * size, seed=1).save(path)

def checkpoint(path, size):
    try:
        keeps[path].save("key", {"n": size}, {"state": np.zeros(50 * size, complex)})
    except Warning as warning:  # the run itself goes on
        raise qnu.QnuError(str(warning))

def circuit(path, size):
    made = QuantumCircuit(1)
    for _ in range(10 * size):
        made.rz(0.123456, 0)
    write_circuit(made, path)

def figure(path, size):
    made = style.new_figure(3, 3)
    noise = np.random.default_rng(1).random((min(size, 500),) * 2)
    made.add_axes((0, 0, 1, 1)).imshow(noise, interpolation="none")
    save(made, path.parent, path.stem)

places, limit = json.loads(sys.argv[1]), int(sys.argv[2])
keeps = {Path(places["checkpoint"]): qnu.Checkpoint(places["checkpoint"])}
for kind, place in places.items():
    globals()[kind](Path(place), 2)
earlier = {place: Path(place).read_bytes() for place in places.values()}
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for kind, place in places.items():
    try:
        globals()[kind](Path(place), 4000)
    except qnu.QnuError as error:
        print(kind, Path(place).read_bytes() == earlier[place], error)
"""
ENDINGS = {
    "trajectory": ".nc",
    "schedule": ".npz",
    "checkpoint": ".c",
    "circuit": ".qasm",
    "figure": ".png",
}


@pytest.mark.posix("limits the size of files")
def test_where_a_file_cannot_grow_the_earlier_one_stays(tmp_path: Path) -> None:
    places = {kind: str(tmp_path / f"{kind}{end}") for kind, end in ENDINGS.items()}
    done = python(FILL, json.dumps(places), 60_000)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[kind, "True"] for kind in ENDINGS]
    assert all("File too large" in line for line in lines), lines
    assert len(os.listdir(tmp_path)) == len(ENDINGS) + 1  # a figure is two files


@pytest.mark.posix("fills a disk of its own")
def test_on_a_full_disk_the_earlier_file_stays(tmp_path: Path) -> None:
    with contextlib.ExitStack() as disks:
        places = {
            kind: str(disks.enter_context(small_disk(tmp_path / kind, "64k")) / f"a{end}")
            for kind, end in ENDINGS.items()
        }
        done = python(FILL, json.dumps(places), 0)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert [line.split()[:2] for line in lines] == [[kind, "True"] for kind in ENDINGS]
        assert all("No space left on device" in line for line in lines), lines
        for kind in ENDINGS:
            assert not list((tmp_path / kind).glob(".*"))


SPEC = """
name = "small"
mixing_angle = 0.1
group = [{{ count = {count}, flavor = "electron", omega = 0.1 }}, {{ count = 2, flavor = "x" }}]
schedule = {{ kind = "tournament", gamma = 0.1 }}
output = {{ samples = {samples} }}
method = [{{ kind = "mean_field", resolve = "neutrino" }}, {{ kind = "independent" }}]
"""


@pytest.mark.posix("fills a disk of its own")
@pytest.mark.parametrize("size", [(2, 2), (6, 100), (30, 300)])
def test_a_run_on_a_full_disk_ends_in_one_line(size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(
        SPEC.format(count=size[0], samples=size[1]), encoding="utf-8"
    )
    with small_disk(tmp_path / "disk", "64k") as disk:
        command = [*COMMAND, "run", str(tmp_path / "small.toml"), "-q", "-o", str(disk / "out")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (1, 2)
        assert done.stderr
        assert "Traceback" not in done.stderr
        assert all(line.startswith("qnu: ") for line in done.stderr.splitlines())
        assert "No space left on device" in done.stderr
        for path in (disk / "out").glob("trajectories/*.nc"):
            assert Trajectory.load(path).times.size == size[1]
        assert not list(disk.glob(".*"))


# ---------------------------------------------------------------- what NetCDF cannot hold


@pytest.mark.parametrize(
    "value", [True, 10**20, "a\0b", {"a": 1}, [1, "a"], "\udce9", np.True_, [10**20]]
)
def test_an_attribute_that_cannot_be_written_is_named(value: object, tmp_path: Path) -> None:
    run = run_of(2)
    run.save(tmp_path / "a.nc")
    earlier = (tmp_path / "a.nc").read_bytes()
    with pytest.raises(QnuError, match=r"^trajectory attribute odd: got "):
        run.with_attributes(odd=value).save(tmp_path / "a.nc")
    assert (tmp_path / "a.nc").read_bytes() == earlier
    assert os.listdir(tmp_path) == ["a.nc"]


def test_a_name_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QnuError, match=r"group: got .*one line"):
        qnu.NeutrinoGas([[0, 0, 1]], omega=[0.1], group=["a\0b"])
    run = qnu.solvers.mean_field(qnu.NeutrinoGas([[0, 0, 1]], omega=[0.1]), [0.0, 1.0])
    changed = run.dataset.assign_coords(group=("neutrino", ["a\0b"]))
    del changed.attrs["group_names"]
    odd = qnu.Trajectory(changed)
    with pytest.raises(QnuError, match="trajectory variable group"):
        odd.save(tmp_path / "a.nc")
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------- damage


def interrupted(path: Path) -> tuple[qnu.NeutrinoGas, EncounterSchedule]:
    gas = gas_of(5)
    schedule = qnu.schedules.random_pairs(gas, 0.3, encounters=400, seed=1)
    seen = []

    def stop(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Checkpoint(path, every=0) as checkpoint:
        qnu.solvers.many_body(
            gas, schedule, schedule.equally_spaced(9), progress=stop, checkpoint=checkpoint
        )
    return gas, schedule


@pytest.mark.parametrize("kind", ["trajectory", "schedule", "checkpoint"])
def test_no_flipped_bit_is_believed(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if kind == "trajectory":
        run_of(4, 2).save(path)
        load = Trajectory.load
    elif kind == "schedule":
        qnu.schedules.random_pairs(gas_of(6), 0.3, encounters=50, seed=1).save(path)
        load = EncounterSchedule.load
    else:
        interrupted(path)
        load = Checkpoint
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    # everywhere, and every byte of the digest and of the beginning
    places = [*range(64), *range(len(whole) - integrity.LENGTH, len(whole))]
    places += rng.integers(0, len(whole), 300).tolist()
    for place in places:
        bad = bytearray(whole)
        bad[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bad)
        with pytest.raises(QnuError) as caught:
            load(path)
        assert "\n" not in str(caught.value)
    for length in (*range(0, len(whole), 997), len(whole) - 1, len(whole) - integrity.LENGTH - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(QnuError):
            load(path)
    path.write_bytes(whole)
    load(path)


def test_other_programs_open_a_file_with_a_digest(tmp_path: Path) -> None:
    run = run_of(3)
    run.save(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc") as opened:  # without saying how
        assert np.array_equal(opened["polarization"].values, run.polarization)
    with h5py.File(tmp_path / "a.nc") as opened:
        assert opened["polarization"].shape == (3, 1, 3)
    schedule = qnu.schedules.random_pairs(gas_of(6), 0.3, encounters=50, seed=1)
    schedule.save(tmp_path / "s.npz")
    with np.load(tmp_path / "s.npz") as opened:
        assert np.array_equal(opened["swap_angle"], schedule.swap_angle)


def test_a_file_that_another_program_changed(tmp_path: Path) -> None:
    run = run_of(3)
    path = tmp_path / "a.nc"
    run.save(path)
    with h5py.File(path, "r+") as opened:  # HDF5 removes the digest
        opened["polarization"][0, 0] = (0.6, 0.0, 0.8)
    assert Trajectory.load(path).polarization[0, 0].tolist() == [0.6, 0.0, 0.8]
    run.save(path)
    content = bytearray(path.read_bytes())
    place = content.index(np.float64(1.0).tobytes())
    content[place : place + 8] = np.float64(0.5).tobytes()
    path.write_bytes(content)
    with pytest.raises(QnuError, match="does not match its SHA-256"):
        Trajectory.load(path)
    # a file of an earlier version of qnu has no digest
    run.dataset.to_netcdf(path, engine="h5netcdf")
    assert Trajectory.load(path).dataset.identical(run.dataset)


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    dataset = run_of(2).dataset.assign_attrs(format="qnu trajectory 2")
    netcdf.save(dataset, tmp_path / "a.nc")
    with pytest.raises(QnuError, match="newer qnu"):
        Trajectory.load(tmp_path / "a.nc")


def test_a_state_whose_norm_is_broken_does_not_go_on(tmp_path: Path) -> None:
    path = tmp_path / "c"
    gas, schedule = interrupted(path)
    with Checkpoint(path) as checkpoint:
        checkpoint._label = ""
        assert checkpoint._file is not None
        key, header, parts = checkpoint._header["key"], checkpoint._header, checkpoint._parts
        saved = checkpoint.saved(key)
        assert saved is not None
        arrays = {name: np.empty(part.shape, part.dtype) for name, part in parts.items()}
        for name, array in arrays.items():
            saved.restore(name, array)
        arrays["state"] *= 1.001  # as if a fault had happened before it was written
        checkpoint.save(key, header["position"], arrays)
        path.rename(tmp_path / "d")
    with (
        pytest.raises(QnuError, match=r"^checkpoint: got 'a state of norm 1\.002"),
        Checkpoint(tmp_path / "d") as checkpoint,
    ):
        qnu.solvers.many_body(gas, schedule, schedule.equally_spaced(9), checkpoint=checkpoint)


def test_a_schedule_whose_angles_were_replaced_is_another_one(tmp_path: Path) -> None:
    schedule = qnu.schedules.random_pairs(gas_of(6), 0.3, encounters=50, seed=1)
    schedule.save(tmp_path / "s.npz")
    again = EncounterSchedule.load(tmp_path / "s.npz")
    assert again == schedule
    assert again.fingerprint() == schedule.fingerprint()
    with np.load(tmp_path / "s.npz") as opened:
        parts = dict(opened)
    parts["swap_angle"] = parts["swap_angle"] / 2
    np.savez(tmp_path / "s.npz", **parts)
    other = EncounterSchedule.load(tmp_path / "s.npz")
    assert np.array_equal(other.swap_angle, schedule.swap_angle / 2)
    assert other != schedule
    assert other.fingerprint() != schedule.fingerprint()
    # also where the digest is that of the forged file: equal means equal rows
    content = (tmp_path / "s.npz").read_bytes()
    content = content[:-2] + integrity.LENGTH.to_bytes(2, "little")
    (tmp_path / "s.npz").write_bytes(integrity.closed(content))
    assert EncounterSchedule.load(tmp_path / "s.npz") != schedule


def test_stored_jobs_are_checked(tmp_path: Path) -> None:
    import sqlite3

    from qnu.quantum.jobs.store import Store

    from ..quantum.jobs.test_job_store import INTENT

    store = Store(tmp_path)
    job = store.record(INTENT).id
    store.set_results(job, b"results")
    assert store.payload(job).programs == INTENT.programs
    assert store.results(job) == b"results"
    for column, damaged in (
        ("recipe", "replace(recipe, '1', '2')"),
        ("results", "CAST(replace(results, 'results', 'resultz') AS BLOB)"),
    ):
        with contextlib.closing(sqlite3.connect(tmp_path / "jobs.sqlite")) as db:
            db.execute(f"UPDATE payloads SET {column} = {damaged}")  # ours
            db.commit()
        with pytest.raises(QnuError, match="matches its SHA-256"):
            store.payload(job) if column == "recipe" else store.results(job)


@pytest.mark.posix("fills a disk of its own")
def test_a_store_of_jobs_on_a_full_disk_keeps_what_it_has(tmp_path: Path) -> None:
    import dataclasses

    from qnu.quantum.jobs.store import Store

    from ..quantum.jobs.test_job_store import INTENT

    with small_disk(tmp_path / "disk", "512k") as disk:
        store = Store(disk)
        job = store.record(INTENT).id
        with pytest.raises(QnuError, match="full"):
            store.record(dataclasses.replace(INTENT, programs=bytes(1_000_000)))
        assert [record.id for record in store.all()] == [job]
        assert store.payload(job).programs == INTENT.programs


def test_a_checkpoint_with_an_odd_header_is_refused(tmp_path: Path) -> None:
    for header in (b"[]", b"{}", b'{"finished": {"a": "b"}}', b"[" * 100_000, b"\xff", b""):
        content = b"qnu checkpoint 2\n" + header + b"\n"
        (tmp_path / "c").write_bytes(integrity.closed(content))
        with pytest.raises(QnuError, match=r"^checkpoint: "):
            Checkpoint(tmp_path / "c")


# ---------------------------------------------------------------- files that are in use


@pytest.mark.posix("locks a file")
def test_a_file_that_another_process_writes_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    run_of(2).save(path)
    code = "import h5py, sys; f = h5py.File(sys.argv[1], 'a'); print(1, flush=True); input()"
    writer = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    with pytest.raises(QnuError, match="in use"):
        Trajectory.load(path)
    writer.communicate("\n")
    assert len(Trajectory.load(path).times) == 2


# ---------------------------------------------------------------- strangers' files


def foreign(path: Path, **changes) -> None:
    """A file as another program would write it."""
    data = run_of(3, 2).dataset
    for name, value in changes.items():
        data[name] = (data[name].dims, value)
    data.to_netcdf(path, engine="h5netcdf")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("polarization", np.full((3, 2, 3), 1e9)),
        ("polarization", np.full((3, 2, 3), 0.58)),  # |P| = 1.0046
        ("polarization", np.full((3, 2, 3), np.nan)),
        ("time", [1.0, 0.5, 0.0]),
        ("time", [0.0, np.inf, 1.0]),
        ("omega", [np.nan, 0.0]),
        ("count", [0, 1]),
        ("count", [1.5, 1.0]),
        ("antineutrino", [0.0, 1.0]),
        ("group", ["1", "another"]),
        ("axis", ["x", "z", "y"]),
    ],
)
def test_what_no_method_can_have_written_is_refused(name: str, value, tmp_path: Path) -> None:
    foreign(tmp_path / "a.nc")
    Trajectory.load(tmp_path / "a.nc")
    foreign(tmp_path / "a.nc", **{name: value})
    with pytest.raises(QnuError, match=r"^trajectory\."):
        Trajectory.load(tmp_path / "a.nc")


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    data = run_of(3, 2).dataset
    for other in (
        data.isel(axis=[0, 1]),
        data.transpose("neutrino", "time", "axis"),
        data.isel(time=[]),
        data.assign_attrs(group_names="[1"),
        data.assign_attrs(mixing_angle="wide"),
    ):
        with pytest.raises(QnuError):
            Trajectory(other)


def test_estimates_from_shots_may_be_longer_than_one() -> None:
    data = run_of(3, 2).dataset
    data["polarization"] = data["polarization"] * 1.4  # as extrapolation to zero noise gives it
    with pytest.raises(QnuError, match=r"\|P\| <= 1"):
        Trajectory(data)
    data["polarization_error"] = (data["polarization"].dims, np.full((3, 2, 3), 0.1))
    assert Trajectory(data).polarization[0, 0, 2] == 1.4
    data["polarization"][0, 0, 2] = np.nan  # one that failed has an infinite error
    data["polarization_error"][0, 0, 2] = np.inf
    Trajectory(data)
    data["polarization"][1, 1, 2] = 1e9
    with pytest.raises(QnuError, match="errors"):
        Trajectory(data)


def test_data_outside_the_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(np.full(18, 0.125).tobytes())
    foreign(tmp_path / "other.nc")
    for how in ("storage", "external link", "soft link", "virtual", "group"):
        path = tmp_path / "a.nc"
        foreign(path)
        with h5py.File(path, "r+") as file:
            if how == "storage":
                del file["polarization"]
                file.create_dataset(
                    "polarization",
                    (3, 2, 3),
                    "f8",
                    external=[(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)],
                )
            elif how == "external link":
                del file["omega"]
                file["omega"] = h5py.ExternalLink(str(tmp_path / "other.nc"), "omega")
            elif how == "soft link":
                file["entropy"] = h5py.SoftLink("/omega")
            elif how == "virtual":
                layout = h5py.VirtualLayout((2,), "f8")
                layout[:] = h5py.VirtualSource(str(tmp_path / "other.nc"), "omega", (2,))
                file.create_virtual_dataset("extra", layout)
            else:
                file.create_group("inside")
        with pytest.raises(QnuError, match="held in the file itself"):
            Trajectory.load(path)


@pytest.mark.parametrize("how", ["deflated", "never written", "one chunk", "text"])
def test_a_small_file_cannot_ask_for_much_memory(how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.nc"
    foreign(path)
    with h5py.File(path, "r+") as file:
        if how == "one chunk":
            file.create_dataset("extra", (1,), "f8", maxshape=(None,), chunks=(1 << 28,))
        elif how == "text":
            texts = file.create_dataset("extra", (1000,), h5py.string_dtype())
            texts[0] = "x" * 20_000
            texts[1:] = ["y"] * 999
            place = texts.id.get_offset()
        else:
            more = {"compression": "gzip"} if how == "deflated" else {}
            file.create_dataset("extra", (1 << 31,), "f8", chunks=(1 << 16,), **more)
    if how == "text":  # every text is made the first one
        content = bytearray(path.read_bytes())
        content[place : place + 16_000] = content[place : place + 16] * 1000
        path.write_bytes(content)
    assert path.stat().st_size < 100_000
    with pytest.raises(QnuError, match=r"what a file of .* bytes can hold"):
        Trajectory.load(path)


def test_an_npz_that_says_it_is_large_is_refused(tmp_path: Path) -> None:
    import io
    import zipfile

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    )
    with zipfile.ZipFile(tmp_path / "s.npz", "w") as file:
        file.writestr("settings.npy", header.getvalue())
    started = time.perf_counter()
    with pytest.raises(QnuError, match="what it can hold"):
        EncounterSchedule.load(tmp_path / "s.npz")
    assert time.perf_counter() - started < 5


@pytest.mark.posix("makes a named pipe")
def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for load in (Trajectory.load, EncounterSchedule.load, Checkpoint):
        for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path, "nul\0"):
            if load is Checkpoint and path == "nul\0":
                continue
            with pytest.raises(QnuError):
                load(path)
