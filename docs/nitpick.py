"""References of the site to names of other packages and to private ones, on no page."""

_CLASSES = """
    collections.abc.Callable collections.abc.Iterable collections.abc.Iterator
    collections.abc.Mapping collections.abc.Sequence
    contextlib.AbstractContextManager io.BufferedReader pathlib.Path
    numpy.bool numpy.dtype numpy.int8 numpy.int32 numpy.int64 numpy.ndarray
    numpy.random.Generator numpy.random.SeedSequence
    numpy.random._generator.Generator numpy.random.bit_generator.SeedSequence
    numpy.typing.ArrayLike numpy.typing.DTypeLike
    qiskit._accelerate.circuit.ParameterExpression qiskit.circuit.gate.Gate
    qiskit.circuit.quantumcircuit.QuantumCircuit
    qiskit.primitives.StatevectorEstimator qiskit.primitives.primitive_job.PrimitiveJob
    pydantic.BaseModel BaseModel
    qiskit.quantum_info.operators.symplectic.sparse_pauli_op.SparsePauliOp
    qiskit.providers.backend.BackendV2 qiskit.transpiler.passmanager.PassManager
    qiskit.transpiler.target.Target
    qiskit_aer.AerSimulator qiskit_aer.backends.aer_simulator.AerSimulator
    pandas.DataFrame pd.DataFrame
    rich.table.Table xarray.DataArray xarray.Dataset xr.DataArray xr.Dataset
    Progress
"""

#: For ``nitpick_ignore``.
IGNORE = [
    *(("py:class", name) for name in _CLASSES.split()),
    ("py:exc", "pydantic.ValidationError"),
    ("py:func", "pydantic.Field"),
]

#: For ``nitpick_ignore_regex``.
IGNORE_REGEX: list[tuple[str, str]] = []
