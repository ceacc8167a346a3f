"""How many threads everybody gets. Without imports: libraries read it when they are loaded."""

#: For every engine alike.
THREADS = 2


def settings() -> dict[str, str]:
    """The environment of every process that is measured."""
    names = ("OMP", "NUMBA", "QULACS", "OPENBLAS", "MKL")
    # unbound threads: two processes that alternate must not be tied to the same core
    return {f"{name}_NUM_THREADS": str(THREADS) for name in names} | {"OMP_PROC_BIND": "false"}
