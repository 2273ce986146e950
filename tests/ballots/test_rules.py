"""The rules with their worked numbers (majorities of 党员大会、党组、评委会; 选票有效性), and what a ballot may hold."""

from __future__ import annotations

from itertools import product

import pytest

from tiejun_awards.ballots import questions, rules
from tiejun_awards.ballots.questions import WHOLE, Kind, Mark, Question
from tiejun_awards.ballots.rules import Base, Elected, Group, Rule, Share, Turnout, needed

PARTY_MEETING = Rule(Share.HALF, Share.OVER_HALF, Base.EXPECTED, 0, "党支部工作条例第十一条")
JURY = Rule(Share.TWO_THIRDS, Share.TWO_THIRDS, Base.PRESENT, 0, "评审办法")


def turnout(expected: int, present: int, *, issued: int = 0, returned: int = 0, invalid: int = 0) -> Turnout:
    return Turnout(expected, present, issued or present, returned or present, invalid)


@pytest.mark.parametrize(
    ("share", "people", "fewest"),
    [
        (Share.HALF, 25, 13),
        (Share.HALF, 24, 12),
        (Share.OVER_HALF, 25, 13),
        (Share.OVER_HALF, 24, 13),
        (Share.HALF, 9, 5),
        (Share.OVER_HALF, 9, 5),
        (Share.TWO_THIRDS, 9, 6),
        (Share.TWO_THIRDS, 6, 4),
        (Share.TWO_THIRDS, 7, 5),
        (Share.FOUR_FIFTHS, 9, 8),
        (Share.NONE, 9, 0),
        (Share.HALF, 0, 0),
    ],
)
def test_the_fewest_that_reach_a_share(share: Share, people: int, fewest: int):
    assert needed(share, people) == fewest


@pytest.mark.parametrize(
    ("expected", "came", "enough"), [(25, 13, True), (25, 12, False), (24, 12, True), (24, 11, False)]
)
def test_a_meeting_of_half_its_members_may_vote(expected: int, came: int, enough: bool):
    assert rules.attended(PARTY_MEETING, turnout(expected, came)) == enough


def test_a_majority_of_those_expected_does_not_shrink_with_those_who_stay_away():
    assert [rules.line_to_pass(PARTY_MEETING, turnout(9, came), 0) for came in (9, 7, 5)] == [5, 5, 5]
    assert [rules.line_to_pass(PARTY_MEETING, turnout(expected, expected), 0) for expected in (25, 24)] == [13, 13]


def test_a_recused_judge_leaves_the_denominator_of_his_candidate():
    jury = turnout(9, 7)

    assert (rules.attended(JURY, jury), needed(JURY.attendance, 9)) == (True, 6)
    assert [rules.line_to_pass(JURY, jury, recused) for recused in (1, 0)] == [4, 5]


@pytest.mark.parametrize(("issued", "returned", "holds"), [(9, 9, True), (9, 8, True), (9, 10, False)])
def test_a_round_with_more_papers_returned_than_issued_does_not_hold(issued: int, returned: int, holds: bool):
    assert Turnout(9, 9, issued, returned, 0).round_holds == holds


@pytest.mark.parametrize(("chosen", "valid"), [(4, False), (3, True), (2, True), (0, True)])
def test_a_paper_that_chooses_more_than_it_may_is_invalid(chosen: int, valid: bool):
    assert rules.paper_is_valid(chosen, most=3) == valid


def test_valid_papers_are_those_returned_without_the_invalid():
    assert Turnout(30, 28, 28, 27, 2).valid == 25


@pytest.mark.parametrize(
    ("votes", "lines", "seats", "elected"),
    [
        ([7, 5, 4], [5, 5, 5], 0, Elected((0, 1))),
        ([7, 5, 4], [5, 5, 5], 2, Elected((0, 1))),
        ([5, 7, 6], [5, 5, 5], 2, Elected((1, 2))),
        ([7, 5, 5], [5, 5, 5], 2, Elected((0,), (1, 2), 1)),
        ([5, 5, 5], [5, 5, 5], 1, Elected((), (0, 1, 2), 1)),
        ([7, 5, 5, 4], [5, 5, 5, 5], 3, Elected((0, 1, 2))),
        ([9, 6, 6, 5], [5, 5, 5, 5], 3, Elected((0, 1, 2))),
        ([2, 1], [5, 5], 1, Elected(())),
        ([4, 4], [4, 5], 1, Elected((0,))),
    ],
)
def test_seats_go_by_votes_and_ties_at_the_last_seat_stay_open(
    votes: list[int], lines: list[int], seats: int, elected: Elected
):
    assert rules.elect(votes, lines, seats) == elected


