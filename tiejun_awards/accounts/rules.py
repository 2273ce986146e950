"""Rules of accounts: names, sessions, what may be carried through signing in again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from ..shared.access import Actor
from ..shared.labels import Labelled
from ..shared.rights import BRANCH_ROLES, INSTALL_ROLES, UNIT_ROLES, Role

IDLE = timedelta(minutes=30)
"""A session nobody used this long has ended (GB/T 22239 身份鉴别: 登录连接超时自动退出)."""

ABSOLUTE = timedelta(hours=8)
"""A session ends after this, however busy it is."""

SEEN_EVERY = timedelta(minutes=1)
"""How often the last use is written down."""

REAUTH_LASTS = timedelta(minutes=10)
"""How long giving the password again counts, for the few verbs that ask for it."""

MOST_REAUTH_FAILURES = 5
"""So many wrong passwords in a row end the session."""

SLIP_LASTS = timedelta(days=7)
"""How long a printed slip opens its account."""

HALF_WAY_LASTS = timedelta(minutes=5)
"""How long a right password waits for the code of the second step."""

ENROLLING_LASTS = timedelta(minutes=15)
"""How long a new seed of the second step waits for its first code."""

CARRIED_FOR = timedelta(hours=24)
"""How long typed text waits for its writer."""

MOST_CARRIED = 200_000
"""Characters of typed text that are carried at most."""


SIGN_IN_ACTIONS = {
    "accounts.change_password": "改密码",
    "accounts.use_slip": "凭登录条设密码",
    "accounts.issue_slips": "打印登录条",
    "accounts.issue_slip": "打印一张登录条",
    "accounts.slip_by_console": "在服务器上生成登录条",
    "accounts.enrol": "登记两步登录",
    "accounts.new_recovery_codes": "重新生成备用码",
    "accounts.remove_factor": "停用两步登录",
    "accounts.ask_factor_reset": "申请解除两步登录",
    "accounts.reset_factor": "核准解除两步登录",
    "accounts.drop_factor_by_console": "在服务器上解除两步登录",
    "accounts.end_session": "结束自己的一处登录",
    "accounts.end_other_sessions": "结束自己别处的登录",
    "accounts.end_sessions_of": "结束别人的登录",
    "accounts.my_data": "下载我的数据",
}
"""What the verbs of signing in are called in the audit trail."""


@dataclass(frozen=True, slots=True)
class DataSheet:
    """One kind of thing the system holds about somebody, as a sheet of 我的数据."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | int | float | date | None]]


class MyData(Protocol):
    """What a feature holds about the one who asks, and nobody else's."""

    def __call__(self, actor: Actor, /) -> DataSheet: ...


_NEVER_CARRIED = frozenset({"csrf_token", "password", "passphrase", "again", "new_password", "code"})


def username_key(name: str) -> str:
    """Names equal after NFKC, case folding and trimming are one account (full-width ＯＦＦＩＣＥ is office)."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def username_fault(name: str) -> str:
    """What is wrong with a new account's name, or nothing. Accounts there are keep theirs and sign in with them."""
    if any(char.isspace() for char in username_key(name)):
        return "账号中间不能有空格，例如写成 zhangsan 或 zhang.san。"
    return ""


