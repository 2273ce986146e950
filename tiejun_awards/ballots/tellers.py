"""The verbs of 监票人 and 计票人: a key each, opening the box together, two counts of the paper."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from ..accounts.services import refuse_unconfirmed
from ..shared.access import Actor, Permission
from ..shared.db import db
from ..shared.errors import Refused
from ..shared.unordered import wipe_traces
from ..shared.use_case import tell, use_case
from ..shared.vault import keys_folder
from ..shared.workflow import step
from . import queries, questions, rules, sealing
from .models import BallotKey, PaperCount, Poll, PollCount, PollEnvelope, PollTeller, PollTracker, PollVoter
from .questions import Item, Kind, Mark
from .rules import Duty, State, Verb
from .sealing import KeyMode, Keys

log = logging.getLogger(__name__)

CONFIRMED_FOR = timedelta(minutes=30)
"""How long the first 监票人's confirmation waits for the second."""


def keys() -> Keys:
    """Where private keys lie."""
    return Keys(keys_folder())


def _locked(teller: PollTeller, role: Duty) -> Poll:
    if teller.role is not role:
        raise Refused(f"这一步由{role.label}做。")
    asked = sa.select(Poll).where(Poll.id == teller.poll_id).with_for_update(of=Poll)
    return db.session.execute(asked.execution_options(populate_existing=True)).scalar_one()


# Keys.


@use_case(Permission.WATCH_POLL)
def make_key(actor: Actor, teller: PollTeller, *, passphrase: str) -> BallotKey:
    """A 监票人 makes her half of what opens the box, under a passphrase only she knows."""
    poll = _locked(teller, Duty.WATCHER)
    refuse_unconfirmed(actor)
    if poll.state is not State.DRAFT or poll.key_mode is not KeyMode.TWO:
        raise Refused("这次投票现在不需要设开箱口令。")
    key = poll.key
    if key is None:
        pair = [row.person_id for row in queries.tellers(poll)[Duty.WATCHER]]
        if len(pair) != 2:
            raise Refused("请机关党委先定好两位监票人。")
        key = BallotKey(
            organiser_id=poll.organiser_id,
            owner_kind=poll.owner_kind,
            owner_id=poll.owner_id,
            mode=KeyMode.TWO,
            first_person=pair[0],
            second_person=pair[1],
            made_at=actor.at,
        )
        poll.key = key
    which = key.holder(actor.person_id)
    if key.first_public if which == 1 else key.second_public:
        raise Refused("您已经设过开箱口令了。忘记了口令，请机关党委重新定监票人，两位都重设。")
    public, name = keys().make(passphrase)
    if which == 1:
        key.first_public, key.first_file = public, name
    else:
        key.second_public, key.second_file = public, name
    tell(db.session(), poll=poll.id)
    return key


# Opening the box.


@use_case(Permission.WATCH_POLL)
def confirm(actor: Actor, teller: PollTeller, *, passphrase: str = "") -> Poll:
    """The 监票人 who comes first agrees to the opening and leaves her key to the other one, sealed to hers."""
    poll = _locked(teller, Duty.WATCHER)
    refuse_unconfirmed(actor)
    _refuse_unready(poll)
    key = _key_of(poll)
    if key.mode is KeyMode.TWO:
        which = key.holder(actor.person_id)
        private = keys().unlock(key.first_file if which == 1 else key.second_file, passphrase)
        keys().hand_over(poll.bound_to, private, key.second_public if which == 1 else key.first_public)
    poll.confirmed_by, poll.confirmed_at = actor.person_id, actor.at
    tell(db.session(), poll=poll.id)
    return poll


def open_box(actor: Actor, teller: PollTeller, *, passphrase: str = "") -> Poll:
    """The second 监票人 opens the box: envelopes are opened, counted by item, wiped. All of it or nothing.

    Raises Refused for a wrong passphrase, when the first one's confirmation is missing or old, and when the box does not fit the roll.
    """
    poll = db.session.get_one(Poll, teller.poll_id)
    refuse_unconfirmed(actor)
    _refuse_unready(poll)
    if poll.confirmed_by == actor.person_id or not is_confirmed(poll, actor):
        raise Refused("请另一位监票人先确认；确认后 30 分钟内由您开箱。")
    privates = _privates(poll, actor, passphrase)
    # Opened before the writing transaction: nobody waits for the mathematics. The box is closed; its root is checked again below.
    counted, trackers = _open_envelopes(poll, privates)
    poll = record_count(actor, teller, counted, trackers)
    keys().forget_handed(poll.bound_to)
    sweep_box()
    return db.session.get_one(Poll, teller.poll_id)


def sweep_box() -> None:
    """Overwrite what opened boxes left in the files; when others are voting just then, the hourly housekeeping does it."""
    try:
        wipe_traces(PollEnvelope.__table__)  # type: ignore[arg-type]
    except Exception:  # the box is counted: whatever keeps the table busy must not look like a failed count
        log.warning("the opened box is swept later", exc_info=True)


def is_confirmed(poll: Poll, actor: Actor) -> bool:
    """Whether the first 监票人 has agreed a short while ago."""
    return poll.confirmed_at is not None and actor.at - poll.confirmed_at < CONFIRMED_FOR


def _privates(poll: Poll, actor: Actor, passphrase: str) -> list[bytes]:
    key = _key_of(poll)
    if key.mode is KeyMode.SERVER:
        return [keys().unlock(key.first_file)]
    if key.holder(actor.person_id) == 1:
        mine = keys().unlock(key.first_file, passphrase)
        return [mine, keys().handed(poll.bound_to, mine)]
    mine = keys().unlock(key.second_file, passphrase)
    return [keys().handed(poll.bound_to, mine), mine]


def _key_of(poll: Poll) -> BallotKey:
    assert poll.key is not None, "closed polls have one"
    return poll.key