A, B, C = Group("A", 4_000, 12), Group("B", 3_000, 12), Group("C", 3_000, 12)


@pytest.mark.parametrize(
    ("groups", "merged", "said"),
    [
        ([A, B, C], [A, B, C], []),
        (
            [Group("A", 4_000, 3), B, C],
            [Group("A、B", 7_000, 15), C],
            ["A只有 3 人，不足 5 人，并入B，权重相加为 70%。"],
        ),
        (
            [A, B, Group("C", 3_000, 4)],
            [A, Group("B、C", 6_000, 16)],
            ["C只有 4 人，不足 5 人，并入B，权重相加为 60%。"],
        ),
        (
            [Group("A", 4_000, 2), Group("B", 3_000, 2), C],
            [Group("A、B、C", 10_000, 16)],
            ["A只有 2 人，不足 5 人，并入B，权重相加为 70%。", "A、B只有 4 人，不足 5 人，并入C，权重相加为 100%。"],
        ),
        (
            [Group("A", 4_000, 0), B, C],
            [Group("B", 5_000, 12), Group("C", 5_000, 12)],
            ["A没有人，它的权重按比例分给其他类别。"],
        ),
        ([Group("A", 4_000, 2), Group("B", 6_000, 2)], [], ["全部投票人不足 5 人，无记名投票保不住秘密，不能进行。"]),
        ([Group("A", 0, 12)], [Group("A", 0, 12)], []),
    ],
)
def test_a_group_under_five_is_merged_into_the_next(groups: list[Group], merged: list[Group], said: list[str]):
    assert rules.merge_small(groups) == (merged, said)


def test_spread_weights_always_make_the_whole():
    groups = [Group("A", 3_333, 0), Group("B", 3_333, 9), Group("C", 3_334, 9)]

    assert sum(group.weight for group in rules.merge_small(groups)[0]) == 10_000


def test_weights_are_said_without_needless_noughts():
    assert [rules.percent(number) for number in (4_000, 3_333, 3_330, 10_000)] == ["40%", "33.33%", "33.3%", "100%"]


@pytest.mark.parametrize(
    ("parts", "share"),
    [
        ([(4_000, 5, 5), (6_000, 2, 5)], 6_400),
        ([(4_000, 5, 5), (6_000, 0, 0)], 10_000),
        ([(4_000, 0, 0)], 0),
        ([(3_333, 1, 3), (6_667, 2, 3)], 5_556),
        ([], 0),
    ],
)
def test_groups_count_by_their_weight(parts: list[tuple[int, int, int]], share: int):
    assert rules.weighted(parts) == share


def test_the_rule_reads_as_a_sentence_and_comes_back_from_its_stored_form():
    seats = Rule(Share.TWO_THIRDS, Share.TWO_THIRDS, Base.PRESENT, 3, "评审办法")
    nothing = Rule(Share.NONE, Share.NONE, Base.PRESENT, 0, "述职评议办法")

    assert [Rule.from_json(rule.as_json()) for rule in (seats, nothing)] == [seats, nothing]
    assert [rule.sentence() for rule in (PARTY_MEETING, seats, nothing)] == [
        "到会人数达到应到会人数的半数，方可投票；赞成票超过应到会人数的半数为通过。",
        "到会人数达到应到会人数的三分之二，方可投票；赞成票达到出席人数的三分之二为通过；名额 3 个，过线者多于名额时以得票多少为序。",
        "只统计，不设通过线。",
    ]


def test_two_entries_differ_by_name_only():
    assert sorted(rules.differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 0})) == ["b", "c"]


# Questions.

NAMES = ("甲", "乙", "丙")
APPROVE = Question(Kind.APPROVE, NAMES, recusal=True)
CHOOSE = Question(Kind.CHOOSE, NAMES, most=2)
GRADE = Question(Kind.GRADE, NAMES[:2], ("政治建设",))


