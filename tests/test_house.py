"""The layout of the code: lazy top level, imports that run downward, short files, docstrings."""

import ast
import functools
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qnu

ROOT = Path(qnu.__file__).parent
FILES = {"qnu.css", "qnu.toml"}  # which names in the pages mean files
HEAVY = ("numba", "xarray", "qiskit", "matplotlib", "scipy", "pandas")


def test_import_is_light() -> None:
    code = f"import qnu, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_promised_is_there() -> None:
    for name in qnu.__all__:
        assert getattr(qnu, name) is not None
    assert set(qnu.__all__) <= set(dir(qnu))
    with pytest.raises(AttributeError, match="no attribute 'neutrino'"):
        qnu.neutrino  # noqa: B018  # the access itself is what is tested


def pages() -> str:
    """All that users read: pages, notebooks, scripts of figures."""
    home = ROOT.parent
    found = [
        *(page for page in home.glob("*.md") if page.name != "CONTRIBUTING.md"),  # names new ones
        *(home / "docs").rglob("*.md"),
        *(home / "docs").rglob("*.py"),
        *(home / "notebooks").glob("*"),
        home / "circuits" / "README.md",
        home / "hardware_configs" / "README.md",
    ]
    return "\n".join(page.read_text(encoding="utf-8") for page in found if page.is_file())


def test_every_name_in_the_docs_works_after_import_qnu_alone() -> None:
    names = sorted(set(re.findall(r"\bqnu(?:\.[A-Za-z_]\w*)+", pages())) - FILES)
    assert "qnu.quantum.qasm.export" in names
    code = (
        "import sys, operator, qnu\n"
        "for name in sys.argv[1:]: operator.attrgetter(name.partition('.')[2])(qnu)"
    )
    subprocess.run([sys.executable, "-c", code, *names], check=True)


def test_every_import_in_the_docs_works() -> None:
    lines = sorted(set(re.findall(r"\bfrom qnu[\w.]* import [\w, ]+", pages())))
    assert "from qnu.quantum import FakeMachine, Mitigation, devices, jobs, requests" in lines
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of qnu by its dotted name."""
    named = {}
    for path in ROOT.rglob("*.py"):
        parts = ("qnu", *path.relative_to(ROOT).with_suffix("").parts)
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


def imports() -> Iterator[tuple[str, str, str]]:
    """Who imports which name from where: also late, and only for types."""
    named = modules()
    for module, path in named.items():
        parts = module.split(".")
        package = parts if path.name == "__init__.py" else parts[:-1]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                base = package[: len(package) + 1 - node.level] if node.level else []
                base = base + (node.module.split(".") if node.module else [])
                for alias in node.names:
                    full = ".".join([*base, alias.name])
                    target = full if full in named else ".".join(base)
                    if target in named and target != module:
                        yield module, target, alias.name
            elif isinstance(node, ast.Import):
                yield from ((module, a.name, "") for a in node.names if a.name in named)


def circle(edges: dict[str, set[str]]) -> list[str]:
    """Some nodes that lead back to themselves; none where there is no circle."""
    left = {node: set(targets) for node, targets in edges.items()}
    while True:
        ends = [node for node, targets in left.items() if not targets & left.keys()]
        if not ends:
            return sorted(left)
        for node in ends:
            del left[node]


def test_no_module_imports_itself_on_a_detour() -> None:
    edges: dict[str, set[str]] = {name: set() for name in modules()}
    for module, target, _ in imports():
        edges[module].add(target)
    assert circle(edges) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("package", ["qnu", "qnu.quantum", "qnu.engine", "qnu.quantum.compile"])
def test_no_circle_of_folders(package: str) -> None:
    depth = package.count(".") + 2
    edges: dict[str, set[str]] = {}
    for module, target, _ in imports():
        if module.startswith(f"{package}.") and target.startswith(f"{package}."):
            one, two = (".".join(name.split(".")[:depth]) for name in (module, target))
            edges.setdefault(one, set())
            edges.setdefault(two, set())
            if one != two:
                edges[one].add(two)
    assert circle(edges) == []


#: Layers from top to bottom; those of one line do not import each other.
LAYERS = (
    ("cli",),
    ("experiment",),
    ("report", "plotting"),
    ("premises", "quantities"),
    ("solvers", "quantum"),
    ("methods",),
    ("engine", "checkpoint"),
    ("trajectory",),
    ("schedules",),
    ("gas", "encounter"),
    ("common",),
    ("errors",),
)


def test_imports_run_downward() -> None:
    layer = {name: depth for depth, names in enumerate(LAYERS) for name in names}
    for module, target, _ in imports():
        one, two = ([*name.split("."), ""][1] for name in (module, target))
        if one in layer and two in layer and one != two:
            assert layer[one] < layer[two], f"{module} imports {target}"


def test_nothing_private_is_imported_across_folders() -> None:
    named = modules()
    for module, target, name in imports():
        parts = module.split(".")
        own = parts if named[module].name == "__init__.py" else parts[:-1]
        path = target.split(".")
        for depth, part in enumerate(path):
            if part.startswith("_"):
                assert own[:depth] == path[:depth], f"{module} imports {target}"
        if name.startswith("_") and f"{target}.{name}" not in named and target not in named:
            raise AssertionError(f"{module} imports {name} of {target}")


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for module, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef):
                yield module, node


def test_files_and_functions_are_short() -> None:
    for module, path in modules().items():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, module
    for module, function in functions():
        text = ast.get_docstring(function, clean=False) or ""
        lines = function.end_lineno - function.lineno + 1 - len(text.splitlines())
        assert lines <= 60, f"{module}.{function.name}"


def test_the_quantum_folder_can_be_taken_in_at_a_glance() -> None:
    entries = [path for path in (ROOT / "quantum").iterdir() if path.name != "__pycache__"]
    assert len(entries) <= 9


PUBLIC = (
    "qnu.encounter",
    "qnu.gas",
    "qnu.observables",
    "qnu.premises",
    "qnu.quantities",
    "qnu.schedules",
    "qnu.solvers",
    "qnu.quantum",
    "qnu.quantum.jobs",
    "qnu.units",
    "qnu.plotting",
    "qnu.experiment",
    "qnu.catalogue",
    "qnu.testing",
    "qnu.methods",
)


def public_face():
    for module in map(importlib.import_module, PUBLIC):
        names = getattr(module, "__all__", None)
        for name in names or [n for n in vars(module) if not n.startswith("_")]:
            thing = getattr(module, name)
            own = getattr(thing, "__module__", "").startswith(module.__name__)
            if own and inspect.isfunction(thing):
                yield pytest.param(thing, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("function", list(public_face()))
def test_public_functions_say_what_they_take_and_show_an_example(function) -> None:
    text = inspect.getdoc(function) or ""
    assert ">>>" in text
    assert "Args:" in text or not inspect.signature(function).parameters


def test_no_section_of_a_docstring_says_nothing() -> None:
    empty = re.compile(r"(Raises:\s+QnuError: never\.|References:\s+qnu's own( convention)?\.)")
    for module, path in modules().items():
        assert not empty.search(path.read_text(encoding="utf-8")), module


def test_the_ten_lines_of_the_readme_say_what_they_print(capsys) -> None:
    readme = ROOT.parent / "README.md"
    block = readme.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    assert len([line for line in block.splitlines() if line]) <= 10
    exec(compile(block, "README.md", "exec"), {})  # the block is ours
    largest = float(capsys.readouterr().out)
    assert "# largest difference, in standard errors: about 2" in block
    assert 1 < largest < 3
