"""E-mail, when a server is configured: “您有待办” and a link, never what it is about. Sent by the work process alone."""

from __future__ import annotations

import logging
import secrets
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Smtp

from ..accounts.models import Person
from ..rulebook import services as rulebook
from ..shared.clock import day_of, here
from ..shared.db import db, insert_all_absent, writing
from . import rules
from .models import Mail, Message

log = logging.getLogger(__name__)

PATIENCE = 10
"""Seconds for each answer of the mail server."""

AT_ONCE = 100
"""Mails of one round."""


def send_mails(now: datetime, smtp: Smtp, link: str) -> int:
    """One round: make the mails of today, send those that are due. How many went. Nothing outside working hours."""
    if not rules.in_hours(here(now), rulebook.day_table()) or not (_to_make(now) or _waiting(now)):
        return 0
    with writing() as session:
        rows = [
            {"person_id": person_id, "day": day_of(now), "made_at": now, "next_at": now} for person_id in _to_make(now)
        ]
        insert_all_absent(session, Mail, rows, Mail.id)
        due = _claim(session, now)
    gone = _deliver(smtp, [(mail_id, _letter(address, smtp.sender, link, now)) for mail_id, address in due])
    with writing() as session:
        session.execute(sa.update(Mail).where(Mail.id.in_(gone)).values(sent_at=now))
    return len(gone)


def _to_make(now: datetime) -> list[int]:
    """Who wants e-mail, has none today, and got messages since the last one that did not fail which he has not read."""
    told = sa.select(sa.func.max(Mail.made_at)).where(Mail.person_id == Person.id, Mail.given_up_at.is_(None))
    today = sa.select(Mail.id).where(Mail.person_id == Person.id, Mail.day == day_of(now))
    return list(
        db.session.scalars(
            sa.select(Person.id)
            .join(Message, Message.person_id == Person.id)
            .where(
                *_WANTED,
                Message.read_at.is_(None),
                Message.made_at >= Person.email_since,
                sa.or_(told.scalar_subquery().is_(None), Message.made_at > told.scalar_subquery()),
                ~today.exists(),
            )
            .distinct()
        )
    )


_WANTED = (Person.email.is_not(None), Person.email_since.is_not(None), Person.disabled_at.is_(None))
_OPEN = (Mail.sent_at.is_(None), Mail.given_up_at.is_(None))


def _waiting(now: datetime) -> bool:
    return db.session.scalar(sa.select(Mail.id).where(*_OPEN, Mail.next_at <= now).limit(1)) is not None


def _claim(session: Session, now: datetime) -> list[tuple[int, str]]:
    """The mails to try now, each put off already: another process, or this one after a fall, does not send it at once again."""
    rows = session.execute(
        sa.select(Mail, Person.email)
        .join(Person, Person.id == Mail.person_id)
        .where(*_OPEN, *_WANTED, Mail.next_at <= now)
        .order_by(Mail.id)
        .limit(AT_ONCE)
        .with_for_update(of=Mail, skip_locked=True)
    ).all()
    for mail, _ in rows:
        mail.next_at = now + rules.wait(mail.tries)
        mail.tries += 1
        if mail.tries > rules.MOST_TRIES:
            mail.given_up_at = now
    return [(mail.id, address) for mail, address in rows if mail.given_up_at is None and address]


def _letter(address: str, sender: str, link: str, now: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = sender, address
    letter["Subject"] = "您有一件待办"
    letter["Date"] = format_datetime(here(now))
    letter["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"您有一件待办，请登录系统查看：\n{link}\n\n不想再收邮件，可以在“消息—邮件提醒”里关掉。\n")
    return letter


def _deliver(smtp: Smtp, letters: list[tuple[int, EmailMessage]]) -> list[int]:
    """The mails the server took. One that it refuses keeps no other back; when the server is away the rest waits."""
    gone: list[int] = []
    if not letters:
        return gone
    try:
        server = _connect(smtp)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("the mail server does not answer: %s", type(error).__name__)
        return gone
    for mail_id, letter in letters:
        try:
            server.send_message(letter)
            gone.append(mail_id)
        except smtplib.SMTPServerDisconnected:
            break
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail %s was not taken: %s", mail_id, type(error).__name__)
            with suppress(OSError, smtplib.SMTPException):
                server.rset()
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    return gone


def _connect(smtp: Smtp) -> smtplib.SMTP:
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    if smtp.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=PATIENCE, context=context())
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=PATIENCE)
    if smtp.tls == "starttls":
        server.starttls(context=context())
    if smtp.user:
        server.login(smtp.user, smtp.password)
    return server
