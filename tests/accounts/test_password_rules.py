"""What a new password must be (A-01)."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest

from tests.builders import NOW, World
from tiejun_awards.accounts import password_rules, passwords
from tiejun_awards.accounts.models import EarlierPassword, Person
from tiejun_awards.accounts.password_rules import Profile
from tiejun_awards.shared.db import db, writing

GOOD = "Blue kettle 77 sings"
COMMON = "这样的密码太常见，容易被猜到，请换一个。"
OWN = "密码里不要有姓名、账号、手机号、单位名或本系统的名称，别人最先猜这些。"
CLASSES = "大写字母、小写字母、数字、其他字符，至少要用其中三类。"


def why(password: str, profile: Profile = Profile.DENGBAO, *words: str) -> str | None:
    return passwords.why_not(password, profile=profile, words=words)


@pytest.mark.parametrize("profile", list(Profile))
def test_length_is_counted_in_characters(profile: Profile):
    assert why("Kettle 77 s", profile) == "密码至少 12 个字符，现在是 11 个。"
    assert why("Kettle 77 si", profile) is None
    assert why("Kettle 77 si" + "ngz qx" * 19 + "zz", profile) is None  # 128
    assert why("Kettle 77 si" + "ngz qx" * 19 + "zzz", profile) == "密码最多 128 个字符，现在是 129 个。"


@pytest.mark.parametrize(
    ("password", "dengbao"),
    [
        ("blue kettle sings", CLASSES),
        ("blue kettle 77 sings", None),
        ("BLUEKETTLE77SINGS", CLASSES),
        ("BlueKettle77Sings", None),
        ("水壶唱歌真好听呀一二三四", CLASSES),
        ("水壶唱歌真好听呀 Kettle", None),
    ],
)
def test_three_of_four_kinds_are_asked_for_by_one_profile_only(password: str, dengbao: str | None):
    assert (why(password), why(password, Profile.ASVS)) == (dengbao, None)


@pytest.mark.parametrize(
    "password",
    [
        "Password1234!",
        "P@ssw0rd2026",
        "Qwertyuiop12#",
        "1qaz2wsx#EDC4rfv",
        "Abcdefghijkl1",
        "Woaini1314520!",
        "Zhangwei1985!",
        "Admin@123456",
        "Aaaaaa111111!",
        "Abc!Abc!Abc!",
        "20261123-Aa20261123",
        "为人民服务，为人民服务A1",
    ],
)
def test_common_words_keyboard_rows_years_and_repetitions_are_refused(password: str):
    assert why(password) == COMMON


@pytest.mark.parametrize(
    "word", ["liming", "LiMing", "ｌｉｍｉｎｇ", "水生态环境处", "13909510001", "dangjian", "铁军", "生态环境"]
)
def test_what_others_know_is_refused(word: str):
    words = ("liming", "水生态环境处", "13909510001")

    assert why(f"Kettle {word} 77 sings", Profile.DENGBAO, *words) == OWN
    assert why("Kettle mingli 77 sings", Profile.DENGBAO, *words) is None


def test_short_names_forbid_nothing():
    assert why("Kettle 77 li sings", Profile.DENGBAO, "li", "王") is None


def test_blanks_around_it_are_part_of_it_and_two_ways_of_writing_a_character_are_one():
    stored = passwords.hash_password(" é kettle 77 ")

    typed = [" é kettle 77 ", unicodedata.normalize("NFD", " é kettle 77 "), "é kettle 77", " é kettle 77"]
    assert [passwords.password_is(stored, password) for password in typed] == [True, True, False, False]


def test_the_last_five_are_not_taken_again_by_one_profile():
    earlier = [passwords.hash_password(GOOD)]

    refused = passwords.why_not(GOOD, profile=Profile.DENGBAO, earlier_hashes=earlier)
    assert refused == "这个密码最近 5 次里用过，请换一个。"
    assert passwords.why_not(GOOD, profile=Profile.ASVS, earlier_hashes=earlier) is None


@pytest.mark.usefixtures("app")
def test_four_earlier_ones_are_remembered_beside_the_present(world: World):
    for number in range(7):
        with writing() as session:
            person = session.get_one(Person, world.person("staff").id)
            passwords.set_password(session, person, f"hash {number}", at=NOW)

    person = world.person("staff")
    found = db.session.scalars(db.select(EarlierPassword.password_hash).order_by(EarlierPassword.id)).all()
    assert (person.password_hash, found) == ("hash 6", ["hash 2", "hash 3", "hash 4", "hash 5"])
    assert person.password_set_at == NOW


@pytest.mark.parametrize(
    ("days", "profile", "old"),
    [
        (179, Profile.DENGBAO, False),
        (180, Profile.DENGBAO, True),
        (999, Profile.ASVS, False),
    ],
)
def test_a_password_grows_old_after_half_a_year_by_one_profile(days: int, profile: Profile, old: bool):
    def is_old(limit: int, set_at: object = NOW - timedelta(days=days)) -> bool:
        return password_rules.is_too_old(set_at, days=limit, profile=profile, now=NOW)  # type: ignore[arg-type]

    assert [is_old(180), is_old(0), is_old(180, None)] == [old, False, False]


def test_the_rules_are_said_before_anybody_types():
    said = {profile: password_rules.said(profile, 180) for profile in Profile}

    assert [len(said[Profile.DENGBAO]), len(said[Profile.ASVS])] == [5, 2]
    assert "每 180 天换一次" in said[Profile.DENGBAO]
    assert "每 180 天换一次" not in password_rules.said(Profile.DENGBAO, 0)


def test_the_list_of_common_ones_is_of_use():
    found = passwords.common()

    assert 3_000 < len(found) < 8_000
    assert {"password", "woaini1314", "1qaz2wsx", "wangwei", "密码"} <= found
    assert all(word == word.casefold() for word in found)
