"""Pages of voters: by 测评码 without signing in, by own account, and the check of a receipt.

Nothing here is logged or kept by address. Wrong codes are counted in memory only, by a salted digest that changes with each start.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission
from ..shared.errors import Missing, TooMany
from ..shared.moments import actor, moment
from ..shared.web import go, keeps_nothing, open_to_all, requires
from . import casting, pages, queries, sealing
from .casting import Paper, Unfit
from .forms import BallotForm, CodeForm
from .questions import Kind

booth = Blueprint("booth", __name__)

T = TypeVar("T")

Answer = BaseResponse | str | tuple[str, int]


class Guesses:
    """Wrong codes of the last minutes by address, in memory only: a row would tie an address to an hour at the box.

    A code has 40 bits: what one process lets through, times the processes, stays hopeless. A room full of people behind one
    address mistypes less than this.
    """

    MOST, WITHIN = 100, timedelta(minutes=10)

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._wrong: dict[bytes, list[datetime]] = {}

    def refuse_too_many(self, address: str, at: datetime) -> None:
        """Raise TooMany after a hundred wrong codes from one address within ten minutes."""
        if len(self._recent(address, at)) >= self.MOST:
            raise TooMany("这个网络上输错的测评码太多了。请过十分钟再试，或请工作人员换纸质票。")

    def note(self, address: str, at: datetime) -> None:
        """Remember a wrong code."""
        if len(self._wrong) > 10_000:
            self._wrong.clear()
        self._wrong[self._of(address)] = [*self._recent(address, at), at]

    def forget(self) -> None:
        """Begin anew."""
        self._wrong.clear()

    def _of(self, address: str) -> bytes:
        return hashlib.blake2b(address.encode(), key=self._salt, digest_size=12).digest()

    def _recent(self, address: str, at: datetime) -> list[datetime]:
        return [then for then in self._wrong.get(self._of(address), []) if at - then < self.WITHIN]


guesses = Guesses()


def _by_code(code: str, do: Callable[[datetime], T]) -> T:
    """Do something with a 测评码, wrong ones counted. Raises Missing and TooMany."""
    address, at = request.remote_addr or "", moment()
    guesses.refuse_too_many(address, at)
    try:
        if len(code) != sealing.CODE_SIGNS:
            raise Missing("测评码是 8 位字母和数字，请照票上的再输一次。")
        return do(at)
    except Missing:
        guesses.note(address, at)
        raise


def _find(code: str) -> Paper:
    return _by_code(code, lambda at: casting.by_slip(code, at))


@booth.route("/v", methods=["GET", "POST"])
@open_to_all
def enter() -> Answer:
    """Type a 测评码."""
    form = CodeForm()
    if form.validate_on_submit():
        code = sealing.plain_code(form.code.data or "")
        try:
            _find(code)
        except Missing as missing:
            form.code.errors = [missing.sentence]
        else:
            return go(".slip", code=code)
    return render_template("ballots/enter.html", form=form), 422 if form.errors else 200


@booth.route("/v/<code>", methods=["GET", "POST"])
@open_to_all
def slip(code: str) -> Answer:
    """The ballot of a 测评码; a vote goes into the box and its receipt is shown, once."""
    plain = sealing.plain_code(code)
    return _ballot(
        lambda: (_find(plain), ()),
        lambda posted: _by_code(plain, lambda at: casting.cast_slip(plain, posted, at)),
    )


@booth.route("/ballots/<int:poll_id>/vote", methods=["GET", "POST"])
@keeps_nothing
@requires(Permission.VOTE)
def vote(poll_id: int) -> Answer:
    """The ballot of somebody on the roll."""

    def found() -> tuple[Paper, tuple[str, ...]]:
        paper, seat = casting.by_account(actor(), poll_id)
        return paper, seat.recused

    def cast(posted: Mapping[str, str]) -> str:
        _, seat = casting.by_account(actor(), poll_id)
        return casting.cast(actor(), seat, posted)

    return _ballot(found, cast)


def _ballot(find: Callable[[], tuple[Paper, tuple[str, ...]]], cast: Callable[[Mapping[str, str]], str]) -> Answer:
    form, wrong = BallotForm(), {}
    if request.method == "POST" and form.validate():
        try:
            tracker = sealing.in_fours(cast(request.form))
        except Unfit as unfit:
            wrong = dict(unfit.wrong)
        else:
            return render_template("ballots/receipt.html", tracker=tracker)
    paper, recused = find()
    if paper.refusal:
        return render_template("ballots/not_now.html", paper=paper)
    page = render_template(
        "ballots/ballot.html",
        paper=paper,
        asked=pages.by_subject(paper.question, recused),
        left_out=[item.name for item in paper.question.items if item.code in recused],
        wrong=wrong,
        posted=request.form,
        form=form,
        Kind=Kind,
    )
    return page, 422 if wrong else 200


@booth.route("/v/receipt")
@open_to_all
def receipt() -> Answer:
    """Whether the envelope of a receipt was in the box and counted; the whole board on request."""
    typed = request.args.get("tracker", "")
    tracker = sealing.plain_code(typed)
    poll = queries.poll_of_tracker(tracker) if len(tracker) == sealing.TRACKER_SIGNS else None
    board = queries.trackers(poll.id) if poll else []
    return render_template(
        "ballots/check.html",
        typed=typed[:40],
        tracker=sealing.in_fours(tracker),
        poll=poll,
        board=[sealing.in_fours(one) for one in board],
    )
