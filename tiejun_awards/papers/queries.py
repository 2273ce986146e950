"""Finding forms, printed ones and transcriptions; the list; what waits for whom; what attachments are told of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from ..accounts.models import Person, RoleGrant
from ..files.rules import OwnerKind
from ..files.rules import Place as FilesPlace
from ..organisation.models import PartyOrganisation
from ..shared.access import Actor, Permission, Reach, Role, can, reach
from ..shared.db import db, within
from ..shared.errors import Missing, NotAllowed
from .models import PrintedForm, Transcription
from .rules import OPEN, Author, PaperForm, State, Subject

forms: dict[str, PaperForm] = {}
"""The kinds of forms, by their word; app.py hands them in."""


def form_of(kind: str) -> PaperForm:
    """One kind of form. Raises Missing."""
    if kind not in forms:
        raise Missing
    return forms[kind]


def subject_of(actor: Actor, kind: str, key: str, permission: Permission) -> Subject:
    """What a paper is about, if the actor has the permission there. Raises Missing."""
    subject = form_of(kind).subject(key, actor)
    if not can(actor, permission, subject.owner):
        raise Missing
    return subject


def authors_of(role: Role, branch_id: int, since: date) -> tuple[Author, ...]:
    """Who held a post of a branch since that day, the latest first: whoever may have signed."""
    rows = db.session.execute(
        sa.select(Person.id, Person.name, RoleGrant.starts_on, RoleGrant.ends_on)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(
            RoleGrant.role == role,
            RoleGrant.branch_id == branch_id,
            sa.or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= since),
        )
        .order_by(RoleGrant.starts_on.desc(), Person.id)
    )
    return tuple(Author(*row) for row in rows)


# Printed forms.


def same_print(kind: str, subject: str, digest: str) -> PrintedForm | None:
    """The form of this content that was printed before."""
    return db.session.scalar(sa.select(PrintedForm).filter_by(kind=kind, subject=subject, digest=digest))


def print_of(actor: Actor, code: str, permission: Permission) -> PrintedForm:
    """A printed form by its code, within the actor's reach. Raises Missing."""
    found = db.session.scalar(sa.select(PrintedForm).where(PrintedForm.code == code))
    if found is None or not can(actor, permission, found):
        raise Missing
    return found


# Transcriptions.


def open_one(kind: str, subject: str) -> Transcription | None:
    """The transcription of this paper that is under way."""
    slot = f"{kind}:{subject}"
    return db.session.scalar(
        sa.select(Transcription).where(Transcription.slot == slot).options(joinedload(Transcription.enterer))
    )


def get_visible(actor: Actor, transcription_id: int) -> Transcription:
    """One transcription with the people named in it. Raises Missing."""
    found = db.session.scalar(
        sa.select(Transcription)
        .where(Transcription.id == transcription_id, _seen(reach(actor, Permission.READ_PAPER)))
        .options(
            *(joinedload(Transcription.author), joinedload(Transcription.enterer)),
            *(joinedload(Transcription.comparer), joinedload(Transcription.form)),
        )
    )
    if found is None:
        raise Missing
    return found


def get_for(actor: Actor, transcription_id: int, permission: Permission) -> Transcription:
    """One within reach on which the actor has this permission. Raises Missing, or NotAllowed where he may only read."""
    found = get_visible(actor, transcription_id)
    if not can(actor, permission, found):
        raise NotAllowed(f"您现在的身份不能在这里{permission.label}。")
    return found


_T, _B = Transcription.__table__.c, PartyOrganisation.__table__.c


def _seen(reached: Reach) -> sa.ColumnElement[bool]:
    return within(reached, organiser=_T.organiser_id, branch=_T.branch_id)


class Line(NamedTuple):
    """One transcription of the list. Who has still to compare it does not read the paper's date here."""

    id: int
    about: str
    period: str
    state: State
    signed_on: date
    lies_at: str
    entered_at: datetime
    compared_at: datetime | None
    became: str
    branch: str | None
    author: str
    enterer: str
    comparer: str | None


SORTS = ("entered", "branch")
FILTERS = ("q", "state", "period")

_AUTHOR, _ENTERER, _COMPARER = aliased(Person), aliased(Person), aliased(Person)


