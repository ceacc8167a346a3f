"""How the pages of ``docs/reference`` are made from docstrings: settings, tables, types."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import re
import typing
from importlib.util import resolve_name
from pathlib import Path
from typing import Any, ClassVar

import command_line
from docutils import nodes
from docutils.statemachine import StringList
from pydantic import BaseModel
from sphinx.addnodes import desc_annotation, desc_sig_name, pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import stringify_annotation

import qnu

SETTINGS = {
    "autodoc_default_options": {"members": True, "member-order": "bysource"},
    "autodoc_inherit_docstrings": False,
    "autodoc_preserve_defaults": True,
    "autodoc_type_aliases": {
        "ArrayLike": "numpy.typing.ArrayLike",
        "DTypeLike": "numpy.typing.DTypeLike",
        "Profile": "qnu.profiles.Profile",
        "Seed": "qnu.testing.Seed",
    },
    "autodoc_typehints": "description",
    "autodoc_typehints_format": "short",
    "napoleon_numpy_docstring": False,
    "napoleon_use_ivar": True,
    "python_display_short_literal_types": True,
    "python_maximum_signature_line_length": 79,
    "toc_object_entries_show_parents": "hide",
}

#: What a page documents: one directive per name, with its full name.
DOCUMENTED = re.compile(
    r"^\.\. (autofunction|autoclass|autoexception|autodata|py:type):: (qnu[\w.]*)$", re.MULTILINE
)

#: Names in annotations that are not evaluated, and what a reader makes of them.
SHORT = {
    "Angle": "float | ParameterExpression",
    "ArrayLike": "ArrayLike",
    "Figure": "Figure",
    "Floats": "ndarray",
    "Held": "ndarray",
    "Path": "Path",
    "ProgressFunction": "Callable[[float], None]",
    "QuantumCircuit": "QuantumCircuit",
    "xr.Dataset": "xarray.Dataset",
}

#: Types of arguments that only qnu itself gives, and what a reader needs to know of them.
INTERNAL = {
    "qnu.checkpoint.StoredArray": "numpy.ndarray",
    "qnu.gas.Sampled": "qnu.Trajectory",
    "qnu.quantum.circuits.canonical.Form": "typing.Any",
    "qnu.solvers.states.State": "typing.Any",
}

#: An annotation that is not evaluated, and whose short name is that of something else too.
NOT_EVALUATED = {("qnu.report.table", "return"): "~rich.table.Table"}

#: An array of one type of numbers is an array: the docstring says its shape and unit.
_ARRAY = re.compile(
    r"(?:~?numpy\.)?ndarray\[tuple\[(?:~?typing\.)?Any, \.\.\.\], (?:~?numpy\.)?dtype\[[^]]*\]\]"
)
_ALIAS = re.compile(r"~?(?:sphinx\.util\.inspect\.)?TypeAliasForwardRef\('([\w.]+)'\)")


def documented(page: Path) -> list[str]:
    """The full names that a page documents, in its order."""
    return [name for _, name in DOCUMENTED.findall(page.read_text(encoding="utf-8"))]


class Summary(SphinxDirective):
    """A table of the names that the page documents, with the first paragraph of each docstring."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """The table."""
        rows = [".. list-table::", "   :class: summary", "   :widths: auto", ""]
        for name in documented(Path(self.env.doc2path(self.env.docname))):
            module, _, last = name.rpartition(".")
            rows += [f"   * - :py:obj:`{last} <{name}>`", f"     - {first_paragraph(module, last)}"]
        node = nodes.container()
        self.state.nested_parse(StringList([*rows, ""], "summary"), self.content_offset, node)
        return node.children


def first_paragraph(module: str, name: str) -> str:
    """Of the docstring, or of the comment of a value, as one line without references."""
    value = _value(f"{module}.{name}")
    documents_itself = inspect.isclass(value) or inspect.isroutine(value)
    text = (inspect.getdoc(value) or "") if documents_itself else comment(module, name)
    line = " ".join(text.strip().split("\n\n")[0].split()).rstrip(":.")
    return re.sub(r":(?!math)[\w:]+:`[~.]?(?:[\w.]+\.)?(\w+)`", r"``\1``", line) + "."


def comment(module: str, name: str) -> str:
    """The comment ``#:`` of a value, in the module that it is imported from."""
    analyzer = ModuleAnalyzer.for_module(module)
    found = analyzer.find_attr_docs().get(("", name))
    if found is not None:
        return "\n".join(found)
    package = importlib.import_module(module).__package__
    for node in ast.parse(analyzer.code).body:
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]:
            source = "." * node.level + (node.module or "")
            return comment(resolve_name(source, package), name)
    raise ValueError(f"{module}.{name} has no comment '#: ...' above it")


def settings(_: Sphinx, config: Config) -> None:
    """What autodoc and napoleon are told."""
    for name, value in SETTINGS.items():
        setattr(config, name, value)


def first_overload(_: Sphinx) -> None:
    """Solvers with overloads are read as the first one: their own source has other defaults."""
    for name in qnu.solvers.__all__:
        solver = getattr(qnu.solvers, name)
        if inspect.isfunction(solver) and (forms := typing.get_overloads(solver)):
            vars(solver)["__wrapped__"] = forms[0]


