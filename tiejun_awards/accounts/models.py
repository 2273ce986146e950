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
    email: Mapped[str | None] = mapped_column(sa.String(120))
    email_since: Mapped[datetime | None]  # messages since then are told by e-mail; None: he does not want it

    organiser: Mapped[Organiser] = relationship()
    unit: Mapped[Unit | None] = relationship()
    branch: Mapped[PartyOrganisation | None] = relationship()

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
    """A post: one role of one person within a scope, for a term. Posts change hands by ending and granting."""

    __tablename__ = "role_grant"
    __table_args__ = (
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="terms_end_after_they_start"),
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

    person: Mapped[Person] = relationship()


class SlipKind(Labelled):
    """What a slip is for."""

    FIRST_USE = "first_use", "首次登录"
    RESET = "reset", "重设密码"


class SignInSlip(Base):
    """A printed slip (登录条) with a one-time code: whoever holds it sets the account's password, once, within its days."""

    __tablename__ = "sign_in_slip"
    __table_args__ = (
        sa.CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", name="used_slips_are_not_withdrawn"),
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


class CarriedForm(Base):
    """What somebody had typed when his session ended: given back to the same person after signing in again."""

    __tablename__ = "carried_form"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    path: Mapped[str] = mapped_column(sa.String(200))
    fields: Mapped[list[Any]]  # [[name, value], …] in the order they were posted
    made_at: Mapped[datetime] = mapped_column(index=True)