@lru_cache(maxsize=256)
def _list(
    reached: Reach, text: str, state: str, period: str, sort: str, descending: bool
) -> tuple[sa.Select[Any], sa.Select[Any], sa.Select[Any]]:
    """(how many, the rows, the periods there are)."""
    seen = _seen(reached)
    periods = sa.select(_T.period).where(seen).distinct().order_by(_T.period.desc())
    found = [seen]
    if state in {each.value for each in State}:
        found.append(_T.state == State(state))
    if period:
        found.append(_T.period == period)
    if text:
        found.append(_T.branch_id.in_(sa.select(_B.id).where(_B.name.contains(text, autoescape=True))))
    by_time = _T.id.asc() if descending else _T.id.desc()  # at first the latest comes first
    by_branch = _B.position.desc() if descending else _B.position.asc()
    rows = (
        sa.select(
            *(_T.id, _T.about, _T.period, _T.state, _T.signed_on, _T.lies_at, _T.entered_at, _T.compared_at, _T.became),
            *(_B.name.label("branch"), _AUTHOR.name.label("author"), _ENTERER.name.label("enterer")),
            _COMPARER.name.label("comparer"),
        )
        .select_from(Transcription)
        .outerjoin(PartyOrganisation, _B.id == _T.branch_id)
        .join(_AUTHOR, _AUTHOR.id == _T.author_id)
        .join(_ENTERER, _ENTERER.id == _T.entered_by)
        .outerjoin(_COMPARER, _COMPARER.id == _T.compared_by)
        .where(*found)
        .order_by(*((by_branch, _T.id.desc()) if sort == "branch" else (by_time,)))
    )
    return sa.select(sa.func.count()).select_from(Transcription).where(*found), rows, periods


class Page(NamedTuple):
    """One page of the list."""

    total: int
    rows: list[Line]
    periods: Sequence[str]


def page_of(
    actor: Actor, filters: Mapping[str, str], sort: str, descending: bool, size: int | None = None, page: int = 1
) -> Page:
    """The transcriptions within reach under these filters; all of them without a size."""
    count, rows, periods = _list(
        reach(actor, Permission.READ_PAPER), filters["q"], filters["state"], filters["period"], sort, descending
    )
    total = db.session.scalar(count) or 0
    if size is not None:
        last = max(1, -(-total // size))
        rows = rows.offset((min(page, last) - 1) * size).limit(size)
    found = [Line(*row) for row in db.session.execute(rows)]
    return Page(total, found, db.session.scalars(periods).all())


@lru_cache(maxsize=256)
def _waiting(compares: Reach, transcribes: Reach) -> sa.Select[Any]:
    person: sa.BindParameter[int] = sa.bindparam("person_id")
    to_compare = sa.select(sa.func.count()).where(
        *(within(compares, organiser=_T.organiser_id, branch=_T.branch_id), _T.state == State.ENTERED),
        *(_T.entered_by != person, _T.author_id != person),
    )
    to_correct = sa.select(sa.func.count()).where(
        within(transcribes, organiser=_T.organiser_id, branch=_T.branch_id),
        *(_T.state == State.RETURNED, _T.entered_by == person),
    )
    return sa.select(to_compare.scalar_subquery(), to_correct.scalar_subquery())


def waiting(actor: Actor) -> tuple[int, int]:
    """(how many transcriptions wait for the actor to compare them, how many came back to him)."""
    compares, transcribes = reach(actor, Permission.COMPARE_PAPER), reach(actor, Permission.TRANSCRIBE)
    if not (compares or transcribes):
        return 0, 0
    to_compare, to_correct = db.session.execute(_waiting(compares, transcribes), {"person_id": actor.person_id}).one()
    return to_compare, to_correct


# What the scans of originals are told about their transcription (files.rules.OwnerKind).


def titles_of(ids: Collection[int]) -> dict[int, str]:
    """What transcriptions are about, whoever asks: for lines about them."""
    rows = db.session.execute(sa.select(Transcription.id, Transcription.about).where(Transcription.id.in_(sorted(ids))))
    return {number: f"{about}的代录" for number, about in rows}


def _may_attach(actor: Actor, transcription: Transcription) -> bool:
    return can(actor, Permission.TRANSCRIBE, transcription)


def _why_closed(transcription: Transcription) -> str:
    return "" if transcription.state in OPEN else f"这份代录{transcription.state.label}，原件扫描不能再增减。"


def _describe(transcription: Transcription) -> FilesPlace:
    own = (transcription.about, "papers.show", {"paper_id": transcription.id})
    return FilesPlace("原件扫描", (("代录", "papers.index", {}), own))


FILES = OwnerKind("paper", "papers.most_scans", get_visible, _may_attach, _why_closed, _describe, read_at_once=True)
