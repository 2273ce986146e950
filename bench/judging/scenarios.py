"""Families of scenarios: who marks whom, and what the judges are like. Every replicate draws its own from ranges."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Random = np.random.Generator
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class Committee:
    """The unseen truth behind one replicate. `panel[j, i]` tells whether judge j marks subject i.

    Severity in points of 100, spread as a factor, noise as a factor on every random part of a judge's marks,
    `favour[j, i]` points a judge adds on purpose. `halo` (points) and `jitter` (share of the maximum) are the random
    parts of an average judge. `quota` is the top stars' share, or for nominations the share to be chosen.
    """

    merit: Array
    panel: Array
    severity: Array
    spread: Array
    noise: Array
    favour: Array
    halo: float = 3.0
    jitter: float = 0.08
    maxima: Array = field(default_factory=lambda: np.full(20, 5.0))
    quota: float = 0.2


def _judges(
    random: Random, subjects: int, judges: int, *, severity: float | None = None, spread: float = 0.12
) -> Committee:
    counts = int(random.integers(8, 26))
    weights = random.choice([2.0, 3.0, 4.0, 5.0, 10.0], counts)
    # A committee's common level cannot be known from its marks: the truth is what ITS average judge would give.
    deviation = random.uniform(3.0, 5.5) if severity is None else severity
    strict, wide = random.normal(0, deviation, judges), random.normal(0, spread, judges)
    return Committee(
        merit=random.normal(74, random.uniform(8, 10), subjects),
        panel=np.zeros((judges, subjects), dtype=bool),
        severity=strict - strict.mean(),
        spread=np.exp(wide - wide.mean()),
        noise=np.ones(judges),
        favour=np.zeros((judges, subjects)),
        halo=random.uniform(2.0, 3.5),
        jitter=random.uniform(0.05, 0.09),
        maxima=weights * 100.0 / weights.sum(),
        quota=random.uniform(0.1, 0.3),
    )


def _lots(random: Random, committee: Committee, each: int) -> Committee:
    """Panels of `each` judges drawn by lot with even loads; some lots are refused because a judge knows the subject."""
    judges, subjects = committee.panel.shape
    load = np.zeros(judges)
    own = random.integers(0, judges, subjects)
    for subject in random.permutation(subjects):
        order = np.argsort(load + random.random(judges) * 0.9 + 1e6 * (np.arange(judges) == own[subject]))
        committee.panel[order[:each], subject] = True
        load[order[:each]] += 1
    return committee


def _everyone(random: Random, committee: Committee) -> Committee:
    """Every judge marks every subject but the own branch, the own unit's and one of declared interest: 1 to 3."""
    judges, subjects = committee.panel.shape
    committee.panel[:] = True
    for judge in range(judges):
        committee.panel[judge, random.choice(subjects, int(random.integers(1, 4)), replace=False)] = False
    return committee


def complete(random: Random) -> Committee:
    return _everyone(random, _judges(random, int(random.integers(30, 71)), int(random.integers(7, 10))))


def honest(random: Random) -> Committee:
    committee = _judges(random, int(random.integers(30, 71)), int(random.integers(7, 10)), severity=0.3, spread=0.02)
    return _everyone(random, committee)


def all_alike(random: Random) -> Committee:
    """Well-trained judges, and nobody recused: nothing at all to correct."""
    committee = _judges(random, int(random.integers(30, 71)), int(random.integers(7, 10)), severity=0.3, spread=0.02)
    committee.panel[:] = True
    return committee


def few_favours(random: Random) -> Committee:
    committee = _everyone(random, _judges(random, int(random.integers(40, 71)), 9))
    return _favours(random, committee, share=0.3)


def pilot(random: Random) -> Committee:
    committee = _judges(random, 4, int(random.integers(5, 8)))
    committee.panel[:] = True
    committee.quota = 0.25
    return committee


def sparse(random: Random) -> Committee:
    committee = _judges(random, int(random.integers(50, 71)), int(random.integers(12, 19)))
    return _lots(random, committee, 3)


def low_agreement(random: Random) -> Committee:
    committee = sparse(random)
    committee.merit = random.normal(74, random.uniform(4.5, 6), committee.merit.size)
    committee.halo = random.uniform(4.5, 5.5)
    return committee


