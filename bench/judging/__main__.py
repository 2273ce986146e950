"""`python -m bench.judging --seed 1`: simulate committees and print every promise beside its figure."""

import argparse
import sys
from time import perf_counter

import numpy as np

from . import rows, trials
from .measure import Figures, measure, new_figures
from .peers import RESEARCH
from .rows import PEERS, Row
from .scenarios import FAMILIES
from .simulate import simulate


def main() -> int:
    """Print the tables; the result is 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replicates", type=int, default=60, help="committees a family")
    parser.add_argument("--large", action="store_true", help="25,000,000 marks too (1.5 GiB, some minutes)")
    parser.add_argument("--no-speed", action="store_true", help="leave out time and memory")
    wanted = parser.parse_args()
    start = perf_counter()

    families = {name: _family(number, wanted.seed, wanted.replicates) for number, name in enumerate(FAMILIES)}
    _print_families(families)
    table = [*rows.accuracy(families), *rows.ranking(families), *rows.honesty(families)]
    table += trials.favour(wanted.seed, max(2, wanted.replicates // 6))
    table += trials.labels(wanted.seed, 2)
    table += trials.edges(wanted.seed)
    if not wanted.no_speed:
        table += trials.haste(wanted.seed, large=wanted.large)

    print(f"\nseed {wanted.seed}, {wanted.replicates} committees a family, {perf_counter() - start:.0f} s")
    print(f"{'':6}{'what':<74} {'target':>14} {'figure':>9}")
    for row in table:
        print(row)
    missed = [row for row in table if not row.met]
    print(f"\n{len(table) - len(missed)} of {len(table)} targets met")
    return 1 if missed else 0


def _family(number: int, seed: int, replicates: int) -> Figures:
    figures = new_figures()
    few = list(FAMILIES)[number] == "pilot"  # four subjects each: more committees for the same certainty
    for replicate in range(replicates * (5 if few else 1)):
        random = np.random.default_rng([seed, number, replicate])
        measure(simulate(random, list(FAMILIES.values())[number](random)), figures, seed=replicate)
    return figures


def _print_families(families: dict[str, Figures]) -> None:
    methods = [*PEERS, *RESEARCH, "fair", "oracle"]
    print("Wrong star, % of the subjects\n")
    print(f"{'':17}" + "".join(f"{name:>15}" for name in methods))
    for family, figures in families.items():
        print(f"{family:17}" + "".join(f"{100 * np.mean(figures[name]['wrong']):>15.1f}" for name in methods))
    print("\nFair scores: coverage, stated and actual right star, stated and actual top k, tau-b, error (points)\n")
    for family, figures in families.items():
        mine = figures["fair"]
        means = [np.mean(mine[name]) for name in ("covered", "stated", "right", "top stated", "top", "tau")]
        print(f"{family:17}" + "".join(f"{value:>9.3f}" for value in [*means, np.mean(mine["square"]) ** 0.5]))


__all__ = ["Row", "main"]

if __name__ == "__main__":
    sys.exit(main())
