"""The first start of an empty production installation: setup code, organiser, four people, their slips.

The one verb without an actor: there is nobody yet. Whoever can read the setup code on the server may do it, once.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..accounts import people, slips
from ..accounts.models import Person, SignInSlip, SlipKind
from ..accounts.rules import SLIP_LASTS
from ..organisation.models import Unit, UnitKind
from ..organisers.models import Level, Organiser
from ..reports.due import write_down_due_days
from ..shared import audit
from ..shared.clock import day_of
from ..shared.db import db, one_at_a_time, writing
from ..shared.errors import Refused
from . import rules
from .models import Installation, OpenQuestion
from .rules import QuestionState, Texts
from .sections import QUESTIONS, SEATS, Seat, units

DONE_ALREADY = (
    "系统已经启用，这次写的没有用上。请用首次登录条登录；没有拿到登录条的，趁还没有人设过密码，"
    "可以在服务器上运行 deploy/flask first-run --slips 重印。"
)

_CODE_FILE = "setup-code"
_LETTERS = 28  # 137 bits: nobody guesses it, so wrong ones need no throttle and cost nothing
_LOCK = 7_140


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed on one first-use slip. The code is nowhere else."""

    name: str
    username: str
    posts: str
    code: str
    until: date


def has_tables() -> bool:
    """Whether the database was prepared at all."""
    return sa.inspect(db.engine).has_table(Installation.__tablename__)


def is_waiting() -> bool:
    """Whether the installation has nobody yet."""
    return not db.session.scalar(sa.select(sa.exists().select_from(Person)))


# The setup code.


def setup_code(data_dir: Path) -> str:
    """The one-time code, made at the first asking; the file is its owner's only."""
    found = _stored(data_dir)
    if found:
        return found
    letters = "".join(secrets.choice(slips.ALPHABET) for _ in range(_LETTERS))
    code = "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))
    data_dir.mkdir(parents=True, exist_ok=True)
    written = data_dir / f"{_CODE_FILE}.{os.getpid()}"
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(code + "\n")
    try:
        os.link(written, data_dir / _CODE_FILE)  # whole or not at all
    except FileExistsError:  # two processes started at once: the first one's code holds
        pass
    finally:
        written.unlink()
    return _stored(data_dir)


def has_code(data_dir: Path) -> bool:
    """Whether a code was made."""
    return bool(_stored(data_dir))


def why_not_code(data_dir: Path, typed: str) -> str:
    """Why a typed code opens nothing, or nothing. Blanks, dashes and small letters do not matter."""
    stored = _stored(data_dir)
    if not stored:
        return "服务器上还没有生成安装码，请先运行 deploy/flask first-run --code。"
    if not typed.strip():
        return "请填写安装码。"
    if not hmac.compare_digest(slips.code_key(stored), slips.code_key(typed)):
        return "安装码不对，请照服务器上显示的再输一次。"
    return ""


def _stored(data_dir: Path) -> str:
    try:
        return (data_dir / _CODE_FILE).read_text("ascii").strip()
    except FileNotFoundError:
        return ""


# Beginning.


def begin(texts: Texts, *, at: datetime, data_dir: Path, address: str = "") -> list[Slip]:
    """Make everything in one transaction; the slips to be printed now. ``address``: where it was asked from, for the audit trail.

    Raises Refused beside the field that is wrong, or when somebody was faster.
    """
    wrong = rules.faults(texts)
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Refused(sentence, field=name)
    with writing() as session:
        one_at_a_time(session, _LOCK)
        if session.scalar(sa.select(sa.exists().select_from(Person))):
            raise Refused(DONE_ALREADY)
        session.add(Installation(id=1, demo=False, seeded_at=at))
        organiser = _organiser(session, texts)
        unit_ids = _load_units(session, organiser) if texts.get("units_load", "").strip() else {}
        made = _four_people(session, organiser, texts, unit_ids, at)
        first_answers(session, organiser.id, texts, at=at)
        session.flush()
        write_down_due_days(session, at)  # of what is due already nobody is asked
        audit.record(
            session,
            None,
            "setup.begin",
            at=at,
            subject=organiser,
            organiser_id=organiser.id,
            detail={
                "address": address,
                "people": {person.username: [role.value for role in seat.roles] for person, seat in made},
                "units": len(unit_ids),
                "questions": len(QUESTIONS),
            },
        )
        printed = [_slip(session, person, seat, at) for person, seat in made]
    (data_dir / _CODE_FILE).unlink(missing_ok=True)
    return printed


