"""The key `angular` of a group: read, drawn again for every history, kept, and refused."""

import json
import sys

import numpy as np
import pytest

import qnu
from qnu import AngularDistribution, QnuError
from qnu.experiment import velocities

SPEC = """
name = "crossed"
seed = 1
mixing_angle = 0.01
[[group]]
count = 3
flavor = "electron"
[[group]]
count = 5
flavor = "electron"
antineutrino = true
angular = {angular}
[schedule]
kind = "tournament"
gamma = 0.05
[[method]]
kind = "independent"
[[method]]
kind = "mean_field"
"""


def written(tmp_path, angular, extra=""):
    path = tmp_path / "crossed.toml"
    path.write_text(extra + SPEC.replace("{angular}", angular), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{ kind = "isotropic" }', AngularDistribution.isotropic()),
        ('{ kind = "gaussian", width = 0.6 }', AngularDistribution.gaussian(0.6)),
        ('{ kind = "gaussian", width = 2, centre = -1 }', AngularDistribution.gaussian(2, -1)),
        ('{ kind = "legendre", coefficients = [1, 0.3] }', AngularDistribution.legendre([1, 0.3])),
        (
            '{ kind = "table", cosine = [-1, 1], density = [0, 1] }',
            AngularDistribution.table([-1, 1], [0, 1]),
        ),
        ('{ kind = "one", cosine = 0.5 }', AngularDistribution.one(0.5)),
    ],
)
def test_every_kind_is_read(tmp_path, text, expected):
    gas = qnu.experiment.load(written(tmp_path, text)).gas
    assert gas.angular == (None, expected)
    assert (expected.kind == "one") == (np.ptp(gas.velocity[3:, 2]) < 1e-15)


def test_histories_draw_anew_and_a_result_folder_keeps_what_they_drew(tmp_path, monkeypatch):
    path = written(tmp_path, '{ kind = "gaussian", width = 0.6 }', "seeds = 2\n")
    monkeypatch.setattr(sys.modules["qnu.experiment.running"], "draw", lambda *args: ([], ()))
    experiment = qnu.experiment.load(path)
    assert experiment.random == ("independent",)  # mean field has one row per group
    qnu.experiment.run(experiment, tmp_path / "results")
    kept = velocities.kept_in(tmp_path / "results")
    assert set(kept) == {1, 2}
    assert abs(kept[1][3:] - kept[2][3:]).max() > 0.1
    assert (kept[1] == experiment.gas.velocity).all()
    again = qnu.experiment.load(tmp_path / "results" / "spec.toml")
    assert again.gas == experiment.gas
    record = json.loads((tmp_path / "results" / "summary.json").read_text(encoding="utf-8"))
    assert record["gas"]["angular"] == {"2": "gaussian"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3", r"group\[1\].angular: got 3"),
        ('{ width = 1 }', r"group\[1\].angular.kind"),
        ('{ kind = "gauss" }', "did you mean 'gaussian'"),
        ('{ kind = "gaussian" }', r"group\[1\].angular.width"),
        ('{ kind = "gaussian", width = true }', r"group\[1\].angular.width"),
        ('{ kind = "gaussian", width = 1, wide = 1 }', r"group\[1\].angular.wide"),
        ('{ kind = "legendre", coefficients = [1, 9] }', r"group\[1\].angular.coefficients"),
        ('{ kind = "one", cosine = nan }', r"group\[1\].angular.cosine"),
        ('{ kind = "isotropic" }\ndirection = [0, 0, 1]', "both angular and direction"),
        ('{ kind = "isotropic" }\n[gas]\nvelocities = "right-angle"', r"group\[1\].angular"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_with_the_key(tmp_path, text, message):
    with pytest.raises(QnuError, match=message) as error:
        _ = qnu.experiment.load(written(tmp_path, text)).gas
    assert "\n" not in str(error.value)


def test_the_hash_has_the_distribution_and_without_one_is_that_of_earlier_versions(tmp_path):
    one, two = (
        qnu.experiment.load(written(tmp_path, f'{{ kind = "gaussian", width = {width} }}')).spec
        for width in ("2", "2.0")
    )
    assert one.fingerprint() == two.fingerprint()
    path = written(tmp_path, '{ kind = "isotropic" }')
    path.write_text(
        path.read_text(encoding="utf-8").replace('angular = { kind = "isotropic" }', ""),
        encoding="utf-8",
    )
    without = qnu.experiment.load(path).spec
    assert "angular" not in str(without.content(set()))
    assert "angular" in str(one.content(set()))
    assert without.fingerprint() != one.fingerprint()
