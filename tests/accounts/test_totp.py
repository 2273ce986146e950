"""Codes by time against the vectors of RFC 4226 and RFC 6238; the clock's step either way."""

from __future__ import annotations

import pytest

from tiejun_awards.accounts import totp

SEED = b"12345678901234567890"


def test_the_vectors_of_rfc_4226():
    wanted = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"

    assert [totp.code_of(SEED, count) for count in range(10)] == wanted.split()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str):
    assert totp.code_of(SEED, totp.step_of(seconds), digits=8) == code


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off: int, taken: bool):
    found = totp.accepted_step(SEED, totp.code_of(SEED, 1_000 + off), now=1_000, last=0)

    assert found == (1_000 + off if taken else None)


def test_a_code_is_taken_once_and_none_before_it():
    codes = [totp.code_of(SEED, step) for step in (999, 1_000, 1_001)]

    assert [totp.accepted_step(SEED, code, now=1_000, last=1_000) for code in codes] == [None, None, 1_001]


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345"])
def test_what_is_no_code_is_none(typed: str):
    assert totp.accepted_step(SEED, typed, now=1, last=-1) is None


def test_the_seed_is_written_for_people_and_for_apps():
    assert totp.secret_text(SEED) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert totp.uri(SEED, issuer="铁军", account="li ming") == (
        "otpauth://totp/%E9%93%81%E5%86%9B:li%20ming?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E9%93%81%E5%86%9B"
    )
