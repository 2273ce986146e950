"""A poll from draft to result: what is refused on the way, and that a refused vote is not used up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.ballots import polls
from tests.ballots.polls import PASSPHRASES, as_teller, begun, close, open_box, plan, posted, ready
from tests.builders import NOW, World, count, rows_of
from tiejun_awards.accounts.models import RoleGrant
from tiejun_awards.ballots import casting, outcomes, queries, rolls, services, tellers
from tiejun_awards.ballots.casting import Unfit
from tiejun_awards.ballots.models import Poll, PollCount, PollEnvelope, PollSlip, PollTracker, PollVoter
from tiejun_awards.ballots.questions import WHOLE, Kind, Mark, Question
from tiejun_awards.ballots.rules import Base, Duty, Group, Rule, Share, State, Turnout
from tiejun_awards.ballots.sealing import KeyMode
from tiejun_awards.ballots.services import Owner, Ways
from tiejun_awards.shared import audit, trail
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.clock import SHANGHAI
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused

YES, NO, ABSTAIN = Mark.YES, Mark.NO, Mark.ABSTAIN


def marks(made: polls.Made) -> tuple[int, int, int]:
    """(on the roll, slips, envelopes) that are marked or stored."""
    stand = queries.numbers(made.poll_id)
    return stand.voted, stand.slips_used, stand.envelopes


def test_votes_of_all_three_ways_are_counted_together(world: World):
    made = begun(world, plan(ways=Ways(account=True, slip=True, paper=True), expected=20), voters=3, slips=3)
    for name, answer in zip(made.voters, [(YES, NO), (YES, ABSTAIN), (NO, YES)], strict=True):
        made.vote(name, answer)
    for code in made.codes[:2]:
        made.vote_by_slip(code, (YES, YES))
    close(made)
    paper = {"issued": 12, "returned": 11, "invalid": 1}
    paper |= {"s0:1": 9, "s0:2": 1, "s0:3": 0, "s1:1": 4, "s1:2": 4, "s1:3": 2}
    for name in ("vote_counter", "counter_b"):
        actor = world.actor(name)
        tellers.enter_paper(actor, queries.duty(actor, made.poll_id, Duty.COUNTER), numbers=paper)

    open_box(made)

    result = outcomes.result_of(made.poll)
    assert result is not None
    assert result.turnout == Turnout(expected=20, present=18, issued=18, returned=16, invalid=1)
    assert [(line.name, line.marks, line.needed, line.met) for line in result.lines] == [
        ("水生态环境处党支部", ((YES, 13), (NO, 2), (ABSTAIN, 0)), 11, True),
        ("大气环境处党支部", ((YES, 7), (NO, 5), (ABSTAIN, 3)), 11, False),
    ]
    assert (result.attended, result.passed, result.tied, result.server_key) == (True, ["水生态环境处党支部"], [], False)
    assert sorted(made.receipts) == queries.trackers(made.poll_id)
    assert (count(PollEnvelope), made.poll.state) == (0, State.COUNTED)


def test_who_voted_is_a_line_of_the_trail_with_the_day_and_nothing_else(world: World):
    made = begun(world)

    made.vote("voter0", (YES, NO), at=NOW + timedelta(minutes=7))
    made.vote_by_slip(made.codes[0], (YES, NO), at=NOW + timedelta(minutes=9))

    columns = ("actor_name", "action", "object_type", "object_id", "request_id", "address", "detail", "at")
    day = NOW.astimezone(SHANGHAI).replace(hour=0, minute=0)
    assert rows_of(AuditEvent, *columns)[-2:] == [
        ("voter0", "ballots.cast", "poll", made.poll_id, "", "", {}, day),
        ("系统", "ballots.cast_slip", "poll", made.poll_id, "", "", {}, day),
    ]


def test_a_line_without_its_hour_is_missed_by_the_seal_only_after_its_day(world: World):
    made = begun(world)
    while audit.seal_pending():
        pass
    made.vote("voter0", (YES, NO))

    same_day, next_day = NOW + timedelta(hours=13), NOW + timedelta(hours=15)
    assert trail.verify(db.session(), same_day).reason == ""
    assert trail.verify(db.session(), next_day).reason == "超过 60 秒没有封存"
    audit.seal_pending()
    assert trail.verify(db.session(), next_day).reason == ""


# What is refused, with a sentence, and does not use up the vote.


def test_a_second_vote_is_refused_and_changes_nothing(world: World):
    made = begun(world)
    made.vote("voter0", (YES, NO))
    made.vote_by_slip(made.codes[0], (YES, NO))

    with pytest.raises(Refused, match="您已经投过票了"):
        made.vote("voter0", (NO, NO))
    with pytest.raises(Refused, match="这个测评码已经投过票了"):
        made.vote_by_slip(made.codes[0], (NO, NO))

    assert marks(made) == (1, 1, 2)


@pytest.mark.parametrize("answer", [{}, {"s0": "1"}, {"s0": "1", "s1": "9"}, {"s0": "1", "s1": ""}])
def test_an_unfinished_ballot_is_refused_and_the_vote_is_still_there(world: World, answer: dict[str, str]):
    made = begun(world)

    with pytest.raises(Unfit, match="这次没有投出去"):
        casting.cast_slip(made.codes[0], answer, NOW)

    assert marks(made) == (0, 0, 0)
    made.vote_by_slip(made.codes[0], (YES, NO))
    assert marks(made) == (0, 1, 1)


@pytest.mark.parametrize(
    ("minutes", "sentence"), [(-1, "投票还没有开始，11月23日 10:00 开始。"), (120, "投票已经截止，这一票没有投进去。")]
)
def test_too_early_and_too_late_are_refused(world: World, minutes: int, sentence: str):
    made = begun(world)

    with pytest.raises(Refused) as early:
        made.vote("voter0", (YES, NO), at=NOW + timedelta(minutes=minutes))
    with pytest.raises(Refused):
        made.vote_by_slip(made.codes[0], (YES, NO), at=NOW + timedelta(minutes=minutes))

    assert (early.value.sentence, marks(made)) == (sentence, (0, 0, 0))


def test_whoever_is_not_on_the_roll_finds_nothing(world: World):
    made = begun(world)

    with pytest.raises(Missing, match="名单里没有您"):
        casting.by_account(world.actor("staff"), made.poll_id)
    with pytest.raises(Missing, match="没有这个测评码"):
        casting.cast_slip("AAAAAAAA", {}, NOW)
    _, seat = casting.by_account(world.actor("voter0"), made.poll_id)
    with pytest.raises(NotAllowed):
        casting.cast(world.actor("voter1"), seat, {})


def test_a_forged_seat_on_a_poll_one_is_not_in_is_refused(world: World):
    made = begun(world)
    staff = world.actor("staff")

    with pytest.raises(Refused, match="您已经投过票了"):
        casting.cast(staff, casting.Seat(made.poll_id, staff.organiser_id, staff.person_id), {"s0": "1", "s1": "1"})

    assert marks(made) == (0, 0, 0)


@pytest.mark.parametrize(
    ("chosen", "whole", "sentence"),
    [
        ("1111", "c", "至多选 3 个，现在选了 4 个，请去掉 1 个。"),
        ("0000", "c", "一个也没有选。要弃权，请选“弃权”。"),
        ("1000", "3", "选了人又选弃权，请留一样。"),
    ],
)
def test_too_many_and_none_are_refused_where_one_chooses(world: World, chosen: str, whole: str, sentence: str):
    question = Question(Kind.CHOOSE, ("甲", "乙", "丙", "丁"), most=3)
    made = begun(world, plan(question=question, ways=Ways(slip=True)))
    answer = {f"s{n}": "5" if one == "1" else "6" for n, one in enumerate(chosen)} | {WHOLE: whole}

    with pytest.raises(Unfit) as unfit:
        casting.cast_slip(made.codes[0], answer, NOW)

    assert (dict(unfit.value.wrong), marks(made)) == ({WHOLE: sentence}, (0, 0, 0))


def test_a_recused_voter_leaves_the_denominator_of_that_candidate_only(world: World):
    rule = Rule(Share.TWO_THIRDS, Share.TWO_THIRDS, Base.PRESENT, 0, "评委会规则第五条")
    made = ready(world, plan(rule=rule, expected=9, ways=Ways(account=True)), voters=7)
    office = world.actor("office")
    rolls.set_voters(
        office, made.poll, usernames=made.voters, branches=[], recused=[("voter0", 0)], version=made.poll.version
    )
    services.begin(office, made.poll, version=made.poll.version)
    for number, name in enumerate(made.voters):
        made.vote(name, (YES if number < 5 else NO, YES if number < 4 else NO))
    close(made)

    open_box(made)

    result = outcomes.result_of(made.poll)
    assert result is not None
    assert [(line.votes, line.needed, line.met) for line in result.lines] == [(4, 4, True), (4, 5, False)]
    assert (result.needed_to_attend, result.turnout.present, result.attended) == (6, 7, True)


# Drafting.


def test_fewer_than_five_cannot_vote_in_secret(world: World):
    made = ready(world, plan(expected=4), voters=4, slips=1)

    with pytest.raises(Refused, match="应到只有 4 人，不足 5 人保不住秘密"):
        services.begin(world.actor("office"), made.poll, version=made.poll.version)
    with pytest.raises(IntegrityError, match="secrecy_needs_five"), writing() as session:
        session.execute(sa.update(Poll).values(state=State.OPEN, key_id=made.poll.key_id))


def test_fewer_than_five_ballots_are_never_opened(world: World):
    made = begun(world)
    for name in made.voters[:4]:
        made.vote(name, (YES, NO))
    close(made)

    with pytest.raises(Refused, match="收回的票不足 5 张"):
        open_box(made)

    assert (made.poll.state, count(PollCount), queries.numbers(made.poll_id).envelopes) == (State.CLOSED, 0, 4)


def test_weighted_groups_become_polls_and_small_ones_are_merged(world: World):
    groups = (Group("委员", 4_000, 3), Group("书记", 3_000, 12), Group("代表", 3_000, 30))
    question = Question(Kind.GRADE, ("水生态环境处党支部",), ("政治建设",))

    first = services.draft(world.actor("office"), world.organiser("department"), plan(question=question, groups=groups))

    made = queries.series(first)
    assert [(poll.title, poll.group_name, poll.weight, poll.expected) for poll in made] == [
        ("先进党支部推荐票决（委员、书记）", "委员、书记", 7_000, 15),
        ("先进党支部推荐票决（代表）", "代表", 3_000, 30),
    ]


def test_groups_that_are_too_few_together_are_refused_in_words(world: World):
    with pytest.raises(Refused, match="全部投票人不足 5 人"):
        services.draft(
            world.actor("office"),
            world.organiser("department"),
            plan(groups=(Group("委员", 4_000, 1), Group("书记", 6_000, 3))),
        )


def test_what_a_draft_lacks_is_said(world: World):
    asked = plan(ways=Ways(account=True, slip=True, paper=True), closes_at=NOW + timedelta(hours=1))
    poll = services.draft(world.actor("office"), world.organiser("department"), asked)

    assert services.lacks(poll, NOW + timedelta(hours=2)) == [
        "用账号投票的名单还是空的。",
        "测评码还没有印。",
        "还没有定两位监票人。",
        "有纸质票，还没有定两位计票人。",
        "两位监票人还没有都设好开箱口令。",
        "截止时间已经过了，请改。",
    ]


def test_nothing_changes_once_voting_has_begun(world: World):
    made, office = begun(world), world.actor("office")
    version = made.poll.version

    for verb in (
        lambda: services.change(office, made.poll, plan(title="别的"), version=version),
        lambda: rolls.set_voters(office, made.poll, usernames=[], branches=[], version=version),
        lambda: rolls.name_tellers(office, made.poll, watchers=[1, 2], counters=[], version=version),
    ):
        with pytest.raises(Refused):
            verb()


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        (("poll_watcher", "poll_watcher"), "请定两位监票人，不能是同一个人。"),
        (("poll_watcher", "office"), "组织本次投票的经办人不监票、不计票。"),
        (("poll_watcher", "auditor"), "系统管理员、安全管理员、审计管理员不监票、不计票：请换下审计管理员。"),
        (("poll_watcher", "city_staff"), "监票人、计票人从本主办党组织的人员中定。"),
        (("poll_watcher", "leader"), "厅党组在候选名单里，不能监票、计票。"),
    ],
)
def test_who_may_not_be_a_teller_is_refused(world: World, who: tuple[str, str], sentence: str):
    question = Question(Kind.APPROVE, ("厅党组", "评委"))
    poll = services.draft(world.actor("office"), world.organiser("department"), plan(question=question))

    with pytest.raises(Refused) as refused:
        rolls.name_tellers(
            world.actor("office"),
            poll,
            watchers=[world.person(name).id for name in who],
            counters=[],
            version=poll.version,
        )

    assert refused.value.sentence == sentence


def test_a_teller_holds_the_post_until_two_months_after_the_closing(world: World):
    ready(world)

    granted = db.session.scalars(
        sa.select(RoleGrant).where(RoleGrant.person_id == polls.person(world, "watcher_b").id)
    ).all()
    assert [(grant.role, grant.starts_on, grant.ends_on) for grant in granted] == [
        (Role.POLL_WATCHER, NOW.date(), (NOW + timedelta(hours=2, days=60)).date())
    ]


def test_administrators_are_not_put_on_the_roll(world: World):
    made = ready(world)

    with pytest.raises(Refused, match="不参加投票：请去掉审计管理员"):
        rolls.set_voters(
            world.actor("office"), made.poll, usernames=["auditor"], branches=[], version=made.poll.version
        )


# Keys and opening.


def test_polls_of_one_owner_share_one_ceremony(world: World):
    owner = Owner("cycle", 7, "2026年星级评定")
    first, second = ready(world, owner=owner), ready(world, plan(title="第二项"), owner=owner)
    third = ready(world, owner=Owner("cycle", 8, "另一轮"))

    assert first.poll.key_id == second.poll.key_id != third.poll.key_id


def test_an_envelope_of_one_poll_does_not_open_in_another_with_the_same_key(world: World):
    owner = Owner("cycle", 7)
    first, second = ready(world, owner=owner), ready(world, owner=owner)
    for made in (first, second):
        services.begin(world.actor("office"), made.poll, version=made.poll.version)
        for name in made.voters:
            made.vote(name, (YES, NO))
    with writing() as session:  # as somebody with the database might
        session.execute(sa.delete(PollEnvelope).where(PollEnvelope.poll_id == second.poll_id))
        session.execute(sa.update(PollEnvelope).values(poll_id=second.poll_id))
    close(second)

    with pytest.raises(Refused, match="票箱和名册对不上"):
        open_box(second)


def test_the_box_opens_only_by_two_with_the_right_passphrases_who_just_gave_their_passwords(world: World):
    made = begun(world)
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    first, second = (as_teller(world, name) for name in PASSPHRASES)
    duties = [queries.duty(actor, made.poll_id, Duty.WATCHER) for actor in (first, second)]
    right = list(PASSPHRASES.values())

    with pytest.raises(Refused, match="请另一位监票人先确认"):
        tellers.open_box(second, duties[1], passphrase=right[1])
    with pytest.raises(Refused, match="先再输一次密码"):
        tellers.confirm(replace(first, reauth_at=NOW - timedelta(minutes=10)), duties[0], passphrase=right[0])
    with pytest.raises(Refused, match="开箱口令不对"):
        tellers.confirm(first, duties[0], passphrase=right[1])
    tellers.confirm(first, duties[0], passphrase=right[0])
    with pytest.raises(Refused, match="请另一位监票人先确认"):
        tellers.open_box(first, duties[0], passphrase=right[0])
    with pytest.raises(Refused, match="开箱口令不对"):
        tellers.open_box(second, duties[1], passphrase="别的口令别的口令别的")
    late = as_teller(world, "watcher_b", NOW + timedelta(minutes=30))
    with pytest.raises(Refused, match="请另一位监票人先确认"):
        tellers.open_box(late, duties[1], passphrase=right[1])
    opened = tellers.open_box(second, duties[1], passphrase=right[1])

    assert opened.state is State.COUNTED
    with pytest.raises(Refused, match="不能开箱"):
        tellers.open_box(second, duties[1], passphrase=right[1])


def test_either_watcher_may_come_first(world: World):
    made = begun(world)
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)

    open_box(made, passphrases=dict(reversed(PASSPHRASES.items())))

    assert queries.counts(made.poll_id) == {"s0": {"1": 6}, "s1": {"2": 6}}


def test_a_box_whose_key_the_server_holds_says_so_on_its_result(world: World):
    made = begun(world, plan(key_mode=KeyMode.SERVER))
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)

    open_box(made)

    result = outcomes.result_of(made.poll)
    assert result is not None
    assert (result.server_key, result.lines[0].votes) == (True, 6)


def test_a_destroyed_key_opens_nothing_and_is_kept_while_a_poll_needs_it(world: World):
    made, office = begun(world), world.actor("office")
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    key = made.poll.key
    assert key is not None
    with pytest.raises(Refused, match="还要用这把钥匙"):
        services.destroy_key(office, key)
    services.void(office, made.poll, reason="程序有误。", version=made.poll.version)

    services.destroy_key(office, key)

    assert list(tellers.keys().folder.glob(f"{key.first_file}*")) == []
    with pytest.raises(Refused, match="不在这台服务器上"):
        tellers.keys().unlock(key.first_file, PASSPHRASES["poll_watcher"])


def test_other_watchers_make_their_keys_anew(world: World):
    made = ready(world)
    before = made.poll.key_id
    people = [polls.person(world, name).id for name in ("poll_watcher", "second")]

    rolls.name_tellers(world.actor("office"), made.poll, watchers=people, counters=[], version=made.poll.version)

    assert (before is not None, made.poll.key_id) == (True, None)


# Paper.


def test_paper_counts_that_differ_keep_the_box_shut(world: World):
    made = begun(world, plan(ways=Ways(account=True, paper=True)), voters=6)
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    numbers = {"issued": 1, "returned": 1, "invalid": 0, "s0:1": 1, "s0:2": 0, "s0:3": 0}
    numbers |= {"s1:1": 1, "s1:2": 0, "s1:3": 0}
    for name, change in (("vote_counter", {}), ("counter_b", {"s0:1": 0, "s0:2": 1})):
        actor = world.actor(name)
        duty = queries.duty(actor, made.poll_id, Duty.COUNTER)
        tellers.enter_paper(actor, duty, numbers={**numbers, **change})

    assert sorted(queries.paper(made.poll_id).differing) == ["s0:1", "s0:2"]
    with pytest.raises(Refused, match="两份计票还没有录完，或者对不上"):
        open_box(made)
    with pytest.raises(Refused, match="应当等于有效票 1"):
        tellers.enter_paper(actor, duty, numbers={**numbers, "s0:1": 2})
    tellers.enter_paper(actor, duty, numbers=numbers)
    open_box(made)
    assert made.poll.state is State.COUNTED
    with pytest.raises(Refused):
        tellers.enter_paper(actor, duty, numbers=numbers)


# After the count.


def test_equal_votes_at_the_last_seat_lead_to_a_run_off_among_them(world: World):
    question = Question(Kind.APPROVE, ("甲支部", "乙支部", "丙支部"))
    made = begun(world, plan(question=question, rule=replace(RULE_OF_TWO, seats=2)), voters=6)
    for number, name in enumerate(made.voters):
        made.vote(name, (YES, YES if number else NO, YES if number < 5 else NO))
    close(made, issued=0)
    open_box(made)
    office = world.actor("office")

    again = services.run_off(
        office,
        made.poll,
        opens_at=NOW + timedelta(hours=3),
        closes_at=NOW + timedelta(hours=4),
        version=made.poll.version,
    )

    result = outcomes.result_of(made.poll)
    assert result is not None
    assert (result.passed, result.tied) == (["甲支部"], ["乙支部", "丙支部"])
    assert (again.subjects, again.counted_by.seats, again.runoff_of) == (["乙支部", "丙支部"], 1, made.poll_id)
    assert [person.username for person in queries.voters(again)] == made.voters
    assert again.key_id == made.poll.key_id
    with pytest.raises(Refused, match="不用再投"):
        services.run_off(office, again, opens_at=NOW, closes_at=NOW + timedelta(hours=1), version=again.version)


RULE_OF_TWO = Rule(Share.NONE, Share.HALF, Base.EXPECTED, 2, "推荐办法第六条")


def test_a_void_poll_says_why_and_is_never_opened(world: World):
    made = begun(world)
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    office = world.actor("office")
    with pytest.raises(Refused, match="请写明为什么作废"):
        services.void(office, made.poll, reason=" ", version=made.poll.version)

    services.void(office, made.poll, reason="发出的票数有误。", version=made.poll.version)

    with pytest.raises(Refused, match="现在是“已作废”"):
        open_box(made)
    assert (outcomes.result_of(made.poll), made.poll.void_reason) == (None, "发出的票数有误。")


def test_v10_after_a_restore_votes_under_way_are_void(app: Flask, world: World):
    ready(world, plan(title="准备中的"))
    made = begun(world)
    made.vote("voter0", (YES, NO))

    done = app.test_cli_runner().invoke(args=["ballots", "void-after-restore"])

    assert done.output == "作废了 1 次进行中的投票。\n  先进党支部推荐票决\n"
    assert [row[1:] for row in rows_of(Poll, "id", "title", "state")] == [
        ("准备中的", State.DRAFT),
        ("先进党支部推荐票决", State.VOID),
    ]
    assert rows_of(AuditEvent, "actor_name", "action")[-1] == ("系统", "ballots.void")


def test_more_slips_returned_than_handed_out_is_no_round(world: World):
    made = begun(world)
    for code in made.codes[:3]:
        made.vote_by_slip(code, (YES, NO))

    with pytest.raises(Refused, match="收回多于发出，本轮无效"):
        close(made, issued=2)


def test_a_new_batch_of_slips_replaces_the_old_one_until_one_is_used(world: World):
    made, office = begun(world), world.actor("office")
    fresh = rolls.make_slips(office, made.poll, number=3, version=made.poll.version)
    with pytest.raises(Missing):
        made.vote_by_slip(made.codes[0], (YES, NO))
    made.vote_by_slip(fresh[0], (YES, NO))

    with pytest.raises(Refused, match="不能换一批"):
        rolls.make_slips(office, made.poll, number=3, version=made.poll.version)
    assert (count(PollSlip), len(set(fresh))) == (3, 3)


@pytest.mark.parametrize("model", [PollCount, PollTracker])
def test_counts_and_the_board_are_never_changed(world: World, model: type):
    made = begun(world)
    for name in made.voters:
        made.vote(name, (YES, NO))
    close(made)
    open_box(made)

    with pytest.raises(DBAPIError, match="only grows"), writing() as session:
        session.execute(sa.delete(model))


def test_the_grades_of_weighted_groups_are_put_together(world: World):
    question = Question(Kind.GRADE, ("水生态环境处党支部",))
    groups = (Group("委员", 4_000, 5), Group("代表", 6_000, 5))
    rule = Rule(Share.NONE, Share.NONE, Base.PRESENT, 0, "述职评议办法")
    asked = plan(question=question, groups=groups, rule=rule, ways=Ways(slip=True), key_mode=KeyMode.SERVER)
    first = services.draft(world.actor("office"), world.organiser("department"), asked)
    good = {"委员": 5, "代表": 2}
    for poll in queries.series(first):
        office = world.actor("office")
        watchers = [polls.person(world, name).id for name in PASSPHRASES]
        rolls.name_tellers(office, poll, watchers=watchers, counters=[], version=poll.version)
        made = polls.Made(world, poll.id, [], rolls.make_slips(office, poll, number=5, version=poll.version))
        services.begin(office, made.poll, version=made.poll.version)
        for number, code in enumerate(made.codes):
            made.vote_by_slip(code, (Mark.GOOD if number < good[poll.group_name] else Mark.FAIRLY,))
        close(made)
        open_box(made)

    [line] = outcomes.together(queries.series(first))
    assert (line.name, dict(line.shares)) == (
        "水生态环境处党支部",
        {Mark.GOOD: 6_400, Mark.FAIRLY: 3_600, Mark.AVERAGE: 0, Mark.POOR: 0},
    )


def test_who_voted_is_written_anew_when_the_box_is_opened(world: World):
    made = begun(world)
    for name in made.voters[:5]:
        made.vote(name, (YES, NO))
    close(made)
    open_box(made)

    voted = {username for username, voted in _roll(made) if voted}
    assert voted == set(made.voters[:5])


def _roll(made: polls.Made) -> list[tuple[str, bool]]:
    people = {person.id: person.username for person in queries.voters(made.poll)}
    rows = db.session.execute(sa.select(PollVoter.person_id, PollVoter.voted).where(PollVoter.poll_id == made.poll_id))
    return [(people[person_id], voted) for person_id, voted in rows]


def test_a_posted_form_of_the_helper_is_what_a_browser_sends():
    question = Question(Kind.GRADE, ("甲",), ("政治建设",))

    assert posted(question, (Mark.GOOD,)) == {"s0": "7", "s0a0": "-"}
