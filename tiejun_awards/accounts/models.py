"""People, the posts they hold, the sessions they are signed in by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisation.models import PartyOrganisation, Unit
from ..organisers.models import Organiser
from ..shared.access import Place, Role
from ..shared.db import Base, choice
from ..shared.labels import Labelled
from . import rules
from .rules import Tries


class Person(Base):
    """Somebody who can sign in. Demo people are named by post, never invented."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    username: Mapped[str] = mapped_column(sa.String(40))
    username_key: Mapped[str] = mapped_column(sa.String(80), unique=True)  # rules.username_key: one name, one account
    name: Mapped[str] = mapped_column(sa.String(60))
    password_hash: Mapped[str] = mapped_column(
        sa.String(160)
    )  # empty: nobody can sign in before the first slip is used
    large_text: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    mobile: Mapped[str | None] = mapped_column(sa.String(11), unique=True)  # as rules.mobile_key writes it
    password_set_at: Mapped[datetime | None]  # by its owner; None: by nobody yet, or it is the demo's
    grace_used_at: Mapped[datetime | None]  # when he signed in once more with a password that was too old
    version: Mapped[int] = mapped_column(default=1)  # of what the form of an account holds
    email: Mapped[str | None] = mapped_column(sa.String(120))
    email_since: Mapped[datetime | None]  # messages since then are told by e-mail; None: he does not want it

    organiser: Mapped[Organiser] = relationship()
    unit: Mapped[Unit | None] = relationship()
    branch: Mapped[PartyOrganisation | None] = relationship()

    @property
    def where(self) -> str:
        """Where he belongs: the branch, else the unit, else the organiser."""
        return (self.branch or self.unit or self.organiser).name

    @property
    def place(self) -> Place:
        """Where the account lies."""
        return Place(self.organiser_id, self.branch_id, person_id=self.id)


_MESSAGE = sa.table("message", sa.column("person_id", sa.Integer), sa.column("read_at", sa.DateTime))


def unread_of(person_id: sa.ColumnElement[int]) -> sa.Label[int]:
    """How many messages a person has not read. Their table is a higher feature's: named here, not imported."""
    unread = sa.select(sa.func.count()).where(_MESSAGE.c.person_id == person_id, _MESSAGE.c.read_at.is_(None))
    return unread.scalar_subquery().label("unread")


class RoleGrant(Base):
    """A post: one role of one person within a scope, for a term. Posts change hands by ending and granting.

    One taken back before it was held a single day (revoked) keeps its row with a term that holds no day.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint(
            "(revoked_at IS NULL AND (ends_on IS NULL OR ends_on >= starts_on)) "
            "OR (revoked_at IS NOT NULL AND ends_on IS NOT NULL AND ends_on < starts_on)",
            name="terms_end_after_they_start",
        ),
        sa.CheckConstraint(
            "NOT acting OR (role = 'secretary' AND ends_on IS NOT NULL AND reason <> '')",
            name="acting_has_a_term_and_a_reason",
        ),
        sa.CheckConstraint(
            "(role IN ('liaison', 'secretary', 'instructor', 'supervisor')) = (branch_id IS NOT NULL)",
            name="branch_posts_name_a_branch",
        ),
        sa.CheckConstraint("(role = 'clerk') = (unit_id IS NOT NULL)", name="clerks_name_a_unit"),
        sa.UniqueConstraint(
            "person_id", "role", "organiser_id", "branch_id", "unit_id", "starts_on", name="one_post_a_start"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "roles"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    branch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    acting: Mapped[bool] = mapped_column(default=False)  # 代理: 副书记 or a member of the 支委会 for a time
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    branch: Mapped[PartyOrganisation | None] = relationship()
    unit: Mapped[Unit | None] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with the organiser whose post it is."""
        return Place(self.organiser_id, self.branch_id, person_id=self.person_id)

    @property
    def version(self) -> int:
        """What a form was opened with: of a post that was given, only the end ever changes."""
        return self.ends_on.toordinal() if self.ends_on else 0

    @property
    def title(self) -> str:
        """“党支部书记（代理）”."""
        return rules.post_title(self.role, acting=self.acting)


class SlipKind(Labelled):
    """What a slip is for."""

    FIRST_USE = "first_use", "首次登录"
    RESET = "reset", "重设密码"
    PANEL = "panel", "评委评分"


class SignInSlip(Base):
    """A printed slip (登录条) with a code. Whoever holds it sets the account's password, once, within its days.

    One for a panel signs its judge in to score there, as often as needed, on one day; it opens nothing else.
    """

    __tablename__ = "sign_in_slip"
    __table_args__ = (
        sa.CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", name="used_slips_are_not_withdrawn"),
        sa.CheckConstraint("(kind = 'panel') = (panel_id IS NOT NULL)", name="slips_of_panels_name_one"),
        sa.CheckConstraint("kind <> 'panel' OR used_at IS NULL", name="panel_slips_last_their_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[SlipKind] = mapped_column(choice(SlipKind, "slip_kinds"))
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256 of slips.code_key(code)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # None: by the first-run wizard
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    panel_id: Mapped[int | None]  # a panel of the feature above, known here by its number only

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def place(self) -> Place:
        """Where it lies: with the account it opens."""
        return self.person.place


class SignInSession(Base):
    """One signed-in browser. The cookie holds a random token, this row only its SHA-256."""

    __tablename__ = "sign_in_session"
    __table_args__ = (sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="ended_sessions_say_why"),)

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(sa.String(45))
    agent: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the User-Agent
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(sa.String(20), default="")
    reauth_at: Mapped[datetime | None]  # when the password was last given again
    reauth_failures: Mapped[int] = mapped_column(default=0)
    duty: Mapped[str] = mapped_column(sa.String(10), default="")  # what comes before anything else, see rules.DUTIES
    panel_id: Mapped[int | None]  # by a judge's slip: for scoring on this panel, for the day


class Throttle(Base):
    """Failed tries of one account or one address, and until when nobody is let through."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = (sa.CheckConstraint("failures >= 0", name="failures_are_counted_up"),)

    kind: Mapped[Tries] = mapped_column(choice(Tries, "tries_kinds"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # keyed: names nobody has are not kept
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None]


class EarlierPassword(Base):
    """A password somebody had before: it is not taken again for a while."""

    __tablename__ = "earlier_password"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    password_hash: Mapped[str] = mapped_column(sa.String(160))
    ended_at: Mapped[datetime]


class SecondFactor(Base):
    """The second step (两步登录) of an account: the seed of its codes, encrypted under a key outside the database."""

    __tablename__ = "second_factor"
    __table_args__ = (
        sa.CheckConstraint("(asked_at IS NULL) = (asked_by IS NULL)", name="asked_resets_name_who_asked"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, autoincrement=False)
    alg: Mapped[str] = mapped_column(sa.String(20))
    seed: Mapped[str] = mapped_column(sa.String(200))
    last_step: Mapped[int]  # of the last code that was taken: none is taken twice
    enrolled_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class RecoveryCode(Base):
    """One of the printed codes (备用码) that stand in for the second step, each once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    used_at: Mapped[datetime | None]


class CarriedForm(Base):
    """What somebody had typed when his session ended: given back to the same person after signing in again."""

    __tablename__ = "carried_form"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    path: Mapped[str] = mapped_column(sa.String(200))
    fields: Mapped[list[Any]]  # [[name, value], …] in the order they were posted
    made_at: Mapped[datetime] = mapped_column(index=True)
