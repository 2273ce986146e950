"""The code of a printed form: short enough to type, and a slip of the pen is noticed."""

from __future__ import annotations

from ..shared.dates import half_width

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters nobody mistakes for another; a prime, so that every wrong character and every swap of two is noticed."""

CODE_LENGTH = 16


def with_check(body: str) -> str:
    """The code of 15 drawn characters: the sixteenth checks them."""
    return body + ALPHABET[-_weighed(body) * pow(CODE_LENGTH, -1, len(ALPHABET)) % len(ALPHABET)]


def _weighed(characters: str) -> int:
    return sum(place * ALPHABET.index(character) for place, character in enumerate(characters, 1))


def read_code(typed: str) -> str:
    """The code as it was typed: small letters, spaces, dashes and full-width forms do not matter. ValueError with a sentence."""
    code = "".join(char for char in half_width(typed).upper() if char.isalnum())
    if not code:
        raise ValueError("请填写表右上角的编码，或在下面选一份。")
    if len(code) != CODE_LENGTH:
        raise ValueError(f"编码是 {CODE_LENGTH} 个字母和数字，这里有 {len(code)} 个，请照表右上角再看一遍。")
    if not set(code) <= set(ALPHABET) or _weighed(code) % len(ALPHABET):
        raise ValueError("这个编码有字抄错了，请照表右上角再看一遍（编码里没有 0、1、I、L、O）。")
    return code


def in_fours(code: str) -> str:
    """“2345-6789-ABCD-EFGH”."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))
