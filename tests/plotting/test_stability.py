"""The figure of growth rates: what it shows is what was computed."""

import numpy as np
import pytest

from qnu import Beams, QnuError, plotting, solvers


@pytest.fixture(scope="module")
def modes():
    beams = Beams([1, -1], [0.6, 0.4], [[0, 0, 1], [0, 0, -1]])
    return solvers.linear_stability(beams, [0.0, -1.0, -2.0, -0.5], mu=2.0)


def test_growth_and_frequencies_are_drawn_in_units_of_mu_and_in_order(modes):
    figure = plotting.growth({"two beams": modes}, {"measured": ([-1.0], [0.5])})
    above, below = figure.axes
    k, rate = above.lines[0].get_data()
    assert k.tolist() == [-1, -0.5, -0.25, 0]
    assert rate == pytest.approx(modes.growth[[2, 1, 3, 0]] / 2)
    assert above.lines[1].get_data()[1].tolist() == [0.5]
    assert [t.get_text() for t in above.get_legend().get_texts()] == ["two beams", "measured"]
    grows = modes.growth[[2, 1, 3, 0]] > 0
    assert below.lines[1].get_data()[0].tolist() == k[grows].tolist()
    every = np.sort(modes.frequency.real.ravel()) / 2
    assert np.sort(below.lines[0].get_data()[1]) == pytest.approx(every)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (({},), "modes"),
        ((3,), "modes"),
        ((None, {"a": ([1.0], [1.0, 2.0])}), "measured"),
        ((None, {"a": 3}), "measured"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(modes, given, message):
    with pytest.raises(QnuError, match=message):
        plotting.growth(given[0] if given[0] is not None else modes, *given[1:])
    with pytest.raises(QnuError, match="width"):
        plotting.growth(modes, width="wide")
