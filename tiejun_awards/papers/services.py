"""The verbs of the paper twin: print a form, transcribe a signed one, compare it, send it back, withdraw it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ..accounts import people
from ..accounts import services as accounts
from ..files import services as files
from ..rulebook import services as rulebook
from ..shared.access import Actor, Permission, Role, can
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.digests import digest
from ..shared.errors import Refused
from ..shared.use_case import hush, tell, use_case
from ..shared.workflow import step
from . import codes, queries, rules
from .models import PrintedForm, Transcription
from .rules import Entry, State, Subject, Verb

NOT_YOURS = "代录由当时录的人自己改；他不在了，请先撤下，再录一份。"


@use_case(Permission.PRINT_PAPER)
def print_form(
    actor: Actor, owner: Any, kind: str, subject: str, *, content: Mapping[str, str], key: str = ""
) -> PrintedForm:
    """Give a form of this content its code; the same content has the same code. ``owner``: the subject's own row."""
    fingerprint = digest(content) if content else ""
    found = queries.same_print(kind, subject, fingerprint)
    if found is not None:
        hush(db.session())
        return found
    code = codes.with_check("".join(secrets.choice(codes.ALPHABET) for _ in range(codes.CODE_LENGTH - 1)))
    place = owner.place
    form = PrintedForm(
        organiser_id=place.organiser_id,
        branch_id=place.branch_id,
        kind=kind,
        subject=subject,
        code=code,
        content=dict(content),
        digest=fingerprint,
        printed_at=actor.at,
        printed_by=actor.person_id,
    )
    db.session.add(form)
    tell(db.session(), owner=f"{kind} {subject}", title="填好的表" if content else "空白表")
    return form


def faults(
    actor: Actor, subject: Subject, entry: Entry, form: PrintedForm | None = None, *, enterer: int | None = None
) -> dict[str, str]:
    """What is wrong with what was typed: field -> sentence; empty when it can be kept."""
    found = rules.faults(
        entry,
        subject,
        enterer=enterer or actor.person_id,
        today=day_of(actor.at),
        printed_on=day_of(form.printed_at) if form else None,
    )
    signed_on = None if "signed_on" in found else entry.signed_on  # what is written is read as of that day
    as_of = signed_on or day_of(actor.at)
    return found | queries.form_of(subject.kind).faults(subject, entry.values, as_of)


def _refuse_faults(found: Mapping[str, str]) -> None:
    for name, sentence in found.items():
        raise Refused(sentence, field=name)


@use_case(Permission.TRANSCRIBE)
def transcribe(
    actor: Actor,
    owner: Any,
    kind: str,
    key_of_subject: str,
    entry: Entry,
    *,
    form: PrintedForm | None = None,
    key: str = "",
) -> Transcription:
    """Keep what a signed paper says, for a second person to compare. One at a time for each paper."""
    subject = queries.form_of(kind).subject(key_of_subject, actor)
    if subject.closed:
        raise Refused(subject.closed, field="closed")
    under_way = queries.open_one(kind, subject.key)
    if under_way is not None:
        raise Refused(
            f"{under_way.enterer.name}已经代录了这份，{under_way.state.label}。请看代录里的那一份，不用再录。",
            field="closed",
        )
    _refuse_faults(faults(actor, subject, entry, form))
    assert entry.signed_on is not None
    assert entry.author_id is not None
    place = owner.place
    transcription = Transcription(
        organiser_id=place.organiser_id,
        branch_id=place.branch_id,
        kind=kind,
        subject=subject.key,
        about=subject.title,
        period=subject.period,
        slot=f"{kind}:{subject.key}",
        form_id=form and form.id,
        author_id=entry.author_id,
        signed_on=entry.signed_on,
        lies_at=entry.lies_at,
        entered_at=actor.at,
        entered_by=actor.person_id,
        content=dict(entry.values),
        replaced=dict(subject.current),
    )
    db.session.add(transcription)
    _tell_lag(actor, subject, entry.signed_on)
    return transcription


def _tell_lag(actor: Actor, subject: Subject, signed_on: date) -> None:
    today = day_of(actor.at)
    days = rulebook.day_table().working_days_between(signed_on, today).days
    most = rulebook.number(subject.owner.place.organiser_id, "papers.transcribe_within")
    lag = rules.lag(days, most, signed_on=signed_on, due=subject.due, today=today)
    tell(
        db.session(),
        about=subject.title,
        signed_on=signed_on.isoformat(),
        working_days=lag.days,
        over=lag.over,
        counts_in_time=lag.counts_in_time,
    )


@use_case(Permission.TRANSCRIBE)
def correct(actor: Actor, transcription: Transcription, entry: Entry, *, version: int, key: str = "") -> Transcription:
    """Type it once more, by whoever transcribed it: sent back by the second person, or found wrong before."""
    if transcription.entered_by != actor.person_id:
        raise Refused(NOT_YOURS)
    after = step(rules.MOVES, transcription.state, Verb.CORRECT)
    subject = queries.form_of(transcription.kind).subject(transcription.subject, actor)
    if subject.closed:
        raise Refused(subject.closed, field="closed")
    _refuse_faults(faults(actor, subject, entry, transcription.form))
    assert entry.signed_on is not None
    assert entry.author_id is not None
    transcription.author_id, transcription.signed_on = entry.author_id, entry.signed_on
    transcription.lies_at, transcription.content = entry.lies_at, dict(entry.values)
    transcription.entered_at, transcription.reason, transcription.state = actor.at, "", after
    _tell_lag(actor, subject, entry.signed_on)
    return transcription