def linked_blocks(random: Random) -> Committee:
    """Three panels with their own subjects; two judges of each also mark a few subjects of the next."""
    committee = _judges(random, 60, 15)
    block = np.arange(60) // 20
    for subject in range(60):
        members = np.arange(5) + 5 * block[subject]
        committee.panel[random.choice(members, 3, replace=False), subject] = True
    for number in range(2):
        guests = random.choice(np.arange(5) + 5 * number, 2, replace=False)
        visited = random.choice(np.flatnonzero(block == number + 1), 4, replace=False)
        committee.panel[np.ix_(guests, visited)] = True
    return committee


def separate_panels(random: Random) -> Committee:
    committee = _judges(random, 60, 15)
    panels = int(random.integers(2, 4))
    block = np.arange(60) % panels
    for subject in range(60):
        members = np.flatnonzero(np.arange(15) % panels == block[subject])
        committee.panel[random.choice(members, 3, replace=False), subject] = True
    return committee


def strict_on_strong(random: Random) -> Committee:
    """Strong subjects were given to strict judges, so that raw marks hide both."""
    committee = _judges(random, int(random.integers(50, 71)), 15)
    strictest_first = np.argsort(np.argsort(committee.severity))
    rank = np.argsort(np.argsort(-committee.merit)) / committee.merit.size
    for subject in range(committee.merit.size):
        distance = np.abs(strictest_first / 14 - rank[subject]) + random.normal(0, 0.35, 15)
        committee.panel[np.argsort(distance)[:3], subject] = True
    return committee


def favouritism(random: Random) -> Committee:
    committee = _lots(random, _judges(random, int(random.integers(50, 71)), 20), 5)
    return _favours(random, committee, share=0.3)


def collusion(random: Random) -> Committee:
    """Two of the five judges of every tenth subject agree to push it."""
    committee = _lots(random, _judges(random, int(random.integers(50, 71)), 20), 5)
    for subject in random.choice(committee.merit.size, committee.merit.size // 10, replace=False):
        pair = random.choice(np.flatnonzero(committee.panel[:, subject]), 2, replace=False)
        committee.favour[pair, subject] = random.uniform(10, 18)
    return committee


def careless(random: Random) -> Committee:
    committee = _lots(random, _judges(random, int(random.integers(50, 71)), int(random.integers(15, 21))), 4)
    return _careless(random, committee, share=0.2)


def stretched(random: Random) -> Committee:
    committee = _judges(random, int(random.integers(50, 71)), 15, spread=random.uniform(0.25, 0.35))
    return _lots(random, committee, 3)


def mixture(random: Random) -> Committee:
    committee = _judges(random, int(random.integers(50, 71)), 20, spread=0.2)
    committee = _careless(random, _lots(random, committee, 4), share=0.1)
    return _favours(random, committee, share=0.2)


def nominations(random: Random) -> Committee:
    """Many nominees, the best tenth to be chosen."""
    committee = _judges(random, 120, 30)
    committee.quota = 0.1
    return _lots(random, committee, 3)


def _favours(random: Random, committee: Committee, *, share: float) -> Committee:
    """Some judges give one subject each of their own a gift."""
    judges = committee.panel.shape[0]
    for judge in random.choice(judges, max(1, round(share * judges)), replace=False):
        subject = random.choice(np.flatnonzero(committee.panel[judge]))
        committee.favour[judge, subject] += random.uniform(10, 18)
    return committee


def _careless(random: Random, committee: Committee, *, share: float) -> Committee:
    judges = committee.noise.size
    some = random.choice(judges, max(1, round(share * judges)), replace=False)
    committee.noise[some] = random.uniform(2.5, 3.5, some.size)
    return committee


COMPLETE: dict[str, Callable[[Random], Committee]] = {
    "complete": complete,
    "honest": honest,
    "few favours": few_favours,
}
INCOMPLETE: dict[str, Callable[[Random], Committee]] = {
    "sparse": sparse,
    "low agreement": low_agreement,
    "linked blocks": linked_blocks,
    "separate panels": separate_panels,
    "strict on strong": strict_on_strong,
    "favouritism": favouritism,
    "collusion": collusion,
    "careless": careless,
    "stretched": stretched,
    "mixture": mixture,
    "nominations": nominations,
}
WELL_TRAINED: dict[str, Callable[[Random], Committee]] = {"honest": honest, "all alike": all_alike}
FAMILIES = {**COMPLETE, "pilot": pilot, **INCOMPLETE, **WELL_TRAINED}
