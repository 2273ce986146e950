"""Enumerations whose members carry the Chinese words shown for them."""

from __future__ import annotations

import enum
from typing import Self


class Labelled(enum.Enum):
    """``SUBMITTED = "submitted", "已提交"``: the first is stored, the second is shown."""

    label: str
    __hash__ = object.__hash__  # members are one of a kind; enum's own hashes their name anew each time

    def __new__(cls, value: str, label: str = "") -> Self:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member
