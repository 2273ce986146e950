"""The second step (两步登录): enrolled, checked, used up. Helpers of the verbs that do."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ..shared.db import db
from ..shared.vault import SEALED_BY, seal, unseal
from . import slips, totp
from .models import RecoveryCode, SecondFactor

RECOVERY_CODES = 10
_LETTERS = 16  # 78 bits: nobody tries these out, so a plain digest keeps them
_PURPOSE = "second factor"


def factor_of(person_id: int) -> SecondFactor | None:
    """Somebody's second step, where he has one."""
    return db.session.get(SecondFactor, person_id)


def new_seed() -> bytes:
    """A seed of 160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def step_at(at: datetime) -> int:
    """The step a moment lies in."""
    return totp.step_of(at.timestamp())


def enrol(session: Session, person_id: int, seed: bytes, step: int, at: datetime) -> list[str]:
    """Keep the seed whose first code (of ``step``) was right; new recovery codes, shown this once. A helper of verbs."""
    remove(session, person_id)
    session.add(
        SecondFactor(
            person_id=person_id,
            alg=SEALED_BY,
            seed=seal(_PURPOSE, str(person_id), seed),
            last_step=step,
            enrolled_at=at,
        )
    )
    return new_recovery_codes(session, person_id)


def new_recovery_codes(session: Session, person_id: int) -> list[str]:
    """Recovery codes in the place of all earlier ones. A helper of verbs."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [slips.letters(_LETTERS) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(person_id=person_id, code_hash=slips.code_hash(code)) for code in codes)
    return [slips.in_fours(code) for code in codes]


def remove(session: Session, person_id: int) -> None:
    """Take the second step away, with its recovery codes. A helper of verbs."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    session.execute(sa.delete(SecondFactor).where(SecondFactor.person_id == person_id))


def use_code(session: Session, factor: SecondFactor, typed: str, at: datetime) -> bool:
    """Take a code of the app or a recovery code, once: of many tries with the same one at once, one is right."""
    plain = "".join(typed.split())
    if plain.isascii() and plain.isdigit():
        return _use_step(session, factor, plain, at)
    used = session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == factor.person_id,
            RecoveryCode.code_hash == slips.code_hash(plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.id),
        execution_options={"synchronize_session": False},
    )
    return used.first() is not None


def recovery_codes_left(person_id: int) -> int:
    """How many recovery codes somebody still has."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def _use_step(session: Session, factor: SecondFactor, code: str, at: datetime) -> bool:
    seed = unseal(_PURPOSE, str(factor.person_id), factor.seed)
    step = None if seed is None else totp.accepted_step(seed, code, now=step_at(at), last=factor.last_step)
    if step is None:
        return False
    taken = session.execute(
        sa.update(SecondFactor)
        .where(SecondFactor.person_id == factor.person_id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.person_id),
        execution_options={"synchronize_session": False},
    )
    return taken.first() is not None
