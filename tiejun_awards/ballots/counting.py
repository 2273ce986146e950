"""Pages of 监票人 and 计票人: a key each, opening the box, the count of the paper. All but the last ask for the password again."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.rules import is_fresh
from ..shared.access import Permission
from ..shared.errors import Refused
from ..shared.moments import actor
from ..shared.web import go, requires
from . import queries, tellers
from .forms import NewPassphraseForm, OpenForm, beside, read_paper
from .rules import Duty
from .sealing import KeyMode

counting = Blueprint("counting", __name__, url_prefix="/ballots")

Answer = BaseResponse | str | tuple[str, int]


def _confirmed(then: Callable[[], Answer]) -> Answer:
    """Only after the password was given again a short while ago."""
    if not is_fresh(actor().reauth_at, actor().at):
        return go("accounts.confirm", next=request.path)
    return then()


@counting.route("/<int:poll_id>/key", methods=["GET", "POST"])
@requires(Permission.WATCH_POLL)
def key(poll_id: int) -> Answer:
    """A 监票人 sets her passphrase."""
    duty = queries.duty(actor(), poll_id, Duty.WATCHER)

    def page() -> Answer:
        form = NewPassphraseForm()
        if form.validate_on_submit():
            tellers.make_key(actor(), duty, passphrase=form.passphrase.data or "")
            flash("开箱口令已设好。请记牢，系统里没有备份。", "good")
            return go("ballots.show", poll_id=poll_id)
        poll = queries.get_visible(actor(), poll_id)
        return render_template("ballots/key.html", form=form, poll=poll), 422 if form.errors else 200

    return _confirmed(page)


@counting.route("/<int:poll_id>/open", methods=["GET", "POST"])
@requires(Permission.WATCH_POLL)
def open_box(poll_id: int) -> Answer:
    """The first 监票人 confirms, the second opens."""
    duty = queries.duty(actor(), poll_id, Duty.WATCHER)

    def page() -> Answer:
        poll, form = queries.get_visible(actor(), poll_id), OpenForm()
        others = poll.confirmed_by != actor().person_id and tellers.is_confirmed(poll, actor())
        if form.validate_on_submit():
            try:
                if others:
                    tellers.open_box(actor(), duty, passphrase=form.passphrase.data or "")
                    flash("已开箱计票。", "good")
                    return go("ballots.result", poll_id=poll_id)
                tellers.confirm(actor(), duty, passphrase=form.passphrase.data or "")
                flash("您已确认。请另一位监票人在 30 分钟内登录开箱。", "good")
                return go("ballots.show", poll_id=poll_id)
            except Refused as refused:
                beside(form, refused)
        shown = render_template("ballots/open.html", form=form, poll=poll, second=others, KeyMode=KeyMode)
        return shown, 422 if form.errors else 200

    return _confirmed(page)


@counting.route("/<int:poll_id>/paper", methods=["GET", "POST"])
@requires(Permission.COUNT_PAPER)
def paper(poll_id: int) -> Answer:
    """One 计票人's count of the paper ballots."""
    duty = queries.duty(actor(), poll_id, Duty.COUNTER)
    poll, form = queries.get_visible(actor(), poll_id), OpenForm()
    items = poll.question.items
    names = ["issued", "returned", "invalid"]
    names += [tellers.paper_name(item, mark) for item in items for mark in item.marks]
    numbers, wrong = read_paper(request.form, names)
    if request.method == "POST" and form.validate():
        wrong = wrong or tellers.wrong_paper(poll.question, numbers)
        if not wrong:
            tellers.enter_paper(actor(), duty, numbers=numbers)
            stand = queries.paper(poll_id)
            if stand.differing:
                flash("两份录入不一致，请两位对照票面各自再数一遍。", "look")
            else:
                flash("已录好。" + ("两份一致。" if stand.numbers else "等另一位计票人录入。"), "good")
            return go("ballots.show", poll_id=poll_id)
    page = render_template(
        "ballots/paper.html",
        poll=poll,
        items=items,
        typed=request.form,
        wrong=wrong,
        name=tellers.paper_name,
        differing=queries.paper(poll_id).differing,
        form=form,
    )
    return page, 422 if wrong else 200
