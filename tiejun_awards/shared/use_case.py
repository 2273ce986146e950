"""One verb = one function = one permission = one transaction = one audit line.

    @use_case(Permission.SUBMIT_REPORT)
    def submit(actor: Actor, report: Report, *, version: int, key: str = "") -> Report: ...

The decorator opens the writing transaction, takes the subject under lock, checks the permission on it,
runs the function, writes the audit event and commits; anything raised rolls all of it back. Two keyword
arguments are read by the mechanism itself where the function declares them:

* ``version``: the one the form was opened with; another one by now raises Stale.
* ``key``: the form's idempotency key; the same call with it once more returns what the first one returned. Another
  subject or other words under the same key (the browser's back button brings the old form back) are a call of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import audit
from .access import Actor, Permission, Placed, can
from .db import Base, insert_if_absent, writing
from .errors import Missing, NotAllowed, Stale

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Placed)

KEYS_KEPT = timedelta(hours=24)

ACTIONS: dict[str, str] = {}
"""Every verb's word in the audit trail, and the label of the permission it asks for."""


class IdempotencyKey(Base):
    """A form that has been carried out, and the row its verb returned."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(index=True)
    entity: Mapped[str] = mapped_column(sa.String(40), default="")
    entity_id: Mapped[int | None]


def use_case(
    permission: Permission,
) -> Callable[[Callable[Concatenate[Actor, S, P], R]], Callable[Concatenate[Actor, S, P], R]]:
    """Make a service function the one way its verb happens. See the module's docstring."""

    def decorate(function: Callable[Concatenate[Actor, S, P], R]) -> Callable[Concatenate[Actor, S, P], R]:
        action = f"{function.__module__.split('.')[1]}.{function.__name__}"
        ACTIONS[action] = permission.label

        @wraps(function)
        def run(actor: Actor, subject: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with writing() as session:
                key = _key_of(actor, action, subject, args, kwargs)
                if key and not insert_if_absent(session, IdempotencyKey, key=key, made_at=actor.at, entity=""):
                    return cast(R, _earlier_result(session, key))
                _lock(session, subject)
                if not can(actor, permission, subject):
                    raise NotAllowed(f"您现在的身份不能在这里{permission.label}。")
                if kwargs.get("version") is not None and kwargs["version"] != subject.version:  # type: ignore[attr-defined]
                    raise Stale(subject)
                detail: dict[str, Any] = {}
                session.info["detail"] = detail
                session.info["hushed"] = session.info["untraced"] = False
                result = function(actor, subject, *args, **kwargs)
                session.flush()
                if not session.info["hushed"]:
                    audit.record(
                        session,
                        actor,
                        action,
                        at=actor.at,
                        subject=result if isinstance(result, Base) else subject,
                        organiser_id=subject.place.organiser_id,
                        detail=detail,
                        traced=not session.info["untraced"],
                    )
                if key and isinstance(result, Base):
                    session.execute(
                        sa.update(IdempotencyKey)
                        .where(IdempotencyKey.key == key)
                        .values(entity=result.__tablename__, entity_id=result.id)  # type: ignore[attr-defined]
                    )
                return result

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return decorate


def tell(session: Session, **detail: Any) -> None:
    """Add to the audit line of the verb under way. No secrets, no choices, no file contents."""
    session.info["detail"].update(detail)


def hush(session: Session) -> None:
    """Leave out the audit line of the verb under way: for autosaves after the first of an editing session."""
    session.info["hushed"] = True


def untrace(session: Session) -> None:
    """Write the audit line of the verb under way without request, address and hour: for casting a vote."""
    session.info["untraced"] = True


def forget_old_keys(now: datetime) -> int:
    """Delete the keys of forms older than a day; the number deleted."""
    with writing() as session:
        result = session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.made_at < now - KEYS_KEPT))
        return int(result.rowcount)  # type: ignore[attr-defined]


def _key_of(actor: Actor, action: str, subject: object, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    if not kwargs.get("key"):
        return ""
    said = [_named(value) for value in (subject, *args)] + [f"{name}={_named(kwargs[name])}" for name in sorted(kwargs)]
    return hashlib.sha256("\n".join([str(actor.person_id), action, *said]).encode()).hexdigest()


def _named(value: object) -> str:
    if isinstance(value, Base):
        return f"{value.__tablename__} {sa.inspect(value).identity}"
    return repr(value)


def _earlier_result(session: Session, key: str) -> Any:
    row = session.get(IdempotencyKey, key)
    if row is None or not row.entity:
        return None
    for mapper in Base.registry.mappers:
        if mapper.class_.__tablename__ == row.entity:
            return session.get(mapper.class_, row.entity_id)
    return None


def _lock(session: Session, subject: object) -> None:
    """Read the subject again under a row lock, so that every rule is checked on what is true now."""
    if isinstance(subject, Base) and sa.inspect(subject).persistent:
        try:
            # “of”: whoever read the subject may have joined others to it, which PostgreSQL cannot lock.
            session.refresh(subject, with_for_update={"of": type(subject)})
        except InvalidRequestError as error:
            raise Missing from error
