"""The demo's own data, read from the files beside: who is there, and what they write."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("data")


@cache
def content(name: str) -> Mapping[str, Any]:
    """One data file as it is written."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of the demo. ``number`` is its place among all branches, from 0: what it writes is picked by it."""

    code: str
    number: int
    name: str
    units: tuple[str, ...]
    members: int
    committee: int
    founded: date
    probationary: int = 0
    groups: int = 0
    kind: str = "serving"
    organiser: str = "department"
    above: str = "PC"
    now: str = "none"
    last: str = "accepted"

    @property
    def total(self) -> int:
        """正式党员 and 预备党员."""
        return self.members + self.probationary

    @property
    def secretary(self) -> str:
        """The user name of its secretary: secretary01 …, city_secretary01 …; the listed one is just ``secretary``."""
        if self.code == "B02":
            return "secretary"
        return ("secretary" if self.organiser == "department" else "city_secretary") + self.code[1:]


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the demo. ``grants``: (role, branch or unit or nothing)."""

    username: str
    post: str
    branch: str
    unit: str
    grants: tuple[tuple[str, str], ...]


@cache
def branches() -> tuple[Branch, ...]:
    """The branches of both organisers, in the order of the tree."""
    rows = content("branches")["branches"].items()
    return tuple(
        Branch(code=code, number=number, **{**row, "units": tuple(row["units"])})
        for number, (code, row) in enumerate(rows)
    )


@cache
def accounts() -> tuple[Account, ...]:
    """The accounts for trying things out."""
    return _accounts("account")


@cache
def other_accounts() -> tuple[Account, ...]:
    """The accounts the story needs besides: the secretaries of all other branches among them."""
    secretaries = [
        Account(branch.secretary, f"{branch.name}书记", branch.code, branch.units[0], (("secretary", branch.code),))
        for branch in branches()
        if branch.secretary != "secretary"
    ]
    return (*_accounts("unlisted"), *secretaries)


def _accounts(key: str) -> tuple[Account, ...]:
    units = {branch.code: branch.units[0] for branch in branches()}
    return tuple(
        Account(
            row["username"],
            row["post"],
            row["branch"],
            row.get("unit", units[row["branch"]]),
            tuple((role, where[0] if where else "") for role, *where in row["grants"]),
        )
        for row in content("accounts")[key]
    )
