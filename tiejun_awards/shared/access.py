"""Who may do what: one table guards the page, the verb, the button, and draws the page in the docs.

A person holds grants (a role within a scope, for a term). ``TABLE`` says, for each permission, how far
each role reaches. Everything else asks ``reach`` or ``can``; nothing in the system compares roles itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .labels import Labelled


class Role(Labelled):
    """The posts of the system. 党建“三员” and the three administrators are different things."""

    STAFF = "staff", "干部职工"
    LIAISON = "liaison", "党建联络员"
    SECRETARY = "secretary", "党支部书记"
    INSTRUCTOR = "instructor", "党建指导员"
    SUPERVISOR = "supervisor", "党建督导员"
    JUDGE = "judge", "评委"
    CLERK = "clerk", "推荐单位经办"
    DISCIPLINE = "discipline", "纪检"
    OFFICE = "office", "机关党委经办"
    SECOND = "second", "复核人"
    POLL_WATCHER = "poll_watcher", "监票人"
    VOTE_COUNTER = "vote_counter", "计票人"
    LEADER = "leader", "厅党组"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计管理员"


BRANCH_ROLES = frozenset({Role.LIAISON, Role.SECRETARY, Role.INSTRUCTOR, Role.SUPERVISOR})
"""Roles whose grant names one branch; a person linked to several holds one grant for each."""

UNIT_ROLES = frozenset({Role.CLERK})
"""Roles whose grant names one unit."""

INSTALL_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""The three administrators (系统三类管理员): of the installation, not of an organiser; mutually exclusive."""


class Scope(Labelled):
    """How far a role reaches with a permission."""

    SELF = "self", "本人"
    BRANCH = "branch", "任职或联系的支部"
    UNIT = "unit", "本单位"
    ORGANISER = "organiser", "本主办党组织"
    STANDING_IN = "standing_in", "经办人本人所在支部"
    INSTALL = "install", "全系统"


class Permission(Labelled):
    """What can be done; the value is the code word in audit events, the label what the docs show."""

    USE_SYSTEM = "use_system", "使用首页与个人设置"
    READ_FEEDBACK = "read_feedback", "看意见建议"
    READ_ORGANISATION = "read_organisation", "看单位和党组织"
    READ_RULES = "read_rules", "看规则和工作日"
    ENTER_DAYS = "enter_days", "登记放假和调休"
    READ_POLL = "read_poll", "看测评票决"
    RUN_POLL = "run_poll", "组织测评票决"
    WATCH_POLL = "watch_poll", "监票"
    COUNT_PAPER = "count_paper", "计票（录入纸质票）"
    VOTE = "vote", "用自己的账号投票"
    READ_REPORT = "read_report", "看季度报告"
    WRITE_REPORT = "write_report", "写季度报告"
    SUBMIT_REPORT = "submit_report", "提交季度报告"
    REVIEW_REPORT = "review_report", "审阅季度报告（采用、退回）"
    REOPEN_REPORT = "reopen_report", "重新打开已采用的报告"
    READ_QUARTER = "read_quarter", "看一个季度各支部的报告情况"
    EXPORT_QUARTER = "export_quarter", "导出一个季度的报告情况"


_EVERYONE = {Role.STAFF: Scope.ORGANISER}

TABLE: dict[Permission, dict[Role, Scope]] = {
    Permission.USE_SYSTEM: {Role.STAFF: Scope.SELF},
    Permission.READ_FEEDBACK: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_ORGANISATION: {
        **_EVERYONE,
        Role.SYSTEM_ADMIN: Scope.INSTALL,
        Role.SECURITY_ADMIN: Scope.INSTALL,
    },
    Permission.READ_RULES: {**_EVERYONE, Role.SECURITY_ADMIN: Scope.INSTALL, Role.AUDITOR: Scope.INSTALL},
    Permission.ENTER_DAYS: {Role.OFFICE: Scope.ORGANISER},
    Permission.READ_POLL: {Role.OFFICE: Scope.ORGANISER, Role.POLL_WATCHER: Scope.SELF, Role.VOTE_COUNTER: Scope.SELF},
    Permission.RUN_POLL: {Role.OFFICE: Scope.ORGANISER},
    Permission.WATCH_POLL: {Role.POLL_WATCHER: Scope.SELF},
    Permission.COUNT_PAPER: {Role.VOTE_COUNTER: Scope.SELF},
    Permission.VOTE: {Role.STAFF: Scope.SELF},
    Permission.READ_REPORT: {
        Role.LIAISON: Scope.BRANCH,
        Role.SECRETARY: Scope.BRANCH,
        Role.INSTRUCTOR: Scope.BRANCH,
        Role.SUPERVISOR: Scope.BRANCH,
        Role.OFFICE: Scope.ORGANISER,
        Role.SECOND: Scope.STANDING_IN,
        Role.LEADER: Scope.ORGANISER,
    },
    Permission.WRITE_REPORT: {Role.LIAISON: Scope.BRANCH, Role.SECRETARY: Scope.BRANCH},
    Permission.SUBMIT_REPORT: {Role.SECRETARY: Scope.BRANCH},
    Permission.REVIEW_REPORT: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.STANDING_IN},
    Permission.REOPEN_REPORT: {Role.OFFICE: Scope.ORGANISER, Role.SECOND: Scope.STANDING_IN},
    Permission.READ_QUARTER: {
        Role.OFFICE: Scope.ORGANISER,
        Role.SECOND: Scope.STANDING_IN,
        Role.LEADER: Scope.ORGANISER,
    },
    Permission.EXPORT_QUARTER: {Role.OFFICE: Scope.ORGANISER},
}

