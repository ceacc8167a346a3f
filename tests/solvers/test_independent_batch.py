"""Many histories of the independent model: the same bits as one by one, in order."""

import threading

import numpy as np
import pytest

import qnu
from qnu.errors import QnuError
from qnu.solvers._independent_batch import independent_histories, iterate_histories

TIMES = np.linspace(0, 3, 7)


def gas(seed: int, count: int = 10) -> qnu.NeutrinoGas:
    groups = [
        qnu.Group(count - 4, polarization=(0.6, 0, 0.8), omega=0.3),
        qnu.Group(4, polarization=(0, 0.2, -0.9), omega=-0.5),
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities="isotropic", seed=seed)


def drawn(kind: str, matter: float = 0.0):
    gases = [gas(k) for k in range(7)]
    if kind == "random_pairs":
        make = qnu.schedules.random_pairs
        return gases, [make(g, 0.1, 150, seed=k, matter=matter) for k, g in enumerate(gases)]
    vacuum = "inside" if kind == "inside" else "between"
    make = qnu.schedules.stochastic
    settings = {"vacuum": vacuum, "matter": matter}
    return gases, [make(g, 0.1, 0.5, 3.0, seed=k, **settings) for k, g in enumerate(gases)]


@pytest.mark.parametrize("matter", [0.0, 0.7])
@pytest.mark.parametrize("kind", ["kicks", "inside", "random_pairs"])
def test_histories_have_the_bits_of_single_runs_on_any_number_of_threads(kind, matter) -> None:
    gases, schedules = drawn(kind, matter)
    end = schedules[0].final_time
    times = TIMES * (end / 3)
    alone = [qnu.solvers.independent(g, s, times) for g, s in zip(gases, schedules, strict=True)]
    assert len({run.polarization.tobytes() for run in alone}) == 7
    for threads in (1, 2, 3, 16, None):
        # generators, as a caller who does not want all schedules at a time has them
        together = independent_histories(iter(gases), iter(schedules), times, threads=threads)
        for one, other in zip(alone, together, strict=True):
            assert other.polarization.tobytes() == one.polarization.tobytes()
            assert other.attrs["schedule_hash"] == one.attrs["schedule_hash"]


def test_at_most_twice_as_many_histories_as_threads_are_begun() -> None:
    gases, schedules = drawn("kicks")
    begun = []

    def one_by_one():
        for k, each in enumerate(gases):
            begun.append(k)
            yield each

    histories = iterate_histories(one_by_one(), schedules, threads=2)
    assert begun == []
    next(histories)
    assert begun == [0, 1, 2, 3, 4]
    histories.close()  # whoever breaks off leaves nothing behind
    assert begun == [0, 1, 2, 3, 4]
    assert not [t for t in threading.enumerate() if t.name.startswith("qnu-history")]


def test_the_fraction_done_never_falls_and_ends_near_one() -> None:
    gases, schedules = drawn("kicks")
    for threads in (1, 3):
        shown: list[float] = []
        independent_histories(gases, schedules, TIMES, progress=shown.append, threads=threads)
        assert shown == sorted(shown)
        assert 0.8 < shown[-1] <= 1.0  # the number of encounters is the expected one
        assert shown[0] < 0.2


@pytest.mark.parametrize("threads", [1, 3])
def test_the_error_of_the_first_history_that_cannot_be_run(threads) -> None:
    gases, schedules = drawn("kicks")
    gases[2] = gas(2, 11)
    with pytest.raises(QnuError, match="10"):
        independent_histories(gases, schedules, TIMES, threads=threads)


def test_as_many_gases_as_schedules() -> None:
    gases, schedules = drawn("kicks")
    with pytest.raises(ValueError, match="shorter"):
        independent_histories(gases, schedules[:3], threads=2)
    assert independent_histories([], [], threads=2) == []
    with pytest.raises(QnuError, match="threads"):
        independent_histories(gases, schedules, threads=0)


def test_an_error_in_progress_ends_the_run() -> None:
    gases, schedules = drawn("kicks")

    def interrupted(fraction: float) -> None:
        raise KeyboardInterrupt

    for threads in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            independent_histories(gases, schedules, progress=interrupted, threads=threads)
