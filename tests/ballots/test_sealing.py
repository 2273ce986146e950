"""Envelopes, receipts, and keys in files."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from tiejun_awards.ballots import sealing
from tiejun_awards.ballots.sealing import ALPHABET, Keys
from tiejun_awards.shared.errors import Refused

PACKED = b'{"marks":"12"}'.ljust(256)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def test_an_envelope_needs_both_keys_and_its_own_poll(keys: Keys):
    (first, first_file), (second, second_file) = keys.make("a" * 12), keys.make("b" * 12)
    mine, hers = keys.unlock(first_file, "a" * 12), keys.unlock(second_file, "b" * 12)

    sealed = sealing.seal(PACKED, [first, second], "1-abc")

    assert sealing.opener([mine, hers], "1-abc")(sealed) == PACKED
    for privates, poll in (([hers, mine], "1-abc"), ([mine, mine], "1-abc"), ([mine, hers], "2-abc")):
        with pytest.raises(InvalidTag):
            sealing.opener(privates, poll)(sealed)


def test_the_same_ballot_twice_is_two_envelopes_of_one_length(keys: Keys):
    public, _ = keys.make()
    one, other = (sealing.seal(PACKED, [public], "1") for _ in range(2))

    assert (one != other, len(one) == len(other), sealing.tracker_of(one) != sealing.tracker_of(other)) == (True,) * 3


def test_a_receipt_is_sixteen_signs_of_the_envelopes_digest():
    tracker = sealing.tracker_of(b"an envelope")

    assert (len(tracker), set(tracker) <= set(ALPHABET), tracker) == (16, True, sealing.tracker_of(b"an envelope"))
    assert sealing.in_fours(tracker).replace("-", "") == tracker


def test_the_root_knows_what_is_in_the_box_and_no_order():
    assert sealing.root_of(["B", "A"]) == sealing.root_of(["A", "B"]) != sealing.root_of(["A"])


@pytest.mark.parametrize(("typed", "code"), [("abcd-2345", "ABCD2345"), (" ＡＢ cd２345 ", "ABCD2345"), ("好", "")])
def test_a_code_is_read_as_people_type_it(typed: str, code: str):
    assert sealing.plain_code(typed) == code


def test_private_keys_are_readable_by_their_owner_only_and_locked_by_the_passphrase(keys: Keys):
    _, name = keys.make("开箱口令开箱口令开箱口令")
    path = keys.folder / f"{name}.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert set(json.loads(path.read_text())) == {"salt", "nonce", "locked"}
    with pytest.raises(Refused, match="开箱口令不对"):
        keys.unlock(name, "别的口令别的口令别的口令")


def test_a_destroyed_key_is_gone(keys: Keys):
    _, name = keys.make()
    keys.destroy(name, "never-made")

    with pytest.raises(Refused, match="不在这台服务器上"):
        keys.unlock(name)
    assert list(keys.folder.iterdir()) == []


def test_a_key_is_handed_over_to_the_other_one_only(keys: Keys):
    (_, first_file), (second, second_file) = keys.make("a" * 12), keys.make("b" * 12)
    mine, hers = keys.unlock(first_file, "a" * 12), keys.unlock(second_file, "b" * 12)

    keys.hand_over("1-abc", mine, second)

    assert keys.handed("1-abc", hers) == mine
    assert mine.hex() not in (keys.folder / "handed-1-abc.json").read_text()
    with pytest.raises(InvalidTag):
        keys.handed("1-abc", mine)
    keys.forget_handed("1-abc")
    with pytest.raises(Refused, match="已经失效"):
        keys.handed("1-abc", hers)