NOT_ON_OWN_BRANCH = frozenset({Permission.REVIEW_REPORT, Permission.REOPEN_REPORT})
"""Verbs nobody takes on the branch he belongs to: the second hand (复核人) takes them there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing lies: what a scope is compared with."""

    organiser_id: int
    branch_id: int | None = None
    unit_ids: frozenset[int] = frozenset()
    person_id: int | None = None  # whose own thing it is, where that matters


class Placed(Protocol):
    """Anything a permission can be asked about."""

    @property
    def place(self) -> Place: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """One role a person holds now. ``branch_ids``: the branch named by the grant; for the second hand,
    the branches to which the organiser's officers belong."""

    role: Role
    organiser_id: int
    branch_ids: frozenset[int] = frozenset()
    unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request came from, for the audit trail."""

    request_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, under which grants, and when (``at``: aware, UTC, taken once at the start of the request)."""

    person_id: int
    name: str
    organiser_id: int
    at: datetime
    grants: tuple[Grant, ...] = ()
    branch_id: int | None = None  # the branch he belongs to as a member
    unit_id: int | None = None
    large_text: bool = False
    trace: Trace = field(default=Trace(), compare=False)
    reauth_at: datetime | None = field(default=None, compare=False)  # when he last gave his password again

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """The person's id as text, as Flask-Login wants it."""
        return str(self.person_id)

    def holds(self, role: Role) -> bool:
        """Whether he holds the role now. For wording only: rights are asked with ``can``."""
        return any(grant.role is role for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one actor gets with one permission; ``bool`` is False when nowhere."""

    everywhere: bool = False
    organisers: frozenset[int] = frozenset()
    branches: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    person: int | None = None  # what is his own
    except_branch: int | None = None

    def __bool__(self) -> bool:
        return bool(self.everywhere or self.organisers or self.branches or self.units or self.person)

    def covers(self, place: Place) -> bool:
        """Whether a thing at ``place`` lies within reach."""
        if self.except_branch is not None and place.branch_id == self.except_branch:
            return False
        return (
            self.everywhere
            or place.organiser_id in self.organisers
            or place.branch_id in self.branches
            or (self.person is not None and place.person_id == self.person)
            or not self.units.isdisjoint(place.unit_ids)
        )


def reach(actor: Actor, permission: Permission) -> Reach:
    """How far the actor's grants take him with this permission."""
    everywhere = False
    person: int | None = None
    organisers: set[int] = set()
    branches: set[int] = set()
    units: set[int] = set()
    row = TABLE[permission]
    for grant in actor.grants:
        match row.get(grant.role):
            case Scope.INSTALL:
                everywhere = True
            case Scope.ORGANISER:
                organisers.add(grant.organiser_id)
            case Scope.BRANCH | Scope.STANDING_IN:
                branches |= grant.branch_ids
            case Scope.UNIT if grant.unit_id is not None:
                units.add(grant.unit_id)
            case Scope.SELF:
                person = actor.person_id
            case _:
                pass
    return Reach(
        everywhere,
        frozenset(organisers),
        frozenset(branches),
        frozenset(units),
        person,
        actor.branch_id if permission in NOT_ON_OWN_BRANCH else None,
    )


def can(actor: Actor, permission: Permission, subject: Placed | None = None) -> bool:
    """Whether the actor may use the permission: on ``subject``, or anywhere at all when it is None."""
    got = reach(actor, permission)
    return bool(got) if subject is None else got.covers(subject.place)


def table_as_text() -> str:
    """The permission table, one line for each permission and role, in the order of the code."""
    lines = []
    for permission, row in TABLE.items():
        own = "；不含本人所在支部" if permission in NOT_ON_OWN_BRANCH else ""
        for role in Role:
            if role in row:
                lines.append(f"{permission.value:20} {role.value:16} {row[role].value:12} {permission.label}{own}")
    return "\n".join(lines) + "\n"