def types_of_parameters(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str, returned: str
) -> None:
    """Makes the types that autodoc has recorded readable; keys of tables have their own."""
    recorded = app.env.current_document.autodoc_annotations.get(name)
    if recorded is None:
        return
    if isinstance(obj, type) and issubclass(obj, BaseModel):
        recorded.update(types_of_keys(obj))
    if recorded.get("return") == "None":
        del recorded["return"]
    for parameter, annotation in recorded.items():
        text = _ARRAY.sub("~numpy.ndarray", _ALIAS.sub(r"~\1", annotation))
        for internal, public in INTERNAL.items():
            text = text.replace(internal, public)
        recorded[parameter] = NOT_EVALUATED.get((name, parameter), text)


def types_of_keys(table: type[BaseModel]) -> dict[str, str]:
    """Types of the keys of a table, without what checks them."""
    keys = {field.alias or name: field.annotation for name, field in table.model_fields.items()}
    bare = typing.get_type_hints(type("Bare", (), {"__annotations__": keys}))
    return {key: stringify_annotation(hint, "smart") for key, hint in bare.items()}


def text_of_docstring(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """What napoleon would misread: it takes what stands before a colon for a type."""
    if what == "data":
        lines[:] = comment(*name.rsplit(".", 1)).split("\n")
    if what in ("attribute", "data", "property") and lines:
        lines[0] = ": " + lines[0]
    if "Returns:" not in lines:
        return
    at = lines.index("Returns:")
    end = at + 1
    while end < len(lines) and (not lines[end] or lines[end].startswith(" ")):
        end += 1
    text = "\n".join(lines[at + 1 : end]).rstrip().split("\n")
    lines[at:end] = [f":returns: {text[0].strip()}", *text[1:], ""]


def order_of_fields(app: Sphinx, domain: str, kind: str, content: nodes.Element) -> None:
    """Arguments first, then what is returned, then errors, wherever autodoc has put the types."""
    order = {"param": 0, "type": 0, "returns": 1, "rtype": 2, "raises": 3}
    for fields in content.findall(nodes.field_list):
        fields.children.sort(key=lambda field: order.get(field[0].astext().split()[0], 0))


def texts_of_autodoc(app: Sphinx, page: nodes.document) -> None:
    """Types of properties, which autodoc does not record, and its label of attributes."""
    for label in page.findall(nodes.field_name):
        if label.astext() == "Variables":
            label.children = [nodes.Text("Attributes")]
    for annotation in page.findall(desc_annotation):
        text = annotation.astext()
        if "ndarray[" in text:
            annotation.children = [desc_sig_name("", re.sub(_ARRAY, "ndarray", text))]


def short_name(app: Sphinx, env: Any, node: pending_xref, shown: nodes.Node) -> nodes.Node | None:
    """A name that an annotation uses without its module, as text."""
    text = SHORT.get(node["reftarget"]) if node["refdomain"] == "py" else None
    return None if text is None else nodes.inline("", text)


def other_name(app: Sphinx, env: Any, node: pending_xref, shown: nodes.Node) -> nodes.Node | None:
    """A name of qnu by another of its paths (``qnu.solvers.METHODS``) leads to the same place."""
    target = node["reftarget"]
    if node["refdomain"] != "py" or not target.startswith("qnu."):
        return None
    name = described_as(target, app.srcdir)
    if name is None:
        return None
    python = env.domains["py"]
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, shown)


def described_as(target: str, docs: Path) -> str | None:
    """The name under which a page describes what ``target`` leads to."""
    with contextlib.suppress(ImportError, AttributeError):
        value = _value(target)
        for page in sorted((Path(docs) / "reference").glob("*.md")):
            for name in documented(page):
                same = name.rpartition(".")[2] == target.rpartition(".")[2]
                if same and _value(name) is value:
                    return name
    return None


def _value(name: str) -> Any:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def back_from_source(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], page: Any
) -> None:
    """Links of viewcode back to the reference: it takes one path for all names of a module."""
    if not pagename.startswith("_modules/qnu/"):
        return
    module = pagename.removeprefix("_modules/").replace("/", ".")
    for source in sorted((Path(app.srcdir) / "reference").glob("*.md")):
        for name in documented(source):
            if getattr(_value(name), "__module__", None) == module:
                last = name.rpartition(".")[2]
                end = '"' if last.islower() else '[".]'  # members of a class follow
                wrong = rf"#qnu(?:\.[a-z_]+)*?\.{last}(?={end})"
                context["body"] = re.sub(wrong, f"#{name}", context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Before napoleon (500) reads a docstring, after autodoc has recorded types."""
    app.add_directive("summary", Summary)
    app.connect("config-inited", settings)
    app.connect("builder-inited", command_line.write)
    app.connect("autodoc-process-docstring", text_of_docstring, priority=400)
    app.connect("builder-inited", first_overload)
    app.connect("autodoc-process-signature", types_of_parameters, priority=900)
    app.connect("object-description-transform", order_of_fields, priority=900)
    app.connect("doctree-read", texts_of_autodoc)
    app.connect("missing-reference", short_name)
    app.connect("missing-reference", other_name)
    app.connect("html-page-context", back_from_source)
    app.add_css_file("reference.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