def mobile_key(text: str) -> str:
    """A mainland mobile number as it is stored: eleven digits. Empty for what is none; full-width digits, blanks,
    dashes and the country's prefix are read."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).removeprefix("+86")
    return plain if re.fullmatch(r"1[3-9][0-9]{9}", plain) else ""


def name_key(typed: str) -> str:
    """What tries are counted by: however a name or a mobile number is written, it is one."""
    return mobile_key(typed) or username_key(typed)


def masked(mobile: str) -> str:
    """“138****1234”: enough to tell two people apart."""
    return f"{mobile[:3]}****{mobile[-4:]}" if mobile else ""


NEVER_ADMINISTRATORS = frozenset({Role.OFFICE, Role.JUDGE, Role.POLL_WATCHER, Role.VOTE_COUNTER})
"""Who runs things, scores or counts votes is none of the three administrators: none of them scores, votes or sees a ballot."""


def not_together(held: Iterable[Role], wanted: Role) -> Role | None:
    """A post already held that excludes the wanted one, or None.

    The three administrators (系统三类管理员) exclude one another (GB/T 22239 8.1.4 访问控制, 8.1.5 系统管理、审计管理、安全管理),
    and the posts of those who run things, score or count votes.
    """
    barred = frozenset[Role]()
    if wanted in INSTALL_ROLES:
        barred = (INSTALL_ROLES - {wanted}) | NEVER_ADMINISTRATORS
    elif wanted in NEVER_ADMINISTRATORS:
        barred = INSTALL_ROLES
    return next((role for role in held if role in barred), None)


GIVES: dict[Role, frozenset[Role]] = {
    Role.SECURITY_ADMIN: INSTALL_ROLES | {Role.OFFICE, Role.SECOND, Role.DISCIPLINE},
    Role.OFFICE: BRANCH_ROLES | UNIT_ROLES | {Role.JUDGE, Role.LEADER},
}
"""Whose post it is to give which posts, and to end them. 监票人 and 计票人 are named by the poll they serve in."""

CONFIRMED_POSTS = GIVES[Role.SECURITY_ADMIN]
"""Posts that are given and ended only after the password was given again."""

LINKS = frozenset({Role.INSTRUCTOR, Role.SUPERVISOR})
"""Of the 党建“三员”, those that are linked to branches of others."""

OF_THE_BRANCH = frozenset({Role.SECRETARY, Role.LIAISON})
"""Posts that a member of the branch holds; somebody from elsewhere gets one only when that is said on purpose."""

UNUSED_AFTER = timedelta(days=90)
"""An account nobody used this long is reported (GB/T 22239 8.1.4.2: 及时删除或停用多余的、过期的账户)."""


def gives(held: Iterable[Role]) -> frozenset[Role]:
    """The posts somebody may give by those he holds."""
    return frozenset[Role]().union(*(GIVES.get(role, frozenset()) for role in held))


def post_title(role: Role, *, acting: bool) -> str:
    """“党支部书记（代理）”."""
    return f"{role.label}（代理）" if acting else role.label


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the rules see it: held, or wanted. The scope is a branch, a unit or the organiser."""

    role: Role
    organiser_id: int
    starts_on: date
    ends_on: date | None = None
    branch_id: int | None = None
    unit_id: int | None = None
    acting: bool = False
    reason: str = ""

    def meets(self, other: Post) -> bool:
        """Whether the two terms have a day in common."""
        return (self.ends_on is None or other.starts_on <= self.ends_on) and (
            other.ends_on is None or self.starts_on <= other.ends_on
        )

    def same_chair(self, other: Post) -> bool:
        """Whether the two are one post: the role, and where it is held."""
        return (self.role, self.organiser_id, self.branch_id, self.unit_id) == (
            other.role,
            other.organiser_id,
            other.branch_id,
            other.unit_id,
        )


def why_not_given(name: str, own_branch: int | None, held: Iterable[Post], wanted: Post) -> tuple[str, str] | None:
    """Why somebody who holds these posts cannot be given the wanted one: (field, sentence), or None."""
    wrong = _why_not_whole(wanted)
    if wrong:
        return wrong
    if wanted.role is Role.SUPERVISOR and wanted.branch_id == own_branch:
        return "branch", f"党建督导员不能督导自己所在的支部，请换一个支部或者换人（{name}）。"
    meeting = [post for post in held if post.meets(wanted)]
    other = not_together([post.role for post in meeting], wanted.role)
    if other is not None:
        return "role", _EXCLUDED.format(name=name, held=other.label, wanted=wanted.role.label)
    if any(post.same_chair(wanted) for post in meeting):
        return (
            "starts_on",
            f"{name}在这段时间里已经担任{wanted.role.label}，不必再任一次；要改任期，请先把原来的任职结束。",
        )
    return None


