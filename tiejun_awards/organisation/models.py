"""Two trees: administrative units, and party organisations; a branch serves one or more units."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..organisers.models import Organiser
from ..shared.access import Place
from ..shared.db import Base, choice
from ..shared.labels import Labelled


class UnitKind(Labelled):
    """Kinds of administrative units of the system of ecology and environment."""

    OFFICE = "office", "厅机关处室"
    DISPATCHED = "dispatched", "派出机构"
    ENFORCEMENT = "enforcement", "执法机构"
    INSTITUTION = "institution", "直属事业单位"
    CITY = "city", "设区市生态环境局"
    NINGDONG = "ningdong", "宁东基地"
    COUNTY = "county", "县（区）分局"


class PartyKind(Labelled):
    """Kinds of party organisations, from the top of the tree down."""

    GROUP = "group", "党组"
    COMMITTEE = "committee", "机关党委"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"


class BranchKind(Labelled):
    """Kinds of branches."""

    SERVING = "serving", "在职党支部"
    RETIRED = "retired", "离退休党支部"
    JOINT = "joint", "联合党支部"
    TEMPORARY = "temporary", "临时党支部"


class Unit(Base):
    """An administrative unit, with the days between which it bore this name."""

    __tablename__ = "unit"
    __table_args__ = (sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="units_end_after_they_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[UnitKind] = mapped_column(choice(UnitKind, "unit_kinds"))
    kind_unconfirmed: Mapped[bool] = mapped_column(default=False)
    other_names: Mapped[str] = mapped_column(sa.String(200), default="")
    position: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.organiser_id, unit_ids=frozenset({self.id}))


class PartyOrganisation(Base):
    """A party organisation: 党组, 机关党委, 党总支 or 党支部. Only branches have a branch kind and numbers."""

    __tablename__ = "party_organisation"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'branch') = (branch_kind IS NOT NULL)", name="only_branches_have_a_kind"),
        sa.CheckConstraint("members >= 0 AND probationary >= 0", name="members_are_not_negative"),
        sa.CheckConstraint("committee_size >= 0 AND party_groups >= 0", name="bodies_are_not_negative"),
        sa.Index("party_org_order_ix", "organiser_id", "kind", "position", "founded_on", "ended_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("organiser.id", name="party_org_organiser_fk"))
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("party_organisation.id", name="party_org_parent_fk"))
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    kind: Mapped[PartyKind] = mapped_column(choice(PartyKind, "party_kinds"))
    branch_kind: Mapped[BranchKind | None] = mapped_column(choice(BranchKind, "branch_kinds"))
    position: Mapped[int]
    founded_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    members: Mapped[int] = mapped_column(default=0)  # 正式党员
    probationary: Mapped[int] = mapped_column(default=0)  # 预备党员
    committee_size: Mapped[int] = mapped_column(default=0)  # 支委
    party_groups: Mapped[int] = mapped_column(default=0)  # 党小组
    version: Mapped[int] = mapped_column(default=1)

    organiser: Mapped[Organiser] = relationship()
    services: Mapped[list[BranchUnit]] = relationship(back_populates="branch")

    @property
    def place(self) -> Place:
        """Where it lies."""
        if self.kind is not PartyKind.BRANCH:
            return Place(self.organiser_id)
        return Place(self.organiser_id, self.id)


class BranchUnit(Base):
    """A branch serves a unit between two days. A joint branch (联合党支部) serves several."""

    __tablename__ = "branch_unit"
    __table_args__ = (
        sa.UniqueConstraint("branch_id", "unit_id", "starts_on", name="one_start_a_day"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="services_end_after_they_start"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(sa.ForeignKey("party_organisation.id"), index=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    branch: Mapped[PartyOrganisation] = relationship(back_populates="services")
    unit: Mapped[Unit] = relationship()


class FormerName(Base):
    """A name a unit or a party organisation bore until a day. The present name stands in the row itself."""

    __tablename__ = "former_name"
    __table_args__ = (
        sa.CheckConstraint("(unit_id IS NULL) <> (organisation_id IS NULL)", name="names_are_of_one_thing"),
        sa.CheckConstraint("name <> ''", name="former_names_are_written"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("party_organisation.id", name="former_name_party_fk"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(60))
    until: Mapped[date]  # the last day it was borne
