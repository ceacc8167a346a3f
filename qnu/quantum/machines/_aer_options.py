"""Options of Aer: their types and ranges, checked before Aer's C++ sees them.

Aer 0.18 accepts any value when the simulator is made and refuses a wrong type when a circuit runs;
more threads than the system allows end the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...common import checks
from ...common.spelling import did_you_mean
from ...errors import QnuError

#: More threads than any machine has cores.
_THREADS = 1024
#: Bits of an index: the largest number of qubits.
_BITS = 63
_LARGE = 2**31 - 1

Check = Callable[[str, Any], Any]


def _flag(field: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise QnuError(field, value, "true or false")
    return value


def _word(*words: str) -> Check:
    return partial(checks.choice, allowed=words)


def _whole(low: int = 0, high: int = _LARGE) -> Check:
    return partial(checks.integer, low=low, high=high)


def _indices(field: str, value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise QnuError(field, value, "a list of whole numbers >= 0")
    return [checks.integer(field, entry, high=_LARGE) for entry in value]


def _executor(field: str, value: Any) -> Any:
    if not callable(getattr(value, "submit", None)):
        raise QnuError(field, value, "an executor of concurrent.futures (from Python, not TOML)")
    return value


_small = partial(checks.number, low=0.0, high=1.0)

CHECKS: dict[str, Check] = {
    **dict.fromkeys(
        [
            "accept_distributed_results",
            "batched_shots_gpu",
            "blocking_enable",
            "cuStateVec_enable",
            "enable_truncation",
            "fusion_enable",
            "fusion_verbose",
            "memory",
            "mps_lapack",
            "mps_log_data",
            "runtime_parameter_bind_enable",
            "shot_branching_enable",
            "shot_branching_sampling_enable",
            "use_cuTensorNet_autotuning",
        ],
        _flag,
    ),
    **dict.fromkeys(
        [
            "max_parallel_threads",
            "max_parallel_experiments",
            "max_parallel_shots",
            "num_threads_per_device",
        ],
        _whole(0, _THREADS),
    ),
    "mps_omp_threads": _whole(1, _THREADS),
    "statevector_sample_measure_opt": _whole(0, 24),  # a table of 2^24 sums
    **dict.fromkeys(
        [
            "batched_shots_gpu_max_qubits",
            "blocking_qubits",
            "chunk_swap_buffer_qubits",
            "tensor_network_num_sampling_qubits",
        ],
        _whole(0, _BITS),
    ),
    **dict.fromkeys(
        [
            "extended_stabilizer_metropolis_mixing_time",
            "extended_stabilizer_norm_estimation_samples",
            "extended_stabilizer_norm_estimation_repetitions",
            "extended_stabilizer_parallel_threshold",
            "extended_stabilizer_probabilities_snapshot_samples",
            "fusion_threshold",
            "mps_parallel_threshold",
            "stabilizer_max_snapshot_probabilities",
            "statevector_parallel_threshold",
        ],
        _whole(),
    ),
    **dict.fromkeys(
        [
            "matrix_product_state_max_bond_dimension",
            "max_job_size",
            "max_shot_size",
        ],
        _whole(1),
    ),
    "max_memory_mb": _whole(-1, 2**53),
    "fusion_max_qubit": _whole(1, 10),  # matrices of 4^10 numbers
    **dict.fromkeys(
        [
            "chop_threshold",
            "extended_stabilizer_approximation_error",
            "matrix_product_state_truncation_threshold",
            "validation_threshold",
            "zero_threshold",
        ],
        _small,
    ),
    "device": _word("CPU", "GPU", "Thrust"),
    "extended_stabilizer_sampling_method": _word(
        "metropolis", "resampled_metropolis", "norm_estimation"
    ),
    "mps_sample_measure_algorithm": _word(
        "mps_heuristic", "mps_probabilities", "mps_apply_measure"
    ),
    "mps_swap_direction": _word("mps_swap_left", "mps_swap_right"),
    "target_gpus": _indices,
    "executor": _executor,
}


def checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse what Aer would refuse when a circuit runs, or what would end the process.

    Args:
        options: the ``[options]`` table of a hardware config.

    Returns:
        the same with 0 as 0.0 where Aer wants a float.

    Raises:
        QnuError: an unknown option, a value of another type or out of its range.
    """
    checked = {}
    for name, value in options.items():
        if name not in CHECKS:  # its value may be a secret: it is not shown
            guess = did_you_mean(name, sorted(CHECKS))
            raise QnuError("options", name, f"the options of AerSimulator{guess}")
        if isinstance(value, dict):
            raise QnuError(f"options.{name}", "a table", "a value")
        checked[name] = CHECKS[name](f"options.{name}", value)
    return checked
