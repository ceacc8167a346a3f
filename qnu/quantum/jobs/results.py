"""Circuits and outcomes as bytes, as they are stored."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import qpy
from qiskit.circuit import QuantumCircuit
from qiskit.primitives import BitArray, DataBin, PubResult, SamplerPubResult


def pack_circuits(circuits: Sequence[QuantumCircuit]) -> bytes:
    """Compiled circuits in Qiskit's own binary format."""
    buffer = io.BytesIO()
    qpy.dump(list(circuits), buffer)
    return buffer.getvalue()


def unpack_circuits(programs: bytes) -> list[QuantumCircuit]:
    """What :func:`pack_circuits` packed."""
    return list(qpy.load(io.BytesIO(programs)))


def pack_results(results: Sequence[Any]) -> bytes:
    """Results of primitives (bits shot by shot, or arrays) or counts, one per circuit."""
    arrays: dict[str, NDArray[Any]] = {}
    header: list[dict[str, Any]] = []
    for k, part in enumerate(results):
        if isinstance(part, Mapping):
            header.append({"counts": {str(key): int(number) for key, number in part.items()}})
            continue
        widths = {}
        for name, value in part.data.items():
            bits = isinstance(value, BitArray)
            widths[name] = value.num_bits if bits else 0
            arrays[f"{k}/{name}"] = value.array if bits else np.asarray(value)
        header.append({"widths": widths, "shape": list(part.data.shape)})
    buffer = io.BytesIO()
    encoded = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez_compressed(buffer, header=encoded, **arrays)  # type: ignore[arg-type]  # names are data
    return buffer.getvalue()


def unpack_results(content: bytes) -> list[Any]:
    """What :func:`pack_results` packed."""
    parts: list[Any] = []
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        for k, entry in enumerate(json.loads(file["header"].tobytes())):
            if "counts" in entry:
                parts.append(entry["counts"])
                continue
            fields = {
                name: BitArray(file[f"{k}/{name}"], bits) if bits else file[f"{k}/{name}"]
                for name, bits in entry["widths"].items()
            }
            kind = SamplerPubResult if any(entry["widths"].values()) else PubResult
            parts.append(kind(DataBin(**fields, shape=tuple(entry["shape"]))))
    return parts
