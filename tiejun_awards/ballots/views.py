"""Pages of those who run a poll, watch it and count it. Those of voters are in ``booth``."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..accounts.rules import username_key
from ..documents.qr import qr
from ..organisers import services as organisers
from ..shared.access import Permission
from ..shared.errors import Refused, Stale
from ..shared.fields import VersionedForm
from ..shared.moments import actor
from ..shared.web import go, listing, requires
from . import outcomes, pages, queries, questions, rolls, rules, sealing, services
from .forms import (
    CloseForm,
    PlanForm,
    RunOffForm,
    SlipsForm,
    TellersForm,
    VoidForm,
    VotersForm,
    beside,
)
from .models import Poll
from .questions import Kind
from .rules import Duty
from .sealing import KeyMode
from .services import Plan, Ways

ballots = Blueprint("ballots", __name__, url_prefix="/ballots")

Answer = BaseResponse | str | tuple[str, int]


@ballots.route("/")
@requires(Permission.READ_POLL)
def index() -> str:
    """The polls within reach, latest first."""
    asked = listing(sorts=["latest"])
    polls, total = queries.page_of(actor(), asked.page, asked.per_page)
    prefix = url_for(".show", poll_id=0)[:-1]
    return render_template("ballots/index.html", polls=polls, listing=asked.counted(total), prefix=prefix)


@ballots.route("/new", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def new() -> Answer:
    """Begin a poll, or one for each weighted group."""
    form = PlanForm()
    if form.validate_on_submit():
        organiser, plan = organisers.get(actor().organiser_id), _plan(form)
        try:
            poll = services.draft(actor(), organiser, plan, key=form.key.data or "")
        except Refused as refused:
            beside(form, refused)
        else:
            flash("已存好。还差的几项列在下面，齐了就能开始投票。", "good")
            for sentence in rules.merge_small(plan.groups)[1] if plan.groups else ():
                flash(sentence, "look")
            return go(".show", poll_id=poll.id)
    return render_template("ballots/plan.html", form=form, poll=None), 422 if form.errors else 200


@ballots.route("/<int:poll_id>/change", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def change(poll_id: int) -> Answer:
    """Write a poll anew while it is being prepared."""
    poll = queries.get_visible(actor(), poll_id)
    form = PlanForm(data=pages.as_typed(poll)) if request.method == "GET" else PlanForm()
    if form.validate_on_submit():
        try:
            services.change(actor(), poll, _plan(form), version=form.version.data or 0, key=form.key.data or "")
        except Stale:
            poll = queries.get_visible(actor(), poll_id)
            form.form_errors.append(
                "您打开页面之后，有人先存了一稿。下面是您写的；和现在的对照一下，要以您的为准就再存一次。"
            )
        else:
            flash("已存好。", "good")
            return go(".show", poll_id=poll_id)
    page = render_template("ballots/plan.html", form=form, poll=poll)
    return page, 409 if form.form_errors else 422 if form.errors else 200


def _plan(form: PlanForm) -> Plan:
    assert form.opens_at.moment
    assert form.closes_at.moment
    chosen = form.ways.data or []
    return Plan(
        title=" ".join((form.title.data or "").split()),
        question=form.question(),
        rule=form.rule(),
        ways=Ways("account" in chosen, "slip" in chosen, "paper" in chosen),
        key_mode=KeyMode(form.key_mode.data),
        expected=form.expected.data or 0,
        opens_at=form.opens_at.moment,
        closes_at=form.closes_at.moment,
        groups=form.read_groups(),
    )


@ballots.route("/<int:poll_id>")
@requires(Permission.READ_POLL)
def show(poll_id: int) -> str:
    """How far a poll has come, and what is to be done next."""
    return _show(queries.get_visible(actor(), poll_id), CloseForm(formdata=None))


def _show(poll: Poll, close_form: CloseForm) -> str:
    return render_template(
        "ballots/show.html",
        poll=poll,
        now=pages.standing(actor(), poll),
        series=queries.series(poll),
        Duty=Duty,
        close_form=close_form,
        slips_form=SlipsForm(formdata=None, number=poll.expected),
    )


@ballots.route("/<int:poll_id>/voters", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def voters(poll_id: int) -> Answer:
    """The roll of those who vote by own account."""
    poll = queries.get_visible(actor(), poll_id)
    on_roll = queries.voters(poll)
    form = VotersForm()
    form.branches.choices = [(branch.id, branch.name) for branch in rolls.branches(poll.organiser_id)]
    if request.method == "GET":
        form.usernames.data = "\n".join(person.username for person in on_roll)
    if form.validate_on_submit():
        typed = questions.lines_of(form.usernames.data or "")
        try:
            rolls.set_voters(
                actor(),
                poll,
                usernames=sorted({username_key(name.split("（")[0]) for name in typed}),
                branches=form.branches.data or [],
                recused=_recusals(poll, form.recused.data or ""),
                version=form.version.data or 0,
                key=form.key.data or "",
            )
            flash("名单已存好。", "good")
            return go(".show", poll_id=poll_id)
        except Refused as refused:
            beside(form, refused)
    page = render_template("ballots/voters.html", form=form, poll=poll, on_roll=on_roll)
    return page, 422 if form.errors else 200


def _recusals(poll: Poll, text: str) -> list[tuple[str, int]]:
    found = []
    for line in questions.lines_of(text):
        name, _, candidate = line.partition(" ")
        if candidate not in poll.subjects:
            raise Refused(f"“{line[:30]}”读不懂：请写账号、空格、名单上的名字。", field="recused")
        found.append((username_key(name), poll.subjects.index(candidate)))
    return found


@ballots.route("/<int:poll_id>/tellers", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def name_tellers(poll_id: int) -> Answer:
    """Who watches and who counts."""
    poll, form = queries.get_visible(actor(), poll_id), TellersForm()
    people = [(0, "（还没有定）"), *((person.id, person.name) for person in rolls.candidates_for_telling(poll))]
    fields = (form.watcher_1, form.watcher_2, form.counter_1, form.counter_2)
    for field in fields:
        field.choices = people
    if request.method == "GET":
        named = queries.tellers(poll)
        held = [*(row.person_id for row in named[Duty.WATCHER]), 0, 0][:2]
        held += [*(row.person_id for row in named[Duty.COUNTER]), 0, 0][:2]
        for field, person_id in zip(fields, held, strict=True):
            field.data = person_id
    if form.validate_on_submit():
        chosen = [[field.data for field in pair if field.data] for pair in (fields[:2], fields[2:])]
        try:
            rolls.name_tellers(
                actor(),
                poll,
                watchers=chosen[0],
                counters=chosen[1],
                version=form.version.data or 0,
                key=form.key.data or "",
            )
            flash("已定好。", "good")
            return go(".show", poll_id=poll_id)
        except Refused as refused:
            beside(form, refused)
    return render_template("ballots/tellers.html", form=form, poll=poll), 422 if form.errors else 200


@ballots.route("/<int:poll_id>/slips", methods=["POST"])
@requires(Permission.RUN_POLL)
def slips(poll_id: int) -> Answer:
    """New 测评码 on sheets to be printed and cut: shown this once."""
    poll, form = queries.get_visible(actor(), poll_id), SlipsForm()
    if not form.validate() or form.version.data is None:
        raise Refused("请写印几个。")
    codes = rolls.make_slips(actor(), poll, number=form.number.data or 0, version=form.version.data)
    site = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    address = f"{site}{url_for('booth.enter')}"
    made = [(sealing.in_fours(code), qr(f"{address}/{code}")) for code in codes]
    return render_template("ballots/slips.html", poll=poll, slips=made, address=address)


@ballots.route("/<int:poll_id>/blank")
@requires(Permission.RUN_POLL)
def blank(poll_id: int) -> str:
    """The paper ballot, to be printed."""
    poll = queries.get_visible(actor(), poll_id)
    return render_template("ballots/blank.html", poll=poll, asked=pages.by_subject(poll.question), Kind=Kind)


@ballots.route("/<int:poll_id>/begin", methods=["POST"])
@requires(Permission.RUN_POLL)
def begin(poll_id: int) -> BaseResponse:
    """Begin the voting."""
    poll, form = queries.get_visible(actor(), poll_id), VersionedForm.sent()
    services.begin(actor(), poll, version=form.version.data or 0, key=form.key.data or "")
    flash("投票已经开始。", "good")
    return go(".show", poll_id=poll_id)


@ballots.route("/<int:poll_id>/close", methods=["POST"])
@requires(Permission.RUN_POLL)
def close(poll_id: int) -> Answer:
    """End the voting, with the numbers of the room."""
    poll, form = queries.get_visible(actor(), poll_id), CloseForm()
    if form.validate():
        try:
            services.close(
                actor(),
                poll,
                slips_issued=form.slips_issued.data or 0,
                present=form.present.data,
                version=form.version.data or 0,
                key=form.key.data or "",
            )
            flash("投票已经截止，票箱已经封好。请监票人开箱。", "good")
            return go(".show", poll_id=poll_id)
        except Refused as refused:
            beside(form, refused)
    return _show(queries.get_visible(actor(), poll_id), form), 422


@ballots.route("/<int:poll_id>/void", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def void(poll_id: int) -> Answer:
    """Declare a poll void, with a reason."""
    poll, form = queries.get_visible(actor(), poll_id), VoidForm()
    if form.validate_on_submit():
        services.void(
            actor(), poll, reason=form.reason.data or "", version=form.version.data or 0, key=form.key.data or ""
        )
        flash("已作废，理由记在案。", "good")
        return go(".show", poll_id=poll_id)
    return render_template("ballots/void.html", form=form, poll=poll), 422 if form.errors else 200


@ballots.route("/<int:poll_id>/run-off", methods=["GET", "POST"])
@requires(Permission.RUN_POLL)
def run_off(poll_id: int) -> Answer:
    """A second vote among those with equal votes at the last seat."""
    poll, form = queries.get_visible(actor(), poll_id), RunOffForm()
    if form.validate_on_submit():
        assert form.opens_at.moment
        assert form.closes_at.moment
        again = services.run_off(
            actor(),
            poll,
            opens_at=form.opens_at.moment,
            closes_at=form.closes_at.moment,
            version=form.version.data or 0,
            key=form.key.data or "",
        )
        flash("再次投票已经备好，核对后开始。", "good")
        return go(".show", poll_id=again.id)
    result = outcomes.result_of(poll)
    return render_template("ballots/run_off.html", form=form, poll=poll, result=result), 422 if form.errors else 200


@ballots.route("/<int:poll_id>/destroy-key", methods=["POST"])
@requires(Permission.RUN_POLL)
def destroy_key(poll_id: int) -> BaseResponse:
    """Destroy the key after the time for objections."""
    poll = queries.get_visible(actor(), poll_id)
    if poll.key is None:
        raise Refused("这次投票没有开箱钥匙。")
    services.destroy_key(actor(), poll.key)
    flash("钥匙已销毁：以前的备份里即使有信封，也再打不开了。", "good")
    return go(".show", poll_id=poll_id)


@ballots.route("/<int:poll_id>/result")
@requires(Permission.READ_POLL)
def result(poll_id: int) -> BaseResponse | str:
    """The result sheet, to be printed and signed."""
    poll = queries.get_visible(actor(), poll_id)
    found = outcomes.result_of(poll)
    if found is None:
        return go(".show", poll_id=poll_id)
    series = queries.series(poll)
    return render_template(
        "ballots/result.html",
        poll=poll,
        result=found,
        tellers=queries.tellers(poll),
        series=series,
        together=outcomes.together(series),
        Duty=Duty,
        Kind=Kind,
    )
