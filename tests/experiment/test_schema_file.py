"""The JSON schema of experiment files: made from the models, shipped, and right."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from qnu import QnuError, catalogue
from qnu.experiment import load, schema_file
from qnu.experiment.starting import text_from

SHIPPED = catalogue.folder("circuits") / schema_file.FILE
FILES = sorted(catalogue.folder("circuits").rglob("*.toml"))


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> jsonschema.Draft7Validator:
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_the_shipped_schema_is_that_of_the_models() -> None:
    code = "from qnu.experiment import schema_file; print(schema_file.text(), end='')"
    made = subprocess.run(  # by itself: other tests define kinds of their own
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert made.stdout == SHIPPED.read_text(encoding="utf-8"), "run `make keys`"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_experiment_and_sweep_of_the_catalogue_is_valid(file: Path, validator) -> None:
    validator.validate(tomllib.loads(file.read_text(encoding="utf-8")))


def test_the_file_that_new_writes_is_valid(validator) -> None:
    validator.validate(tomllib.loads(text_from()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("gamma = 0.3", "gama = 0.3"),
        ("gamma = 0.3", "gamma = -0.3"),
        ("gamma = 0.3", 'gamma = "much"'),
        ('kind = "tournament"', 'kind = "turnament"'),
        ('kind = "many_body"', 'kind = "manybody"'),
        ('["entropy", "pair_concurrence"]', '["entropi"]'),
        ("shots = 2000", "shots = -1"),
        ("shots = 2000", "shots = 2000.5"),
        ("samples = 8 ", "samples = 1 "),
        ("count = 4", "count = 0"),
        ('flavor = "x"', 'flavor = "muon"'),
        ('velocities = "right-angle"', 'velocities = "right"'),
        ("omega = 0.5", 'omega = ["a"]'),
        ("seed = 1", "sede = 1"),
    ],
)
def test_a_typo_is_not_valid(before: str, after: str, validator) -> None:
    text = text_from()
    assert before in text
    wrong = tomllib.loads(text.replace(before, after))
    assert not validator.is_valid(wrong)


@pytest.mark.parametrize(
    ("table", "given", "fine"),
    [
        ("mu", {"start": 1.0, "scale": 2.0}, True),
        ("mu", {"times": [0, 1], "values": [1, 2]}, True),
        ("mu", {"start": "much"}, False),
        ("matter", 3, True),
        ("mu", {"start": 1.0, "radius": "50 km", "power": 4}, True),
        ("mu", {"start": 1.0, "radios": "50 km", "power": 4}, False),
        ("mu", {}, False),
        ("matter", "3 km^-1", True),
        ("matter", True, False),
    ],
)
def test_profiles_are_numbers_texts_or_tables(
    table: str, given: Any, fine: bool, validator
) -> None:
    data = tomllib.loads(text_from())
    data["schedule"][table] = given
    assert validator.is_valid(data) == fine


def test_only_a_file_with_units_needs_no_gamma(validator) -> None:
    data = tomllib.loads(text_from())
    del data["schedule"]["gamma"]
    assert not validator.is_valid(data)
    data["units"] = {"density": "1e30 cm^-3", "packet": "1e-11 cm"}
    assert validator.is_valid(data)
    data["units"] = {"density": 1e30}
    assert not validator.is_valid(data)
    plane_wave = tomllib.loads(text_from())
    plane_wave["schedule"] = {"kind": "plane_wave", "duration": 3, "steps": 4}
    assert validator.is_valid(plane_wave)


@pytest.mark.parametrize(
    ("duration", "fine"), [(3, True), ("3 km", True), (0, False), ([3], False)]
)
def test_a_time_is_a_number_or_a_text(duration: object, fine: bool, validator) -> None:
    data = tomllib.loads(text_from())
    data["schedule"] = {"kind": "plane_wave", "duration": duration, "steps": 4}
    assert validator.is_valid(data) == fine


def test_every_key_says_what_it_is_and_no_default_is_null(schema: dict[str, Any]) -> None:
    tables = {"file": schema, **schema["definitions"]}
    for name, table in tables.items():
        for key, value in table["properties"].items():
            assert "description" in value or "const" in value, f"{name}.{key}"
            assert value.get("default", 0) is not None, f"{name}.{key}"
            assert "``" not in value.get("description", ""), f"{name}.{key}"
    gamma = schema["definitions"]["StochasticKind"]["properties"]["probability"]
    assert gamma["description"].startswith("Per neutrino and step.\n\nValue: a finite number")


def test_machines_and_observables_are_offered(schema: dict[str, Any]) -> None:
    circuit = schema["definitions"]["CircuitMethod"]["properties"]
    assert circuit["hardware"]["anyOf"][0]["enum"] == list(catalogue.hardware_names())
    many_body = schema["definitions"]["ManyBodyMethod"]["properties"]["observables"]
    assert "half_chain_entropy" in many_body["items"]["enum"]
    assert "half_chain_entropy" not in circuit["observables"]["items"]["enum"]


def test_only_a_schema_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "qnu.schema.json"
    assert schema_file.write(file) == file
    file.write_text(json.dumps({"title": schema_file.TITLE}), encoding="utf-8")
    schema_file.write(file)
    assert json.loads(file.read_text(encoding="utf-8")) == schema_file.schema()
    other = tmp_path / "mine.json"
    other.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(QnuError, match=r"an earlier schema of qnu"):
        schema_file.write(other)
    assert other.read_text(encoding="utf-8") == "[1, 2]"


def test_a_file_that_the_schema_refuses_is_refused_by_qnu_too(tmp_path: Path, validator) -> None:
    text = text_from().replace("gamma = 0.3", "gamma = 0.0")
    file = tmp_path / "a.toml"
    file.write_text(text, encoding="utf-8")
    assert not validator.is_valid(tomllib.loads(text))
    with pytest.raises(QnuError, match=r"schedule\.gamma"):
        load(file)