_EXCLUDED = "{name}在这段时间里担任{held}，不能再任{wanted}：系统三类管理员由不同的人担任，也不兼机关党委经办、评委、监票和计票。"


def _why_not_whole(wanted: Post) -> tuple[str, str] | None:
    if (wanted.role in BRANCH_ROLES) != (wanted.branch_id is not None):
        return "branch", "请选在哪个党支部任职。" if wanted.branch_id is None else "这个职务不分支部，请不要选党支部。"
    if (wanted.role in UNIT_ROLES) != (wanted.unit_id is not None):
        return "unit", "请选是哪个单位的经办。" if wanted.unit_id is None else "这个职务不分单位，请不要选单位。"
    if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        return "ends_on", "任期的最后一天早于第一天，请核对。"
    if not wanted.acting:
        return None
    if wanted.role is not Role.SECRETARY:
        return "acting", "只有党支部书记可以代理。"
    if wanted.ends_on is None:
        return "ends_on", "代理书记要写代理到哪一天。"
    return None if wanted.reason else ("reason", "代理书记要写事由，例如“书记外出学习，由副书记代理”。")


def session_state(
    *, made_at: datetime, seen_at: datetime, ended_at: datetime | None, now: datetime, day_over: bool = False
) -> str:
    """``live``, ``expired`` (idle or too old: typed text is carried) or ``ended`` (signed out or taken away).

    ``day_over``: it was for one day (in Shanghai), and that day is over.
    """
    if ended_at is not None:
        return "ended"
    if day_over or now - seen_at >= IDLE or now - made_at >= ABSOLUTE:
        return "expired"
    return "live"


def is_fresh(reauth_at: datetime | None, now: datetime) -> bool:
    """Whether the password was given again a short while ago."""
    return reauth_at is not None and timedelta(0) <= now - reauth_at < REAUTH_LASTS


DUTIES = {"password": "own.password", "two_step": "own.two_step"}
"""What some must do before anything else, and the page where it is done."""

WITH_A_DUTY = frozenset(
    {
        *("own.password", "own.two_step", "own.enrol"),
        *("accounts.sign_out", "accounts.sign_in", "accounts.code", "accounts.slip", "accounts.panel_slip"),
        *("accounts.large_text", "accounts.confirm", "static", "home.healthz"),
    }
)
"""The pages that can be opened meanwhile."""


# Back-off. Nothing is ever locked for good: that would let anybody lock anybody out.


class Tries(Labelled):
    """What failed tries are counted by."""

    ACCOUNT = "account", "账号"
    ADDRESS = "address", "网络地址"


FREE = {Tries.ACCOUNT: 5, Tries.ADDRESS: 50}
"""So many failures in a row before there is a wait. An address may be a whole office's, so it gets more."""

FORGOTTEN = {Tries.ACCOUNT: timedelta(hours=24), Tries.ADDRESS: timedelta(minutes=15)}
"""Failures of an account are forgotten so long after the last one, those of an address so long after the first."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


def wait_after(kind: Tries, failures: int) -> timedelta:
    """How long nobody is let through after so many failures: nothing, then 30 seconds, doubling up to 15 minutes."""
    over = failures - FREE[kind]
    return timedelta(0) if over < 0 else min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def is_forgotten(kind: Tries, since: datetime, at: datetime) -> bool:
    """Whether counting begins anew."""
    return at - since >= FORGOTTEN[kind]


def carried_fields(fields: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The fields of a form worth carrying; empty when there is nothing or far too much."""
    kept = [[name, value] for name, value in fields if name not in _NEVER_CARRIED]
    if sum(len(name) + len(value) for name, value in kept) > MOST_CARRIED:
        return []
    return kept


def safe_next(path: str) -> str:
    """The path to go on to after signing in: only a path of this site, otherwise the home page."""
    strange = "\\" in path or any(ord(char) < 33 for char in path)
    here = path.startswith("/") and not path.startswith("//")
    return path if here and not strange and len(path) <= 200 else "/"