def _organiser(session: Session, texts: Texts) -> Organiser:
    own = {name: texts.get(f"organiser_{name}", "").strip() for name in ("code", "name", "contact", "filing_number")}
    organiser = Organiser(**own, level=Level(texts["organiser_level"].strip()))
    session.add(organiser)
    session.flush()
    return organiser


def _load_units(session: Session, organiser: Organiser) -> dict[str, int]:
    content = units()
    rows = [
        Unit(
            organiser_id=organiser.id,
            code=row["code"],
            name=row["name"],
            kind=UnitKind(row["kind"]),
            kind_unconfirmed=row.get("kind_unconfirmed", False),
            other_names="、".join(row.get("other_names", ())),
            position=position * 10,
            starts_on=content["since"],
        )
        for position, row in enumerate(content["unit"], 1)
    ]
    session.add_all(rows)
    session.flush()
    return {row.code: row.id for row in rows}


def _four_people(
    session: Session, organiser: Organiser, texts: Texts, unit_ids: Mapping[str, int], at: datetime
) -> list[tuple[Person, Seat]]:
    made = []
    for seat in SEATS:
        typed = {name: texts.get(f"{seat.key}_{name}", "").strip() for name in ("name", "username", "mobile", "unit")}
        person = people.new_person(
            session,
            organiser_id=organiser.id,
            username=typed["username"],
            name=typed["name"],
            mobile=typed["mobile"],
            unit_id=unit_ids.get(typed["unit"]),
            at=at,
        )
        for role in seat.roles:
            people.give_post(session, person, role, organiser.id, starts_on=day_of(at))
        made.append((person, seat))
    session.flush()
    return made


def first_answers(session: Session, organiser_id: int, texts: Texts, *, at: datetime) -> None:
    """Write an organiser's open questions down, all of them as proposals. A helper of verbs."""
    session.add_all(
        OpenQuestion(
            organiser_id=organiser_id,
            key=question.key,
            answers=rules.plain(question, texts),
            state=QuestionState.PROPOSED,
            written_at=at,
        )
        for question in QUESTIONS.values()
    )


def _slip(session: Session, person: Person, seat: Seat, at: datetime) -> Slip:
    code = slips.issue_slip(session, person, SlipKind.FIRST_USE, by=None, at=at)
    return Slip(person.name, person.username, seat.title, code, day_of(at + SLIP_LASTS))


def slips_again(*, at: datetime) -> list[Slip]:
    """The four slips with new codes, the earlier ones withdrawn: for a printer that jammed. Only while nobody has a password yet.

    Raises Refused afterwards: then administrators print slips.
    """
    with writing() as session:
        one_at_a_time(session, _LOCK)
        if is_waiting():
            raise Refused("还没有人，也就没有登录条：请先完成首次启用。")
        if session.scalar(sa.select(sa.exists().where(Person.password_hash != ""))):
            raise Refused("已经有人设过密码，系统启用了：登录条由系统管理员在系统里打印。")
        first = sa.select(SignInSlip.person_id).where(SignInSlip.issued_by.is_(None))
        made = session.scalars(sa.select(Person).where(Person.id.in_(first)).order_by(Person.id)).all()
        audit.record(
            session,
            None,
            "setup.slips_again",
            at=at,
            organiser_id=made[0].organiser_id,
            detail={"people": [person.username for person in made]},
        )
        return [_slip(session, person, seat, at) for person, seat in zip(made, SEATS, strict=True)]