def every_ballot(question: Question) -> list[dict[str, Mark]]:
    items = question.items
    return [
        dict(zip((item.code for item in items), marks, strict=True))
        for marks in product(*(item.marks for item in items))
    ]


@pytest.mark.parametrize("question", [APPROVE, CHOOSE, GRADE], ids=lambda question: question.kind.value)
def test_every_ballot_is_packed_to_the_same_length_and_comes_back(question: Question):
    length, nonce = questions.length_of(question), bytes(16)

    for ballot in every_ballot(question):
        packed = questions.pack(question, ballot, nonce, length)
        assert (len(packed), questions.unpack(question, packed)) == (length, ballot)


def test_the_longest_ballot_fits_its_envelope():
    long = Question(Kind.GRADE, tuple(map(str, range(60))), tuple(map(str, range(8))))
    ballot = {item.code: Mark.BLANK if item.aspect else Mark.GOOD for item in long.items}

    assert len(questions.pack(long, ballot, bytes(16), questions.length_of(long))) == questions.length_of(long)


def test_a_ballot_of_another_poll_is_none():
    packed = questions.pack(CHOOSE, every_ballot(CHOOSE)[0], bytes(16), 256)

    with pytest.raises(ValueError, match="another poll"):
        questions.unpack(GRADE, packed)
    with pytest.raises(ValueError, match="zip"):
        questions.unpack(APPROVE, packed)
    assert GRADE.subject_item(1) == "s1"


def test_what_is_sent_is_equally_long_whatever_is_chosen():
    for question in (APPROVE, CHOOSE, GRADE):
        assert {len("&".join(f"{code}={mark.value}" for code, mark in b.items())) for b in every_ballot(question)} == {
            len("&".join(f"{item.code}=1" for item in question.items))
        }


@pytest.mark.parametrize(
    ("question", "posted", "wrong"),
    [
        (APPROVE, {"s0": "1", "s1": "2", "s2": "4"}, {}),
        (APPROVE, {"s0": "1", "s1": "7"}, {"s1": "这一项还没有选。", "s2": "这一项还没有选。"}),
        (CHOOSE, {"s0": "5", "s1": "5", "s2": "6", WHOLE: "c"}, {}),
        (CHOOSE, {"s0": "6", "s1": "6", "s2": "6", WHOLE: "3"}, {}),
        (CHOOSE, {"s0": "6", "s1": "6", WHOLE: "3"}, {"s2": "这一项还没有选。"}),
        (
            CHOOSE,
            {"s0": "5", "s1": "5", "s2": "5", WHOLE: "c"},
            {WHOLE: "至多选 2 个，现在选了 3 个，请去掉 1 个。"},
        ),
        (GRADE, {"s0": "7", "s0a0": "-", "s1": "0", "s1a0": "9"}, {}),
    ],
)
def test_what_is_wrong_with_a_ballot_is_said_at_its_item(
    question: Question, posted: dict[str, str], wrong: dict[str, str]
):
    assert questions.read(question, posted)[1] == wrong


def test_a_recused_voter_is_marked_so_whatever_was_posted():
    ballot, wrong = questions.read(APPROVE, {"s0": "1", "s1": "2", "s2": "3"}, ["s1"])

    assert (ballot, wrong) == ({"s0": Mark.YES, "s1": Mark.RECUSED, "s2": Mark.ABSTAIN}, {})


@pytest.mark.parametrize(
    ("text", "names", "wrong"),
    [
        (" 甲  支部 \n\n乙支部", ("甲 支部", "乙支部"), ""),
        ("甲\n甲", ("甲", "甲"), "甲写了两次。"),
        ("甲" * 61, ("甲" * 61,), "甲甲甲甲甲甲甲甲甲甲甲甲……太长，最多 60 字。"),
        ("甲\n乙\n丙", ("甲", "乙", "丙"), "名单最多 2 个，现在有 3 个。"),
    ],
)
def test_a_list_typed_one_to_a_line(text: str, names: tuple[str, ...], wrong: str):
    assert (questions.lines_of(text), questions.wrong_list(names, 2, "名单")) == (names, wrong)