@use_case(Permission.TRANSCRIBE)
def withdraw(actor: Actor, transcription: Transcription, *, reason: str, version: int, key: str = "") -> Transcription:
    """Take back what is not needed any more; it stays on record."""
    transcription.state = step(rules.MOVES, transcription.state, Verb.WITHDRAW)
    transcription.reason = _reason(reason, "请写明为什么撤下。")
    transcription.slot = None
    tell(db.session(), about=transcription.about, reason=transcription.reason)
    return transcription


@use_case(Permission.COMPARE_PAPER)
def send_back(actor: Actor, transcription: Transcription, *, reason: str, version: int, key: str = "") -> Transcription:
    """Something differs from the paper: back to whoever typed it, saying what."""
    _refuse_one_of_them(actor, transcription)
    transcription.state = step(rules.MOVES, transcription.state, Verb.RETURN)
    transcription.reason = _reason(reason, "请写明哪一处和原件不一样。")
    tell(db.session(), about=transcription.about, reason=transcription.reason)
    return transcription


def _reason(text: str, missing: str) -> str:
    if not text.strip():
        raise Refused(missing, field="reason")
    if len(text.strip()) > 500:
        raise Refused("最多 500 字，请删减一些。", field="reason")
    return text.strip()


def _refuse_one_of_them(actor: Actor, transcription: Transcription) -> None:
    why = rules.why_not_by(actor.person_id, enterer=transcription.entered_by, author=transcription.author_id)
    if why:
        raise Refused(why)


@use_case(Permission.COMPARE_PAPER)
def compare(
    actor: Actor,
    transcription: Transcription,
    *,
    signed_on: date | None,
    alike: Iterable[int],
    version: int,
    key: str = "",
) -> Transcription:
    """The second person agrees, section by section and on the date: the paper now counts, from its own day on.

    ``alike``: the numbers of the sections found alike, from 0. What it becomes is the form's own affair.
    """
    _refuse_one_of_them(actor, transcription)
    after = step(rules.MOVES, transcription.state, Verb.COMPARE)
    form = queries.form_of(transcription.kind)
    subject = form.subject(transcription.subject, actor)
    if subject.closed:
        raise Refused(f"{subject.closed}这份代录留着备查，不用复核了，可以撤下。", field="closed")
    why = rules.why_not_alike(transcription.signed_on, signed_on)
    if why:
        raise Refused(why, field="signed_on")
    unread = [section.title for number, section in enumerate(subject.sections) if number not in set(alike)]
    if unread:
        raise Refused(f"“{unread[0]}”还没有勾。逐节对过、一样的打勾；有一处不一样，就写明退回。", field="alike")
    content: dict[str, str] = dict(transcription.content)
    _refuse_content(form.faults(subject, content, transcription.signed_on))
    transcription.state, transcription.slot = after, None
    transcription.compared_at, transcription.compared_by = actor.at, actor.person_id
    scans = files.fix("paper", transcription.id, actor.at)
    about = {
        "transcription": transcription.id,
        "signed_on": transcription.signed_on.isoformat(),
        "entered_by": transcription.enterer.name,
        "compared_by": actor.name,
        "lies_at": transcription.lies_at,
        "scans": [scan["sha256"] for scan in scans],
    }
    paper = rules.Signed(content, transcription.signed_on, transcription.author_id, about)
    transcription.became = form.hand_in(actor, subject, paper)
    _tell_lag(actor, subject, transcription.signed_on)
    return transcription


def _refuse_content(found: Mapping[str, str]) -> None:
    for sentence in found.values():
        raise Refused(f"代录之后规则看的东西变了，现在还差一处：{sentence}请退回，改好再复核。", field="closed")


def is_open(transcription: Transcription) -> bool:
    """Whether it may still change."""
    return transcription.state in rules.OPEN


def why_not_compared(actor: Actor, transcription: Transcription) -> str:
    """Why the actor may not compare it now, and who may; nothing where he may himself."""
    if transcription.state is not State.ENTERED:
        return f"现在是“{transcription.state.label}”。"
    why = rules.why_not_by(actor.person_id, enterer=transcription.entered_by, author=transcription.author_id)
    if not why and not can(actor, Permission.COMPARE_PAPER, transcription):
        why = (
            "这是您所在支部的表，请别人来复核。"
            if can(actor, Permission.COMPARE_PAPER) and actor.branch_id == transcription.branch_id
            else "代录由机关党委经办或复核人复核。"
        )
    return why and why + rules.may_compare_instead(_who_may_compare(actor, transcription))


def _who_may_compare(actor: Actor, transcription: Transcription) -> list[str]:
    posts = (Role.OFFICE, Role.SECOND)
    held = people.holders(db.session(), posts, actor.at, organiser_id=transcription.organiser_id)
    others = {each.person_id: each.name for each in held}
    for person in (transcription.entered_by, transcription.author_id):
        others.pop(person, None)
    return [
        name
        for person, name in others.items()
        if can(accounts.actor_of(person, actor.at), Permission.COMPARE_PAPER, transcription)
    ]
