"""One's own messages, e-mail yes or no, and the office's page of reminders."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..accounts import services as accounts
from ..accounts.rules import safe_next
from ..organisers import services as organisers
from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.fields import VerbForm
from ..shared.moments import actor
from ..shared.web import go, listing, requires
from . import reminding, rules, services
from .forms import EmailForm
from .rules import Kind

messages = Blueprint("messages", __name__)

STATES = [("", "未读"), ("all", "全部")]
LINES_A_PAGE = 50


@messages.route("/messages/")
@requires(Permission.READ_MESSAGES)
def index() -> str:
    """One's own messages, the unread first."""
    asked, found = services.my_messages(actor(), listing(sorts=("new",), filters=("state", "kind")))
    kinds = [("", "全部"), *((kind.value, kind.label) for kind in Kind)]
    return render_template("messages/index.html", found=found, listing=asked, states=STATES, kinds=kinds)


@messages.route("/messages/<int:message_id>/open", methods=["POST"])
@requires(Permission.READ_MESSAGES)
def open_one(message_id: int) -> BaseResponse:
    """Mark one as read and go where it leads."""
    opened = services.open_one(actor(), services.get_visible(actor(), message_id), key=VerbForm().once)
    return redirect(request.script_root + safe_next(opened.path), code=303)


@messages.route("/messages/read", methods=["POST"])
@requires(Permission.READ_MESSAGES)
def read_all() -> BaseResponse:
    """Mark all as read."""
    services.read_all(actor(), accounts.me(actor()), key=VerbForm().once)
    flash("全部标为已读了。", "good")
    return go(".index")


@messages.route("/messages/email", methods=["GET", "POST"])
@requires(Permission.READ_MESSAGES)
def email() -> BaseResponse | str | tuple[str, int]:
    """Whether and where one wants to be told by e-mail."""
    me = accounts.me(actor())
    form = EmailForm(address=me.email or "", wanted=me.email_since is not None)
    if form.validate_on_submit():
        address, wanted = form.address.data or "", bool(form.wanted.data)
        if form.attempt(lambda: services.set_email(actor(), me, address=address, wanted=wanted, key=form.once)):
            flash("存好了，有新消息会发邮件告诉您。" if wanted else "存好了，不发邮件。", "good")
            return go(".email")
    configured = current_app.config["SMTP"] is not None
    return render_template("messages/email.html", form=form, configured=configured), form.status


@messages.route("/reminders/")
@requires(Permission.REMIND)
def reminders() -> str:
    """What is open, how often people were reminded, what to paste."""
    _, batches = reminding.batches(actor())
    today = day_of(actor().at)
    texts = [
        rules.group_text(each.kind, each.title, each.due, today, len(each.tasks), _absolute(url_for("home.index")))
        for each in batches
    ]
    return render_template(
        "messages/reminders.html", batches=list(zip(batches, texts, strict=True)), most=rules.MOST, hours=rules.HOURS
    )


@messages.route("/reminders/<batch>")
@requires(Permission.REMIND)
def lines(batch: str) -> str:
    """One personal line for each whose task is open, in unit order; for the office's own use."""
    found, one = reminding.batch_of(actor(), batch)
    asked = listing(sorts=("unit",), per_page=LINES_A_PAGE).counted(len(one.tasks))
    today = day_of(actor().at)
    shown = [
        (task, name, rules.personal_line(task, name, today, _absolute(request.script_root + task.path)))
        for task in one.tasks[asked.offset : asked.offset + asked.per_page]
        for _, name in found.people_of(task) or [(0, "")]
    ]
    return render_template("messages/lines.html", batch=one, lines=shown, listing=asked)


@messages.route("/reminders/<batch>/now", methods=["POST"])
@requires(Permission.REMIND)
def remind_now(batch: str) -> BaseResponse:
    """One of the three, at once."""
    reminding.remind_now(actor(), organisers.get(actor().organiser_id), batch=batch, key=VerbForm().once)
    flash("提醒已经发到每个人的消息里。", "good")
    return go(".reminders")


def _absolute(path: str) -> str:
    """An address that works outside the system: under PUBLIC_URL, or, in a demo, where this page was asked for."""
    known = current_app.config["PUBLIC_URL"]
    return (known + path.removeprefix(request.script_root)) if known else request.host_url.rstrip("/") + path
