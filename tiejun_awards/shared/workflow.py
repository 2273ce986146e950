"""Workflows as tables: ``MOVES[(state, verb)] -> state``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from .errors import Refused
from .labels import Labelled

S = TypeVar("S", bound=Labelled)
V = TypeVar("V", bound=Labelled)


def step(moves: Mapping[tuple[S, V], S], state: S, verb: V) -> S:
    """The state that ``verb`` leads to. Raises Refused when the table has no such move."""
    after = moves.get((state, verb))
    if after is None:
        raise Refused(f"现在是“{state.label}”，不能{verb.label}。")
    return after


def mermaid(moves: Mapping[tuple[S, V], S]) -> str:
    """The same table as a Mermaid state diagram, for the docs."""
    arrows = [f"    {a.label} --> {b.label}: {verb.label}" for (a, verb), b in moves.items()]
    return "\n".join(["stateDiagram-v2", *arrows])
