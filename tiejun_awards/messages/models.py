"""Messages, reminders that went out, and mails on their way."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice
from .rules import Kind


class Message(Base):
    """One message to one person. Whether it was read is his own affair: no query but his selects ``read_at``."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "kind", "subject", "day", name="one_message_a_day"),
        sa.CheckConstraint("substr(path, 1, 1) = '/'", name="messages_lead_somewhere"),
        sa.CheckConstraint("text <> ''", name="messages_say_something"),
        sa.Index("message_unread_ix", "person_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[Kind] = mapped_column(choice(Kind, "message_kinds"))
    subject: Mapped[str] = mapped_column(sa.String(60))  # the thing: “report:12”
    day: Mapped[date]
    path: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its reader alone."""
        return Place(self.person.organiser_id, person_id=self.person_id)


class Reminder(Base):
    """One of the three reminders of a task that went out, to however many people. The database knows no fourth."""

    __tablename__ = "reminder"
    __table_args__ = (
        sa.CheckConstraint("number BETWEEN 1 AND 3", name="three_reminders_at_most"),
        sa.CheckConstraint("stage BETWEEN 1 AND 3", name="reminders_have_three_moments"),
        sa.UniqueConstraint("organiser_id", "batch", "thing_id", "number", name="each_reminder_goes_once"),
        sa.UniqueConstraint("organiser_id", "batch", "thing_id", "day", name="one_reminder_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    batch: Mapped[str] = mapped_column(sa.String(40))
    thing_id: Mapped[int]
    number: Mapped[int]
    stage: Mapped[int]  # the moment it stands for: before, just before, after the due day
    day: Mapped[date]
    sent_at: Mapped[datetime] = mapped_column(index=True)


class Mail(Base):
    """An e-mail that says “您有待办” and no more: one a person and day, tried until it went or was given up."""

    __tablename__ = "mail"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "day", name="one_mail_a_day"),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="sent_mails_are_not_given_up"),
        sa.Index("mail_waiting_ix", "sent_at", "given_up_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    day: Mapped[date]
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