def _refuse_unready(poll: Poll) -> None:
    if poll.state is not State.CLOSED:
        raise Refused(f"现在是“{poll.state.label}”，不能开箱。")
    if poll.by_paper and queries.paper(poll.id).numbers is None:
        raise Refused("纸质票的两份计票还没有录完，或者对不上。两位计票人录入一致之后才能开箱。")


DOES_NOT_FIT = "票箱和名册对不上，不能计票。请保持现状，报告机关党委；查明后作废本次投票，写明原因，重新组织。"


def _open_envelopes(poll: Poll, privates: list[bytes]) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Every envelope opened: (item, mark) -> ballots, and the receipts. Refused when one was touched, added or taken away."""
    question, open_one = poll.question, sealing.opener(privates, poll.bound_to)
    asked = sa.select(PollEnvelope.tracker, PollEnvelope.sealed).where(PollEnvelope.poll_id == poll.id)
    counted: Counter[tuple[str, str]] = Counter()
    trackers: list[str] = []
    try:
        for tracker, sealed in db.session.execute(asked.order_by(PollEnvelope.tracker)):
            if sealing.tracker_of(sealed) != tracker:
                raise Refused(DOES_NOT_FIT)
            ballot = questions.unpack(question, open_one(sealed))
            counted.update((item, mark.value) for item, mark in ballot.items())
            trackers.append(tracker)
    except (InvalidTag, ValueError, KeyError) as error:
        raise Refused(DOES_NOT_FIT) from error
    return counted, trackers


@use_case(Permission.WATCH_POLL)
def record_count(actor: Actor, teller: PollTeller, counted: Counter[tuple[str, str]], trackers: list[str]) -> Poll:
    """Keep the counts of the opened box and wipe it. Only ``open_box`` calls this. Refused unless envelopes = marks = receipts."""
    poll, session = _locked(teller, Duty.WATCHER), db.session()
    state = step(rules.MOVES, poll.state, Verb.COUNT)
    stand = queries.numbers(poll.id)
    if (
        not stand.envelopes == stand.cast == poll.envelopes == len(trackers)
        or sealing.root_of(trackers) != poll.sealed_root
    ):
        raise Refused(DOES_NOT_FIT)
    paper = queries.paper(poll.id).numbers if poll.by_paper else None
    if len(trackers) + (paper["returned"] if paper else 0) < rules.FEWEST:
        raise Refused(
            f"收回的票不足 {rules.FEWEST} 张，公布票数就等于公布每个人的选择，不能开箱。请作废本次投票，改期重投。"
        )
    rows = [
        {"poll_id": poll.id, "item": item, "mark": mark, "ballots": ballots}
        for (item, mark), ballots in sorted(counted.items())
    ]
    if rows:
        session.execute(sa.insert(PollCount), rows)
        session.execute(sa.insert(PollTracker), [{"poll_id": poll.id, "tracker": tracker} for tracker in trackers])
    session.execute(sa.delete(PollEnvelope).where(PollEnvelope.poll_id == poll.id))
    # Written anew, all in this transaction: nothing is left that says in which transaction each of them voted.
    session.execute(sa.update(PollVoter).where(PollVoter.poll_id == poll.id).values(voted=PollVoter.voted))
    poll.state, poll.counted_at = state, actor.at
    tell(session, poll=poll.id, ballots=len(trackers), root=poll.sealed_root)
    return poll


# Paper.


@use_case(Permission.COUNT_PAPER)
def enter_paper(actor: Actor, teller: PollTeller, *, numbers: Mapping[str, int]) -> Poll:
    """One 计票人's count of the paper ballots; it may be entered again until the box is opened."""
    poll = _locked(teller, Duty.COUNTER)
    if poll.state is not State.CLOSED or not poll.by_paper:
        raise Refused("纸质票在投票截止以后、开箱以前录入。")
    if queries.paper(poll.id).numbers is not None:
        raise Refused("两份计票已经一致，不用再录。")
    wrong = wrong_paper(poll.question, numbers)
    if wrong:
        raise Refused(next(iter(wrong.values())), field="numbers")
    db.session.merge(PaperCount(poll_id=poll.id, person_id=actor.person_id, numbers=dict(numbers)))
    tell(db.session(), poll=poll.id)
    return poll


def paper_name(item: Item, mark: Mark) -> str:
    """The name of one number of the paper count."""
    return f"{item.code}:{mark.value}"


def wrong_paper(question: questions.Question, numbers: Mapping[str, int]) -> dict[str, str]:
    """Name -> sentence for what cannot be of a paper count, whichever way it was counted."""
    wrong: dict[str, str] = {}
    valid = numbers["returned"] - numbers["invalid"]
    if numbers["returned"] > numbers["issued"]:
        wrong["returned"] = "收回多于发出，按规定本轮无效。请再数一遍；确实如此，请机关党委作废重投。"
    if valid < 0:
        wrong["invalid"] = "废票多于收回的票。"
    if wrong:
        return wrong
    for item in question.items:
        whole = sum(numbers[paper_name(item, mark)] for mark in item.marks)
        if whole != valid:
            first = paper_name(item, item.marks[0])
            wrong[first] = f"这一行加起来是 {whole}，应当等于有效票 {valid}。"
    if question.kind is Kind.CHOOSE and not wrong:
        chosen = sum(numbers[f"{item.code}:{Mark.CHOSEN.value}"] for item in question.items if item.subject >= 0)
        cast = numbers[f"{questions.WHOLE}:{Mark.CAST.value}"]
        if not cast <= chosen <= cast * question.most:
            wrong["issued"] = f"{cast} 张票至多选 {cast * question.most} 个，至少选 {cast} 个，现在共 {chosen} 个。"
    return wrong
