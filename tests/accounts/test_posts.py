"""Posts: who gives which, what excludes what, terms, handing over, the last administrator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.builders import NOW, World
from tests.conftest import SignIn
from tests.pages import Browser
from tests.together import at_once
from tiejun_awards.accounts import people, posts, rules
from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.accounts.posts import About, Term
from tiejun_awards.shared.access import BRANCH_ROLES, INSTALL_ROLES, UNIT_ROLES, Actor, Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import NotAllowed, Refused

TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def confirmed(world: World, who: str) -> Actor:
    """Somebody who has just given his password again."""
    return replace(world.actor(who), reauth_at=NOW)


def held(person: Person) -> list[tuple[Role, date, date | None]]:
    rows = sa.select(RoleGrant).where(RoleGrant.person_id == person.id).order_by(RoleGrant.id)
    return [(grant.role, grant.starts_on, grant.ends_on) for grant in db.session.scalars(rows)]


def post_of(world: World, who: str) -> RoleGrant:
    return builders.only(RoleGrant, person_id=world.person(who).id)


# Who gives what.


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STAFF], ids=lambda role: role.value)
def test_each_post_is_given_by_the_one_role_the_table_names(world: World, role: Role):
    branch = world.branch("air").id if role in BRANCH_ROLES else None
    unit = world.unit("air_unit").id if role in UNIT_ROLES else None
    givers = set()
    for giver in ("office", "security_admin", "system_admin", "secretary", "auditor", "second"):
        person = builders.person(f"for.{giver}", world.organiser("department"))
        term = Term(role, date(2026, 11, 1), date(2026, 12, 1), branch, unit, elsewhere=True)
        if role is Role.SECRETARY:
            term = replace(term, acting=True, reason="出差")
        try:
            posts.grant_post(confirmed(world, giver), person, term)
        except NotAllowed:
            assert held(person) == []
        else:
            givers.add(giver)

    expected = {giver.value for giver, given in rules.GIVES.items() if role in given}
    assert givers == expected
    assert len(expected) == (role not in (Role.POLL_WATCHER, Role.VOTE_COUNTER))


@pytest.mark.parametrize("who", ["office", "security_admin"])
def test_nobody_gives_himself_a_post(world: World, who: str):
    actor, person = confirmed(world, who), world.person(who)
    role = Role.JUDGE if who == "office" else Role.SECOND

    with pytest.raises(NotAllowed, match="不能给自己任职"):
        posts.grant_post(actor, person, Term(role, TODAY))
    other = builders.grant(builders.person("b", world.organiser("department")), role)
    with pytest.raises(NotAllowed, match="不能给自己任职"):
        posts.hand_over_post(actor, other, to=person.id, from_day=TODAY)

    assert len(held(person)) == 1


def test_posts_of_those_who_run_things_are_given_only_after_the_password_was_given_again(world: World):
    person = builders.person("b", world.organiser("department"))

    with pytest.raises(Refused) as refused:
        posts.grant_post(world.actor("security_admin"), person, Term(Role.OFFICE, TODAY))

    assert (refused.value.field, held(person)) == ("reauth", [])


def test_a_post_given_is_a_line_of_the_audit_trail(world: World):
    person = builders.person("b", world.organiser("department"), branch=world.branch("air"))

    posts.grant_post(world.actor("office"), person, Term(Role.LIAISON, TODAY, branch_id=world.branch("air").id))

    [action, detail] = builders.rows_of(AuditEvent, "action", "detail")[-1]
    assert action == "accounts.grant_post"
    assert detail == {
        "person": person.id,
        "role": "liaison",
        "branch": world.branch("air").id,
        "starts_on": "2026-11-23",
    }


# What excludes what.


PAIRS = [(held, wanted) for held in sorted(INSTALL_ROLES, key=str) for wanted in sorted(INSTALL_ROLES, key=str)]
PAIRS = [pair for pair in PAIRS if pair[0] is not pair[1]]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda role: role.value)
def test_two_administrators_posts_never_meet_in_one_person(world: World, first: Role, second: Role):
    person = builders.person("b", world.organiser("department"))
    builders.grant(person, first, starts_on=TODAY, ends_on=TODAY + timedelta(days=30))
    actor, far = confirmed(world, "security_admin"), TODAY + timedelta(days=31)

    for starts_on, ends_on in ((TODAY, None), (YESTERDAY, TODAY), (far - timedelta(days=1), None)):
        with pytest.raises(Refused, match="系统三类管理员由不同的人担任"):
            posts.grant_post(actor, person, Term(second, starts_on, ends_on))
    after = posts.grant_post(actor, person, Term(second, far))

    assert held(person)[1:] == [(second, after.starts_on, None)]


@pytest.mark.parametrize("role", sorted(rules.NEVER_ADMINISTRATORS, key=str), ids=lambda role: role.value)
def test_no_administrator_runs_things_scores_or_counts(world: World, role: Role):
    department = world.organiser("department")
    now, later = builders.person("now", department), builders.person("later", department)
    builders.grant(now, Role.AUDITOR)
    builders.grant(later, role, starts_on=TOMORROW)

    with writing() as session:
        with pytest.raises(Refused):
            people.give_post(session, now, role, department.id, starts_on=TODAY)
        with pytest.raises(Refused):
            people.give_post(session, later, Role.AUDITOR, department.id, starts_on=TODAY)


def test_of_two_administrators_posts_given_at_once_one_is_refused(world: World, app: Flask):
    person = builders.person("b", world.organiser("department"))
    actor, person_id = confirmed(world, "security_admin"), person.id

    def give(role: Role) -> RoleGrant:
        return posts.grant_post(actor, db.session.get_one(Person, person_id), Term(role, TODAY))

    found = at_once(app, lambda: give(Role.SYSTEM_ADMIN), lambda: give(Role.AUDITOR))

    assert sorted(type(each).__name__ for each in found) == ["Refused", "RoleGrant"]
    assert len(held(builders.only(Person, id=person_id))) == 1


def test_a_branch_has_one_secretary_at_a_time_and_an_acting_one_beside(world: World):
    person = builders.person("b", world.organiser("department"), branch=world.branch("water"))
    water = world.branch("water").id
    term = Term(Role.SECRETARY, TODAY, branch_id=water)

    with pytest.raises(Refused, match="水处党支部书记"):
        posts.grant_post(world.actor("office"), person, term)
    acting = replace(term, acting=True, ends_on=TOMORROW, reason="书记外出学习，由副书记代理")
    for bad, field in ((replace(acting, reason=" "), "reason"), (replace(acting, ends_on=None), "ends_on")):
        with pytest.raises(Refused) as refused:
            posts.grant_post(world.actor("office"), person, bad)
        assert refused.value.field == field
    posts.grant_post(world.actor("office"), person, acting)

    assert [(post.role, post.name) for post in people.posts_of(water, NOW)][:2] == [
        ("党建联络员", "党建联络员"),
        ("党支部书记", "水处党支部书记"),
    ]
    assert ("党支部书记（代理）", "b") in [(post.role, post.name) for post in people.posts_of(water, NOW)]


def test_the_database_refuses_an_acting_secretary_without_a_reason(world: World):
    person = world.person("staff")
    row = RoleGrant(
        person_id=person.id,
        role=Role.SECRETARY,
        organiser_id=person.organiser_id,
        branch_id=person.branch_id,
        starts_on=TODAY,
        ends_on=TOMORROW,
        acting=True,
    )

    with pytest.raises(sa.exc.IntegrityError):
        builders.add(row)


def test_a_supervisor_never_supervises_the_own_branch(world: World):
    air = world.branch("air").id

    with pytest.raises(Refused) as refused:
        posts.grant_post(world.actor("office"), world.person("supervisor"), Term(Role.SUPERVISOR, TODAY, branch_id=air))
    with pytest.raises(Refused) as moved:
        posts.change_person(
            world.actor("office"),
            world.person("supervisor"),
            About("supervisor", "督导员", branch_id=world.branch("water").id),
            version=1,
        )

    assert (refused.value.field, moved.value.field) == ("branch", "branch")


def test_a_fifth_linked_branch_is_a_warning(world: World):
    department, person = world.organiser("department"), world.person("instructor")
    for number in range(4):
        branch = builders.branch(department, f"more{number}")
        posts.grant_post(world.actor("office"), person, Term(Role.INSTRUCTOR, TODAY, branch_id=branch.id))

    found = posts.links_warning(person.id, department.id, Role.INSTRUCTOR, TODAY)

    assert found == "这位党建指导员现在联系 5 个支部，一般不超过 4 个。"


# Somebody of another branch.


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.LIAISON], ids=lambda role: role.value)
def test_a_branchs_own_post_goes_to_somebody_of_another_branch_only_when_that_is_said(world: World, role: Role):
    office, stranger = world.actor("office"), builders.person("b", world.organiser("department"), name="外来的人")
    new = builders.branch(world.organiser("department"), "new", "新设党支部")
    term = Term(role, TODAY, branch_id=new.id)

    with pytest.raises(Refused) as given:
        posts.grant_post(office, stranger, term)
    grant = post_of(world, role.value)
    with pytest.raises(Refused) as handed:
        posts.hand_over_post(office, grant, to=stranger.id, from_day=TODAY)
    nobody = held(stranger)
    posts.grant_post(office, stranger, replace(term, elsewhere=True))

    assert (given.value.field, handed.value.field, nobody) == ("elsewhere", "elsewhere", [])
    assert given.value.sentence.startswith("外来的人不在新设党支部，没有登记在哪个党支部。")
    assert held(world.person(role.value)) == [(role, builders.LONG_AGO, None)]
    assert held(stranger) == [(role, TODAY, None)]


# Ending and handing over.


def test_a_post_ends_and_stays_on_record(world: World):
    grant = post_of(world, "liaison")

    posts.end_post(world.actor("office"), grant, last_day=YESTERDAY)

    assert held(world.person("liaison")) == [(Role.LIAISON, builders.LONG_AGO, YESTERDAY)]
    with pytest.raises(Refused, match="已经结束"):
        posts.end_post(world.actor("office"), post_of(world, "liaison"), last_day=TODAY)


def test_a_post_never_held_for_a_day_is_taken_back_without_a_trace_being_lost(world: World):
    person = builders.person("b", world.organiser("department"))
    grant = builders.grant(person, Role.JUDGE, starts_on=TODAY)

    posts.end_post(world.actor("office"), grant, last_day=YESTERDAY)

    assert held(person) == [(Role.JUDGE, TODAY, YESTERDAY)]
    assert builders.only(RoleGrant, person_id=person.id).revoked_at == NOW
    assert not world.actor("b").holds(Role.JUDGE)


def test_one_verb_hands_a_post_over(world: World):
    person = builders.person("b", world.organiser("department"), branch=world.branch("water"))
    grant = post_of(world, "secretary")

    posts.hand_over_post(world.actor("office"), grant, to=person.id, from_day=TODAY)

    assert held(world.person("secretary")) == [(Role.SECRETARY, builders.LONG_AGO, YESTERDAY)]
    assert held(world.person("b")) == [(Role.SECRETARY, TODAY, None)]
    assert builders.rows_of(AuditEvent, "action")[-1] == ("accounts.hand_over_post",)


def test_a_secretarys_post_is_handed_over_beside_an_acting_one_only_by_ending_that_too(world: World):
    office, water, department = world.actor("office"), world.branch("water"), world.organiser("department")
    deputy = builders.person("deputy", department, name="副书记", branch=water)
    until = TODAY + timedelta(days=30)
    posts.grant_post(office, deputy, Term(Role.SECRETARY, TODAY, until, water.id, acting=True, reason="书记外出学习"))
    grant, from_day = post_of(world, "secretary"), TODAY + timedelta(days=8)

    with pytest.raises(Refused) as refused:
        posts.hand_over_post(office, grant, to=deputy.id, from_day=from_day)
    before = held(deputy)
    posts.hand_over_post(office, grant, to=deputy.id, from_day=from_day, end_acting=True)

    assert (refused.value.field, before) == ("end_acting", [(Role.SECRETARY, TODAY, until)])
    assert refused.value.sentence.startswith("副书记代理书记到2026年12月23日，会和接任的书记重叠。")
    assert held(deputy) == [
        (Role.SECRETARY, TODAY, from_day - timedelta(days=1)),
        (Role.SECRETARY, from_day, None),
    ]


def planned_hand_over(world: World, role: str = "secretary") -> RoleGrant:
    """A post handed over to "b" from the first of December on."""
    person = builders.person("b", world.organiser("department"), name="接任人", branch=world.branch("water"))
    return posts.hand_over_post(world.actor("office"), post_of(world, role), to=person.id, from_day=date(2026, 12, 1))


@pytest.mark.parametrize("until", [None, date(2027, 6, 30)])
def test_a_hand_over_taken_back_before_it_began_gives_the_post_back_with_its_whole_term(
    world: World, until: date | None
):
    with writing():
        post_of(world, "secretary").ends_on = until
    planned = planned_hand_over(world)

    posts.end_post(world.actor("office"), planned, last_day=YESTERDAY)

    assert held(world.person("secretary")) == [(Role.SECRETARY, builders.LONG_AGO, until)]
    assert held(world.person("b")) == [(Role.SECRETARY, date(2026, 12, 1), date(2026, 11, 30))]


def test_a_post_taken_over_and_held_is_given_back_to_nobody(world: World):
    planned = planned_hand_over(world)

    posts.end_post(world.actor("office"), planned, last_day=date(2026, 12, 31))

    assert held(world.person("secretary")) == [(Role.SECRETARY, builders.LONG_AGO, date(2026, 11, 30))]


def test_a_hand_over_taken_back_changes_nothing_where_another_is_to_hold_the_post(world: World):
    planned = planned_hand_over(world)
    posts.end_post(world.actor("office"), planned, last_day=date(2026, 12, 31))
    builders.grant(world.person("staff"), Role.SECRETARY, at=world.branch("water"), starts_on=date(2027, 1, 1))

    posts.end_post(world.actor("office"), post_of(world, "b"), last_day=YESTERDAY)

    assert held(world.person("secretary")) == [(Role.SECRETARY, builders.LONG_AGO, date(2026, 11, 30))]


def test_a_hand_over_that_is_refused_ends_nothing(world: World):
    grant, auditor = post_of(world, "judge"), world.person("auditor")

    with pytest.raises(Refused):
        posts.hand_over_post(world.actor("office"), grant, to=auditor.id, from_day=TODAY)

    assert held(world.person("judge")) == [(Role.JUDGE, builders.LONG_AGO, None)]


def test_a_post_taken_away_while_its_holder_is_signed_in_gives_nothing_from_the_next_request_on(
    world: World, sign_in: SignIn
):
    browser = sign_in("judge")
    before = browser.get("/scoring/").status

    posts.end_post(world.actor("office"), post_of(world, "judge"), last_day=YESTERDAY)

    assert (before, browser.get("/scoring/").status) == (200, 403)


# The last administrator.


@pytest.mark.parametrize("role", sorted(INSTALL_ROLES, key=str), ids=lambda role: role.value)
def test_the_last_administrator_of_each_kind_stays(world: World, role: Role):
    security = builders.person("security2", world.organiser("department"), Role.SECURITY_ADMIN)
    builders.grant(builders.person("b", world.organiser("department")), role, ends_on=TOMORROW)  # goes by himself
    actor, grant = confirmed(world, "security2"), post_of(world, role.value)
    if role is Role.SECURITY_ADMIN:
        with writing():
            builders.only(RoleGrant, person_id=security.id).ends_on = TOMORROW

    with pytest.raises(Refused, match=f"最后一位{role.label}"):
        posts.end_post(actor, grant, last_day=YESTERDAY)
    if role is not Role.SYSTEM_ADMIN:
        with pytest.raises(Refused, match=f"最后一位{role.label}"):
            posts.disable_person(confirmed(world, "system_admin"), world.person(role.value), reason="调离")
    posts.hand_over_post(actor, grant, to=builders.person("next", world.organiser("department")).id, from_day=TODAY)

    assert held(world.person(role.value)) == [(role, builders.LONG_AGO, YESTERDAY)]


def test_two_administrators_do_not_end_each_other_at_once(world: World, app: Flask):
    department = world.organiser("department")
    other = builders.person("b", department, Role.AUDITOR)
    numbers = [post_of(world, "auditor").id, builders.only(RoleGrant, person_id=other.id).id]
    actor = confirmed(world, "security_admin")

    def end(number: int) -> RoleGrant:
        return posts.end_post(actor, db.session.get_one(RoleGrant, number), last_day=YESTERDAY)

    found = at_once(app, lambda: end(numbers[0]), lambda: end(numbers[1]))

    assert sorted(type(each).__name__ for each in found) == ["Refused", "RoleGrant"]


# Accounts.


def test_a_disabled_account_is_nobodys_from_the_next_request_on(world: World, sign_in: SignIn):
    browser = sign_in("staff")
    before = browser.get("/").status

    posts.disable_person(confirmed(world, "office"), world.person("staff"), reason="调离")

    assert (before, browser.get("/").h1) == (200, "登录")
    with pytest.raises(Refused, match="已经停用"):
        posts.disable_person(confirmed(world, "office"), world.person("staff"), reason="调离")
    posts.enable_person(confirmed(world, "office"), world.person("staff"))
    assert world.person("staff").disabled_at is None


def test_nobody_disables_himself_and_the_office_no_administrator(world: World):
    with pytest.raises(Refused, match="不能停用自己"):
        posts.disable_person(confirmed(world, "office"), world.person("office"), reason="x")
    with pytest.raises(NotAllowed):
        posts.disable_person(confirmed(world, "office"), world.person("auditor"), reason="x")
    with pytest.raises(NotAllowed):
        posts.change_person(world.actor("office"), world.person("auditor"), About("a", "b"), version=1)


def test_the_office_disables_no_colleague_no_second_hand_and_no_discipline(world: World):
    for who in ("second", "discipline"):
        with pytest.raises(NotAllowed, match="由系统管理员办理"):
            posts.disable_person(confirmed(world, "office"), world.person(who), reason="x")
        posts.disable_person(confirmed(world, "system_admin"), world.person(who), reason="调离")


def test_nobody_moves_himself_out_of_the_branch_he_takes_no_verbs_on(world: World):
    me = world.person("office")

    with pytest.raises(Refused) as refused:
        posts.change_person(
            world.actor("office"), me, About("office", "经办", branch_id=world.branch("air").id), version=1
        )

    assert (refused.value.field, world.person("office").branch_id) == ("branch", world.branch("own").id)


def test_names_and_numbers_that_others_have_are_refused_beside_their_field(world: World):
    office, department = world.actor("office"), world.organiser("department")
    posts.add_person(office, department, About("a", "甲", "138 0000 0001"))
    found = []

    for about in (About("ＯＦＦＩＣＥ", "乙"), About("b", "乙", "13800000001"), About("b", ""), About(" ", "乙")):
        with pytest.raises(Refused) as refused:
            posts.add_person(office, department, about)
        found.append(refused.value.field)

    assert found == ["username", "mobile", "name", "username"]


@pytest.mark.parametrize("name", ["li si", "李　四", "li\u00a0si"])
def test_a_new_accounts_name_has_no_blank_inside_and_an_old_one_stays(world: World, name: str):
    office, department = world.actor("office"), world.organiser("department")
    old = builders.person("wang wu", department)

    with pytest.raises(Refused) as refused:
        posts.add_person(office, department, About(name, "李四"))
    posts.change_person(office, old, About("Wang Wu", "王五"), version=1)

    assert (refused.value.field, refused.value.sentence) == (
        "username",
        "账号中间不能有空格，例如写成 zhangsan 或 zhang.san。",
    )
    assert (old.username, old.name) == ("Wang Wu", "王五")


# Pages.


def test_the_office_gives_ends_and_hands_over_on_the_pages(world: World, office: Browser):
    staff = world.person("staff")
    office.get(f"/people/{staff.id}")
    office.click("任职")
    office.submit("任职", role="liaison", branch=str(world.branch("air").id), starts_on="2026年11月1日")
    page = office.submit("任职", elsewhere=True)
    assert page.alerts[0] == "干部职工已任党建联络员。"

    office.click("交接党建联络员")
    wrong = office.submit("办理交接", to="nobody")
    office.submit("办理交接", to="secretary", from_day="2026-11-10")
    page = office.submit("办理交接", elsewhere=True)
    assert (wrong.status, wrong.errors) == (422, {"to": "没有这个账号，请从名单里选，或者先建立账号。"})
    assert page.alerts[0] == "党建联络员已由干部职工交接给水处党支部书记。"

    office.get(f"/people/{staff.id}")
    assert "2026年11月1日起，到2026年11月9日" in office.page.main  # type: ignore[union-attr]


def test_the_pages_ask_for_a_tick_and_keep_what_was_typed(world: World, office: Browser):
    grant, water, staff = post_of(world, "secretary"), world.branch("water"), world.person("staff")
    acting = Term(Role.SECRETARY, TODAY, TOMORROW, water.id, acting=True, reason="书记外出学习")
    posts.grant_post(world.actor("office"), staff, acting)
    builders.person("b", world.organiser("department"), name="外来的人")

    office.get(f"/people/posts/{grant.id}/hand-over")
    first = office.submit("办理交接", to="b", from_day="2026-11-23")
    second = office.submit("办理交接", end_acting=True)
    page = office.submit("办理交接", elsewhere=True)

    assert (list(first.errors), list(second.errors)) == (["end_acting"], ["elsewhere"])
    assert page.alerts[0] == "党支部书记已由水处党支部书记交接给外来的人。"
    assert held(staff) == [(Role.SECRETARY, TODAY, YESTERDAY)]


def test_the_page_says_what_became_of_whoever_held_the_post_before(world: World, office: Browser):
    planned = planned_hand_over(world)

    page = office.get(f"/people/posts/{planned.id}/end")
    ahead, after = page.alerts, office.submit("结束任职").alerts

    assert ahead == ["这项任职是从水处党支部书记交接来的。没有到任就撤回的，水处党支部书记的任期恢复到交接以前。"]
    assert after[1] == "没有到任，已撤回；水处党支部书记的任期恢复到交接以前，没有写截止日期。"


def test_where_the_term_before_was_changed_since_the_page_says_how_to_give_it_again(world: World, office: Browser):
    planned = planned_hand_over(world)
    with writing():
        post_of(world, "secretary").ends_on = date(2026, 11, 29)

    office.get(f"/people/posts/{planned.id}/end")
    page = office.submit("结束任职")

    assert page.alerts[1] == (
        "没有到任，已撤回。水处党支部书记的任期仍只到2026年11月29日；"
        "要由水处党支部书记继续担任，请从2026年12月1日起给水处党支部书记另外任职。"
    )


def test_two_who_end_a_post_at_once_see_each_others_day(world: World, office: Browser):
    grant = post_of(world, "liaison")
    office.get(f"/people/posts/{grant.id}/end")
    posts.end_post(world.actor("office"), grant, last_day=date(2026, 12, 31))

    page = office.submit("结束任职", last_day="2026-12-15")
    stays = post_of(world, "liaison").ends_on
    office.submit("结束任职")

    assert (page.status, page.rows()) == (409, [["任职最后一天 不同", "2026年12月15日", "2026年12月31日"]])
    assert (stays, post_of(world, "liaison").ends_on) == (date(2026, 12, 31), date(2026, 12, 15))


def test_a_post_whose_end_was_changed_meanwhile_is_handed_over_only_after_another_look(world: World, office: Browser):
    grant = post_of(world, "liaison")
    office.get(f"/people/posts/{grant.id}/hand-over")
    posts.end_post(world.actor("office"), grant, last_day=date(2026, 12, 15))

    page = office.submit("办理交接", to="staff", from_day="2026-12-01")
    stays = post_of(world, "liaison").ends_on

    assert (page.status, "到2026年12月15日" in page.main, stays) == (409, True, date(2026, 12, 15))


def test_two_who_change_an_account_at_once_see_each_others_words(world: World, office: Browser):
    staff = world.person("staff")
    office.get(f"/people/{staff.id}/edit")
    posts.change_person(
        world.actor("system_admin"), staff, About("staff", "先改的名字", branch_id=staff.branch_id), version=1
    )

    page = office.submit("保存", name="后改的名字")
    again = office.submit("保存")

    assert (page.status, "先改的名字" in page.main, "后改的名字" in page.main) == (409, True, True)
    assert (again.status, world.person("staff").name) == (200, "后改的名字")


def test_the_list_finds_by_name_account_and_the_end_of_a_number_and_shows_none_whole(world: World, office: Browser):
    posts.add_person(world.actor("office"), world.organiser("department"), About("zhang", "张三", "13812345678"))

    for asked in ("张三", "ZHANG", "13812345678", "5678"):
        page = office.get("/people/", query_string={"q": asked})
        assert "138****5678" in page.main
        assert "13812345678" not in page.main.replace("13812345678 单位", "")
    assert "张三" not in office.get("/people/", query_string={"role": "office"}).main
    assert office.get("/people/export").headers["Content-Disposition"].startswith("attachment")


def test_accounts_nobody_used_for_ninety_days_are_the_security_administrators_to_see(
    world: World, sign_in: SignIn, office: Browser
):
    old = builders.person("old", world.organiser("department"), name="早先的人")
    with writing():
        old.made_at = NOW - timedelta(days=200)
    browser = sign_in("security_admin")

    page = browser.get("/people/unused")

    assert "早先的人" in page.main
    assert "干部职工" not in page.main  # made a moment ago
    assert office.get("/people/unused").status == 403
    assert browser.get("/people/unused/export").status == 200


# Names and numbers: either may be typed to sign in.


def test_no_account_goes_by_the_number_of_another(world: World):
    def made(username: str, mobile: str = "") -> None:
        with writing() as session:
            people.new_person(
                session,
                organiser_id=world.organiser("department").id,
                username=username,
                name="某人",
                mobile=mobile,
                at=NOW,
            )

    made("first", "139 1234 5678")
    made("13800000000")

    for username, mobile, field in (
        ("１３９12345678", "", "username"),
        ("another", "13912345678", "mobile"),
        ("third", "13800000000", "mobile"),
    ):
        with pytest.raises(Refused) as refused:
            made(username, mobile)
        assert refused.value.field == field
