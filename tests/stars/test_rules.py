"""Pilots: two to four."""

from __future__ import annotations

from tiejun_awards.stars.rules import star_word, warning, why_no_more


def test_a_fifth_pilot_is_refused_and_a_lone_one_is_warned_of():
    assert [bool(why_no_more(active, 4)) for active in range(6)] == [False, False, False, False, True, True]
    assert [bool(warning(active, 2)) for active in range(4)] == [True, True, False, False]
    assert warning(1, 2) == "试点支部一般不少于 2 个，现在 1 个。"


def test_stars_have_words():
    assert (star_word(0), star_word(5)) == ("不定级", "五星级")
