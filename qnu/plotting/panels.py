"""The panels of a comparison: which ones there are, what they show, and what they leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .. import observables
from ..averages import Estimate, estimate, has_entropy
from ..cells import MEAN_OF
from ..common.checks import Floats, choice
from ..errors import QnuError, Words
from ..trajectory import Trajectory
from . import profile_panels
from . import residuals as differences
from .profile_panels import PROFILES
from .style import MethodStyle, group_name

if TYPE_CHECKING:
    from ..profiles import Profile
    from ..schedules import EncounterSchedule

#: Names of the panels, and their heights in inches.
PANELS = {
    "length": 1.4,
    "z": 1.4,
    "entropy": 1.4,
    "flavor": 1.4,
    "residual": 0.95,
    "mu": 0.75,
    "matter": 0.75,
}
#: Shortest polarization of a gas that is as good as pure.
_PURE = 1 - 1e-3


@dataclass(frozen=True, eq=False)
class Panel:
    """What one panel shows.

    Args:
        name: one of :data:`PANELS`.
        label: of its vertical axis.
        curves: times and estimates of every method in it.
        profile: of the panels mu and matter.
        notes: sentences about it.
        in_sigma: whether it shows residuals in standard errors.
    """

    name: str
    label: str = ""
    curves: dict[str, tuple[Floats, Estimate]] = field(default_factory=dict)
    profile: Profile | None = None
    notes: tuple[str, ...] = ()
    in_sigma: bool = False

    @property
    def inches(self) -> float:
        """Its height."""
        return PANELS[self.name]


@dataclass(frozen=True, eq=False)
class Asked:
    """What is compared.

    Args:
        trajectories: by label.
        methods: their styles.
        schedule: what knows mu(t) and matter(t); or None.
        reference: label of the exact method; or None.
    """

    trajectories: Mapping[str, Trajectory]
    methods: Mapping[str, MethodStyle]
    schedule: EncounterSchedule | None
    reference: str | None

    @property
    def span(self) -> tuple[float, float]:
        """First and last time of all."""
        runs = self.trajectories.values()
        return min(float(t.times[0]) for t in runs), max(float(t.times[-1]) for t in runs)


def chosen(asked: Asked, given: Sequence[str] | None) -> tuple[list[Panel], list[str]]:
    """The panels that are drawn, and sentences on those that are not.

    Raises:
        QnuError: an unknown panel, none at all, or none that shows anything.
    """
    names = _default(asked) if given is None else _checked(given)
    drawn: list[Panel] = []
    missing: list[str] = []
    for k, name in enumerate(names):
        panel = _panel(asked, name, names[:k])
        if isinstance(panel, Panel):
            drawn.append(panel)
        else:
            missing.append(f"Panel {name} is left out: {panel}.")
    if not drawn:
        reason = missing[0].partition(": ")[2].rstrip(".")
        raise QnuError("panels", Words(f"{names[0]!r} alone, but {reason}"), "another panel, too")
    return drawn, missing


def _checked(given: Sequence[str]) -> list[str]:
    names = [given] if isinstance(given, str) else list(given)
    if not names:
        raise QnuError("panels", given, f"at least one of {', '.join(map(repr, PANELS))}")
    return list(dict.fromkeys(choice("panels", name, tuple(PANELS)) for name in names))


def _default(asked: Asked) -> list[str]:
    runs = asked.trajectories
    names = ["z"]
    mixed = [run for run in runs.values() if _is_ever_mixed(run)]
    if mixed:
        names = ["length", "z"]
        if not all(MEAN_OF in run.attrs for run in mixed):  # these have no entropy to compare with
            names.append("entropy")
    reference = asked.reference
    shots = [label for label, run in runs.items() if differences.has_shots(run)]
    if reference is not None and any(label != reference for label in shots):
        names.append("residual")
    if asked.schedule is not None:
        start, stop = asked.span
        for name in PROFILES:
            profile = getattr(asked.schedule, name)
            if stop > start and profile_panels.changes(profile, start, stop):
                names.append(name)
    return names


def _is_ever_mixed(trajectory: Trajectory) -> bool:
    return any((observables.length(p) < _PURE).any() for p in trajectory.polarization)


def _panel(asked: Asked, name: str, before: Sequence[str]) -> Panel | str:
    """The panel, or why there is nothing to draw."""
    if name in PROFILES:
        return _profile(asked, name)
    if name == "residual":
        shown = [n for n in before if n in ("length", "z", "entropy", "flavor")]
        return _residual(asked, "flavor" if "flavor" in shown and "z" not in shown else "z")
    if name == "entropy":
        return _entropy(asked)
    if name == "flavor":
        return _flavor(asked)
    label = r"group length $|\mathbf{P}_g|$" if name == "length" else r"group $z$ component"
    runs = asked.trajectories
    return Panel(name, label, {k: (t.times, estimate(t, name)) for k, t in runs.items()})


def _entropy(asked: Asked) -> Panel | str:
    runs, names = asked.trajectories, asked.methods
    known = {k: t for k, t in runs.items() if has_entropy(t)}
    several = sum(k not in known for k in runs) > 1
    why = rf"{'their' if several else 'its'} $\mathbf{{P}}$ is a mean over neutrinos that differ"
    missing = _listed([names[k].name for k in runs if k not in known])
    if not known:
        return f"{missing} {'have' if several else 'has'} no entropy of one neutrino ({why})"
    notes = []
    by_group = [k for k, t in known.items() if t.attrs.get("resolve") == "group"]
    if by_group:
        who = _listed([names[k].name for k in by_group])
        follows = "follow" if len(by_group) > 1 else "follows"
        they = "they" if len(by_group) > 1 else "it"
        notes.append(
            rf"Entropy of {who}: {they} {follows} one $\mathbf{{P}}$"
            r" for all neutrinos of a group, and the entropy is that of this $\mathbf{P}$."
        )
    if missing:
        notes.append(f"No entropy of {missing}: {why}.")
    curves = {k: (t.times, estimate(t, "entropy")) for k, t in known.items()}
    return Panel("entropy", "entropy of one\nneutrino (bits)", curves, notes=tuple(notes))


def _flavor(asked: Asked) -> Panel | str:
    curves, undefined = {}, {}
    kinds = set()
    for label, run in asked.trajectories.items():
        values = estimate(run, "flavor")
        known = np.asarray(np.isfinite(values.mean).all(axis=0))
        lost = [n for n, k in zip(run.group_names, known.tolist(), strict=True) if not k]
        if lost:
            undefined[label] = lost
        if known.any():
            curves[label] = (run.times, values)
        kinds |= set(run.dataset["antineutrino"].values.astype(bool).tolist())
    why = "neutrinos and antineutrinos that start differently are in one mean"
    if not curves:
        return f"it is not determined ({why})"
    notes = tuple(
        rf"No $P(\nu_e)$ of group {_listed([group_name(n) for n in lost])} in"
        f" {asked.methods[label].name}: {why}."
        for label, lost in undefined.items()
    )
    parts = [r"$P(\nu_e)$"] * (False in kinds) + [r"$P(\bar\nu_e)$"] * (True in kinds)
    return Panel("flavor", ",\n".join(parts), curves, notes=notes)


def _residual(asked: Asked, quantity: str) -> Panel | str:
    if asked.reference is None:
        return "no method here is exact (reference = ... names one to subtract)"
    found = differences.residuals(asked.trajectories, asked.reference, quantity)
    if not found.curves:
        reasons = sorted(set(found.left_out.values()))
        return f"there is nothing to compare ({_listed(reasons) or 'one method only'})"
    symbol = r"P(\nu_e)" if quantity == "flavor" else "z"
    reference = asked.methods[found.reference].name
    notes = []
    if found.in_sigma:
        label = "residual of\n" + rf"${symbol}$ ($\sigma$)"
        text = rf"Residual: ${symbol}$ minus that of {reference}, over the standard error $\sigma$"
        notes.append(rf"{text} of the shots; grey: $\pm1\sigma$ and $\pm2\sigma$.")
        certain = sum(int(np.isnan(e.mean).sum()) for _, e in found.curves.values())
        if certain:
            points = "1 point" if certain == 1 else f"{certain} points"
            notes.append(f"Left out of it: {points} whose standard error is 0.")
    else:
        label = rf"${symbol}$ minus" + f"\n{reference}"
    others = {k: why for k, why in found.left_out.items() if why != "no shots"}
    notes += [f"No residual of {asked.methods[k].name}: {why}." for k, why in others.items()]
    return Panel("residual", label, found.curves, notes=tuple(notes), in_sigma=found.in_sigma)


def _profile(asked: Asked, name: str) -> Panel | str:
    profile = profile_panels.profile_of(name, asked.trajectories, asked.schedule)
    if profile is None:
        return f"these results do not say {name}(t) (schedule = ... does)"
    return Panel(name, profile=profile)


def _listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
