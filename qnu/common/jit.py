"""What compiles the loops of qnu: numba, with its settings checked and its results kept on disk.

Everything in qnu that is compiled imports numba from here.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import QnuWarning, SettingError
from . import kernel_cache

#: More threads than any machine has cores.
_MOST_THREADS = 1024
_LAYERS = ("tbb", "omp", "workqueue")
_GROUPS = ("default", "safe", "forksafe", "threadsafe")
_LISTED = f"one of {', '.join((*_GROUPS, *_LAYERS))}"


def _check_settings() -> None:
    """One-line errors for settings to which numba reacts with a traceback, or by exiting."""
    threads = os.environ.get("NUMBA_NUM_THREADS")
    if threads is not None and not (
        threads.isascii() and threads.isdecimal() and 1 <= int(threads[:9]) <= _MOST_THREADS
    ):
        raise SettingError("NUMBA_NUM_THREADS", threads, f"a whole number, 1 to {_MOST_THREADS}")
    jit = os.environ.get("NUMBA_DISABLE_JIT", "0")
    if jit != "0":
        raise SettingError("NUMBA_DISABLE_JIT", jit, "0, or unset: qnu's loops must be compiled")
    layer = os.environ.get("NUMBA_THREADING_LAYER", "default")
    if layer.lower() not in (*_LAYERS, *_GROUPS):
        raise SettingError("NUMBA_THREADING_LAYER", layer, _LISTED)
    order = os.environ.get("NUMBA_THREADING_LAYER_PRIORITY")
    if order is not None and sorted(order.split()) != sorted(_LAYERS):
        raise SettingError(
            "NUMBA_THREADING_LAYER_PRIORITY", order, f"{' '.join(_LAYERS)}, in any order"
        )
    features = os.environ.get("NUMBA_CPU_FEATURES", "")
    if not re.fullmatch(r"([+-][\w.-]+(,[+-][\w.-]+)*)?", features, re.ASCII):
        raise SettingError(
            "NUMBA_CPU_FEATURES", features, "names after + or -, with commas between"
        )


def _import_numba() -> Any:
    """numba; a setting that it cannot read is an error, not a warning of three lines."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import numba
    for one in caught:
        match = re.search(r"Environment variable '(\w+)'.* value '(.*)' could", str(one.message))
        if match:
            raise SettingError(match[1], match[2], "a value that numba knows, or unset")
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return numba


def _check_layer(layer: str) -> None:
    """The library behind a layer that was requested by name."""
    library = {"tbb": "tbbpool", "safe": "tbbpool", "omp": "omppool"}.get(layer)
    try:
        if library is not None:
            importlib.import_module(f"numba.np.ufunc.{library}")
    except ImportError:
        raise SettingError(
            "NUMBA_THREADING_LAYER", layer, "a layer that is installed, or unset"
        ) from None


_check_settings()
_numba = _import_numba()
if _numba.config.DISABLE_JIT:
    raise SettingError("numba.config.DISABLE_JIT", True, "False: qnu's loops must be compiled")
_check_layer(str(_numba.config.THREADING_LAYER).lower())

from numba.core import caching  # noqa: E402  # after the checks
from numba.core.serialize import dumps  # noqa: E402

prange = _numba.prange
get_num_threads = _numba.get_num_threads
set_num_threads = _numba.set_num_threads

#: Settings of numba that change what it makes of a loop.
_OPTIONS = ("OPT", "BOUNDSCHECK", "LOOP_VECTORIZE", "SLP_VECTORIZE", "DEBUGINFO_DEFAULT")


def _folder() -> kernel_cache.Folder | None:
    import llvmlite
    import numpy as np

    options = (f"{name}={getattr(_numba.config, name, None)}" for name in _OPTIONS)
    number = kernel_cache.version(
        _numba.__version__, llvmlite.__version__, np.__version__, *options
    )
    if number is None:
        return None
    folder = kernel_cache.folder(f"kernels-{number}", _numba.config.CACHE_DIR)
    if folder.write is None and not folder.read:
        warnings.warn(
            QnuWarning(
                "no folder to keep compiled loops in, every process compiles them anew"
                " (set NUMBA_CACHE_DIR to a folder of your own)"
            ),
            stacklevel=3,
        )
        return None
    return folder


class _Library(caching.CompileResultCacheImpl):  # type: ignore[misc]  # numba has no type hints
    """How numba writes down what it compiled; without its own choice of folders."""

    def __init__(self, function: Any) -> None:
        self._py_file = function.__code__.co_filename
        self._lineno = function.__code__.co_firstlineno
        self._locator = self  # for the line of a warning


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    """numba's cache of one function, in files of :mod:`qnu.common.kernel_cache`."""

    def __init__(self, function: Any, folder: kernel_cache.Folder) -> None:
        self._name = repr(function)
        self._py_func = function
        self._impl = _Library(function)
        self._folder = folder
        self._cache_path = str(folder.write or folder.read[0])
        code = function.__code__
        self._own = f"{function.__module__}.{function.__qualname__}:{code.co_firstlineno}"
        if not kernel_cache.holds(code.co_filename):  # a loop of another package
            self._own += hashlib.sha256(Path(code.co_filename).read_bytes()).hexdigest()
        self.enable()

    def flush(self) -> None:
        """Nothing is forgotten: what fits the sources is right."""

    def _file(self, key: Any) -> str:
        name = re.sub(r"\W+", "_", self._py_func.__qualname__)[:60]
        return f"{name}-{hashlib.sha256(f'{self._own} {key!r}'.encode()).hexdigest()[:24]}.nbc"

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        if not self._enabled:
            return None
        key = self._index_key(sig, target_context.codegen())
        content = self._folder.load(self._file(key))
        if content is None:
            return None
        saved, payload = caching.pickle.loads(content)
        return self._impl.rebuild(target_context, payload) if saved == key else None

    def _save_overload(self, sig: Any, data: Any) -> None:
        if self._enabled and self._impl.check_cachable(data):
            key = self._index_key(sig, data.codegen)
            self._folder.save(self._file(key), dumps((key, self._impl.reduce(data))))


def layer() -> str:
    """What shares loops between threads: tbb, omp or workqueue; empty before the first one."""
    try:
        return str(_numba.threading_layer())
    except ValueError:
        return ""


def start_threads() -> None:
    """Chooses the layer and starts its threads, as the first loop would."""
    from numba.np.ufunc.parallel import _launch_threads

    _launch_threads()


_FOLDER = _folder()


def cache() -> kernel_cache.Folder | None:
    """Where compiled loops are kept; None where there is no such folder."""
    return _FOLDER


def njit(function: Any = None, **options: Any) -> Any:
    """``numba.njit`` with what it compiled kept on disk.

    A loop with ``fastmath`` that other loops call needs ``forceinline=True``, and so does what is
    between it and a loop that Python calls. Otherwise a loop that is loaded has a copy of it,
    optimised once more, where the process that compiled both calls the first: other last bits.

    Args:
        function: a loop.
        options: of ``numba.njit``.

    Returns:
        the compiled loop.
    """
    if function is None:
        return lambda one: njit(one, **options)
    compiled: Callable[..., Any] = _numba.njit(**options)(function)
    if _FOLDER is not None:
        compiled._cache = _Cache(function, _FOLDER)  # type: ignore[attr-defined]  # as enable_caching
    return compiled
