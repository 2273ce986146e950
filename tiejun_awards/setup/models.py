"""What kind of installation this is, and what it has not been told yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..shared.access import Place
from ..shared.db import Base, choice
from .rules import QuestionState
from .sections import QUESTIONS, Question


class Installation(Base):
    """The one row that says how the database was begun. Demo data cannot be turned into real data."""

    __tablename__ = "installation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_installation"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    seeded_at: Mapped[datetime]


class OpenQuestion(Base):
    """The answer to one open question (待定事项): proposed until somebody registers which document says so."""

    __tablename__ = "open_question"
    __table_args__ = (
        sa.UniqueConstraint("organiser_id", "key", name="one_answer_a_question"),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_answers_are_dated"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="answer_confirmers_are_named"),
        sa.CheckConstraint(
            "(state = 'confirmed') = (decided_on IS NOT NULL AND document <> '' AND decided_by <> '')",
            name="confirmed_answers_have_papers",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    key: Mapped[str] = mapped_column(sa.String(20))  # sections.QUESTIONS
    answers: Mapped[dict[str, Any]]  # name of the part -> text
    state: Mapped[QuestionState] = mapped_column(choice(QuestionState, "question_states"))
    written_at: Mapped[datetime]
    written_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # None: by the first-run wizard
    decided_by: Mapped[str] = mapped_column(sa.String(60), default="")  # body or post
    decided_on: Mapped[date | None]
    document: Mapped[str] = mapped_column(sa.String(60), default="")  # 文号 or minutes
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    version: Mapped[int] = mapped_column()

    writer: Mapped[Person | None] = relationship(foreign_keys=[written_by])
    confirmer: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def question(self) -> Question:
        """What is asked."""
        return QUESTIONS[self.key]

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """The answer as it is read: (label, words), what was left empty left out."""
        parts = [(part.label, part.in_words(self.answers.get(part.name, ""))) for part in self.question.parts]
        return [(label, words) for label, words in parts if words]
