"""Rating cycles, their branches, the agreed values, bonuses, deductions and bars, and where each branch stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..accounts.models import Person
from ..organisation.models import PartyOrganisation
from ..panels.models import Panel
from ..shared.access import Place
from ..shared.db import Base, choice
from ..shared.labels import Labelled
from ..shared.periods import Quarter
from ..standards.models import Standard
from .rules import Method, State, Terms, quarters_of
from .trial_rules import Outcome, Trial, TrialState


class RatingCycle(Base):
    """One year's rating of an organiser's branches. ``terms`` are frozen when it is announced."""

    __tablename__ = "rating_cycle"
    __table_args__ = (
        sa.UniqueConstraint("organiser_id", "year", name="one_cycle_a_year"),
        sa.CheckConstraint("(state = 'drafted') = (announced_at IS NULL)", name="announced_cycles_are_dated"),
        sa.CheckConstraint("(state = 'drafted') = (number = '')", name="announced_cycles_have_a_number"),
        sa.CheckConstraint("(state = 'drafted') = (panel_id IS NULL)", name="announced_cycles_have_a_panel"),
        sa.CheckConstraint("(state IN ('closed', 'published')) = (method <> '')", name="closed_cycles_have_a_method"),
        sa.CheckConstraint(
            "(state IN ('closed', 'published')) = (closed_at IS NOT NULL)", name="closed_cycles_are_dated"
        ),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_cycles_are_dated"),
        sa.CheckConstraint("(state = 'published') = (digest <> '')", name="published_cycles_are_frozen"),
        sa.CheckConstraint("length(last_quarter) = 6", name="cycles_end_with_a_quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"))
    year: Mapped[int]
    last_quarter: Mapped[str] = mapped_column(sa.String(6))
    state: Mapped[State] = mapped_column(choice(State, "cycle_states"), default=State.DRAFTED)
    version: Mapped[int] = mapped_column()
    standard_id: Mapped[int] = mapped_column(sa.ForeignKey("standard.id"))
    panel_id: Mapped[int | None] = mapped_column(sa.ForeignKey("panel.id"))
    ground: Mapped[str] = mapped_column(sa.String(120), default="")  # 年度计划依据
    number: Mapped[str] = mapped_column(sa.String(60), default="")  # 公告文号
    method: Mapped[str] = mapped_column(sa.String(20), default="")
    judges: Mapped[int] = mapped_column(default=0)
    fewest_sheets: Mapped[int] = mapped_column(default=0)
    drafted_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    scoring_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    terms: Mapped[dict[str, Any]]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    standard: Mapped[Standard] = relationship()
    panel: Mapped[Panel | None] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def title(self) -> str:
        """“2026年度党支部星级评定”."""
        return f"{self.year}年度党支部星级评定"

    @property
    def quarters(self) -> list[Quarter]:
        """The four quarters it looks at."""
        return quarters_of(Quarter.from_code(self.last_quarter))

    @property
    def announced_terms(self) -> Terms:
        """What was announced."""
        return Terms.from_json(self.terms)

    @property
    def chosen_method(self) -> Method | None:
        """The method of a closed cycle."""
        return Method(self.method) if self.method else None


class CycleBranch(Base):
    """A branch in a cycle: its place in unit order, and whether its values are agreed."""

    __tablename__ = "cycle_branch"
    __table_args__ = (
        sa.UniqueConstraint("cycle_id", "branch_id", name="one_place_in_a_cycle"),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name="verified_branches_are_dated"),
        sa.CheckConstraint("previous >= -1 AND previous <= 5", name="previous_stars_are_stars"),
        sa.CheckConstraint("tie_place >= 0", name="tie_places_count_from_one"),
        sa.Index("cycle_branch_order_ix", "cycle_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("rating_cycle.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", name="cycle_branch_organiser_fk"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    position: Mapped[int]
    version: Mapped[int] = mapped_column()
    pilot: Mapped[bool]
    new: Mapped[bool]  # too young for a star
    previous: Mapped[int]  # last star before, −1 for none
    tie_place: Mapped[int] = mapped_column(default=0)  # in the committee's vote on a tie; 0: none
    own_words: Mapped[str] = mapped_column(sa.String(500), default="")
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", name="cycle_branch_verifier_fk"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    cycle: Mapped[RatingCycle] = relationship()
    branch: Mapped[PartyOrganisation] = relationship()

    @property
    def place(self) -> Place:
        """Where it lies: with its branch."""
        return Place(self.organiser_id, self.branch_id)


class LineValue(Base):
    """The one agreed value of a counted or verified line for a branch, with the cases and rows it stands on."""

    __tablename__ = "line_value"
    __table_args__ = (
        sa.UniqueConstraint("cycle_branch_id", "line", name="one_value_a_line"),
        sa.CheckConstraint("value >= 0 AND value <= most", name="values_fit_their_line"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_branch_id: Mapped[int] = mapped_column(sa.ForeignKey("cycle_branch.id"))
    line: Mapped[str] = mapped_column(sa.String(10))
    value: Mapped[int]
    most: Mapped[int]
    times: Mapped[dict[str, Any]]  # case -> how often
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    rows: Mapped[list[Any]]  # [[day, text], …] of what was counted


class EntryKind(Labelled):
    """What is added to a branch beside the lines."""

    BONUS = "bonus", "加分"
    DEDUCTION = "deduction", "减分"
    BAR = "bar", "不得评定情形"
    EXEMPT = "exempt", "破格晋升"


class BranchEntry(Base):
    """A bonus, a deduction, a bar or an exemption of a branch; it counts only with the paper it stands on."""

    __tablename__ = "branch_entry"
    __table_args__ = (
        sa.UniqueConstraint("cycle_branch_id", "code", name="one_entry_a_code"),
        sa.CheckConstraint("basis <> ''", name="entries_have_a_basis"),
        sa.CheckConstraint("value >= 0", name="entries_are_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_branch_id: Mapped[int] = mapped_column(sa.ForeignKey("cycle_branch.id", name="branch_entry_place_fk"))
    kind: Mapped[EntryKind] = mapped_column(choice(EntryKind, "entry_kinds"))
    code: Mapped[str] = mapped_column(sa.String(10))
    value: Mapped[int]  # hundredths; of a bar the highest star
    basis: Mapped[str] = mapped_column(sa.String(120))
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class Standing(Base):
    """Where a branch stands once a cycle is closed; worked out anew until it is published, then frozen."""

    __tablename__ = "standing"
    __table_args__ = (
        sa.UniqueConstraint("cycle_branch_id", name="one_standing_a_branch"),
        sa.CheckConstraint("star >= 0 AND star <= 5", name="standing_stars_go_to_five"),
        sa.CheckConstraint("total >= 0", name="totals_are_not_negative"),
        sa.Index("standing_cycle_ix", "cycle_id", "position", "star"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("rating_cycle.id"))
    cycle_branch_id: Mapped[int] = mapped_column(sa.ForeignKey("cycle_branch.id"))
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    position: Mapped[int]
    pilot: Mapped[bool]
    previous: Mapped[int]
    total: Mapped[int]
    judged: Mapped[int]
    given: Mapped[int]
    bonus: Mapped[int]
    deducted: Mapped[int]
    sheets: Mapped[int]
    kept: Mapped[int]
    by_total: Mapped[int]
    star: Mapped[int]
    undecided: Mapped[bool]
    why: Mapped[str] = mapped_column(sa.String(300))
    digest: Mapped[str] = mapped_column(
        sa.String(64), default=""
    )  # of everything it was worked out from; once published
    categories: Mapped[list[Any]]  # hundredths of each category, in order
    judged_lines: Mapped[dict[str, Any]]  # line -> hundredths, of the sheets kept


class RatingTrial(Base):
    """A trial (试算) asked for while marks are in. What came of it is worked out when the second person confirms it, and kept."""

    __tablename__ = "rating_trial"
    __table_args__ = (
        sa.CheckConstraint("reason <> ''", name="trials_have_a_reason"),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_trials_are_dated"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="deciders_of_trials_are_dated"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_people_decide_on_trials"),
        sa.CheckConstraint("(state = 'refused') = (refused_because <> '')", name="refused_trials_say_why"),
        sa.Index("rating_trial_waiting_ix", "organiser_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(sa.ForeignKey("rating_cycle.id"), index=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", name="rating_trial_organiser_fk"))
    state: Mapped[TrialState] = mapped_column(choice(TrialState, "trial_states"), default=TrialState.ASKED)
    terms: Mapped[dict[str, Any]]
    method: Mapped[str] = mapped_column(sa.String(20), default="")  # empty: the one that follows from the terms
    reason: Mapped[str] = mapped_column(sa.String(300))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    refused_because: Mapped[str] = mapped_column(sa.String(300), default="")
    outcome: Mapped[dict[str, Any]]

    cycle: Mapped[RatingCycle] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id)

    @property
    def trial(self) -> Trial:
        """What it is run with."""
        return Trial(Terms.from_json(self.terms), Method(self.method) if self.method else None)

    @property
    def kept_outcome(self) -> Outcome | None:
        """What came of it, once it is confirmed."""
        return Outcome.from_json(self.outcome) if self.outcome else None
