"""The rows of the table: what was promised, the target, and the figure of this run."""

from dataclasses import dataclass
from math import inf

import numpy as np

from .measure import Figures
from .peers import PRODUCTS
from .scenarios import COMPLETE, INCOMPLETE, WELL_TRAINED

PEERS = [*PRODUCTS, "trimmed marks"]
NOISE = 2.0
"""Standard errors by which chance may move one figure: an error above the mean's."""

WORST = 3.0
"""The same for the worst of sixteen families, each against the best of its peers: two would be passed by chance every third run."""


@dataclass(frozen=True, slots=True)
class Row:
    """One promise: the figure must lie between `low` and `high`."""

    what: str
    figure: float
    low: float = -inf
    high: float = inf
    unit: str = ""

    @property
    def met(self) -> bool:
        return bool(self.low <= self.figure <= self.high)

    def __str__(self) -> str:
        target = f"{self.low:g} to {self.high:g}" if self.low > -inf and self.high < inf else ""
        target = target or (f"<= {self.high:g}" if self.high < inf else f">= {self.low:g}")
        return f"{'met ' if self.met else 'MISS'}  {self.what:<74} {target:>14} {self.figure:>9.3f} {self.unit}"


def accuracy(families: dict[str, Figures]) -> list[Row]:
    """Rows on wrong stars and errors, families of a kind together (every family counting the same)."""

    def together(names: dict[str, object], method: str, measure: str) -> float:
        return float(np.mean([np.mean(families[name][method][measure]) for name in names]))

    def ratio(names: dict[str, object], other: str, measure: str = "wrong") -> float:
        return together(names, "fair", measure) / together(names, other, measure)

    sparse, full = dict[str, object](INCOMPLETE), dict[str, object](COMPLETE)
    best = min(PEERS, key=lambda name: together(sparse, name, "wrong"))
    return [
        Row("wrong star, incomplete panels / trimmed mean", ratio(sparse, "trimmed"), high=0.72),
        Row(f"wrong star, incomplete panels / best peer ({best})", ratio(sparse, best), high=0.90),
        Row("wrong star, incomplete panels / oracle", ratio(sparse, "oracle"), high=1.25),
        Row("wrong star, complete panels / trimmed mean", ratio(full, "trimmed"), high=0.95),
        Row("wrong star, complete panels / oracle", ratio(full, "oracle"), high=1.10),
        _well_trained([families[name] for name in WELL_TRAINED]),
        Row("error, incomplete panels / trimmed mean", ratio(sparse, "trimmed", "square") ** 0.5, high=0.75),
    ]


def _well_trained(families: list[Figures]) -> Row:
    """The error where there is nothing to correct, against the plain mean's: never more than chance above it."""
    fair, mean = (np.concatenate([one[method]["square"] for one in families]) for method in ("fair", "mean"))
    ratio = float(fair.mean() / mean.mean())
    error = float((fair - ratio * mean).std(ddof=1)) / len(fair) ** 0.5 / float(mean.mean())
    high = round(1.0 + NOISE * error / 2 / ratio**0.5, 6)  # half of it: of the root
    return Row("error, well-trained judges on complete panels / mean", ratio**0.5, high=high)


def ranking(families: dict[str, Figures]) -> list[Row]:
    """The difference to the best peer in the family where it is worst, and what noise alone would allow there."""
    rows = []
    for measure, name in (("tau", "Kendall tau-b"), ("top", "top-k overlap")):
        leads = {family: _lead(figures, measure) for family, figures in families.items()}
        worst = min(leads, key=lambda family: leads[family][0] + leads[family][1])
        lead, noise = leads[worst]
        rows.append(Row(f"{name} above the best peer, worst family ({worst})", lead, low=-round(noise, 6)))
    return rows


def _lead(figures: Figures, measure: str) -> tuple[float, float]:
    best = max(PEERS, key=lambda peer: float(np.mean(figures[peer][measure])))
    difference = np.array(figures["fair"][measure]) - np.array(figures[best][measure])
    error = float(difference.std(ddof=1)) / len(difference) ** 0.5
    return float(difference.mean()), WORST * error


def honesty(families: dict[str, Figures]) -> list[Row]:
    """Rows on intervals and stated chances: the worst family of each."""
    cover = {family: float(np.mean(figures["fair"]["covered"])) for family, figures in families.items()}
    low, high = min(cover, key=lambda name: cover[name]), max(cover, key=lambda name: cover[name])
    rows = [
        Row(f"coverage of the 90 % interval, lowest family ({low})", cover[low], 0.86, 0.97),
        Row(f"coverage of the 90 % interval, highest family ({high})", cover[high], 0.86, 0.97),
    ]
    for stated, right, what in (
        ("stated", "right", "stated chance of the given star - how often it is right"),
        ("top stated", "top", "stated stability of the top k - actual overlap"),
        ("sure stated", "sure right", "stars stated at 0.8 or more: stated - right"),
    ):
        gap = {
            family: float(np.mean(figures["fair"][stated]) - np.mean(figures["fair"][right]))
            for family, figures in families.items()
            if figures["fair"][stated]
        }
        every = float(np.mean(list(gap.values())))
        rows.append(Row(f"{what}, all families", every, -0.04, 0.04))
        if stated == "stated":
            worst = max(gap, key=lambda name: abs(gap[name]))
            rows.append(Row(f"{what}, worst ({worst})", gap[worst], -0.04, 0.04))
    return rows
