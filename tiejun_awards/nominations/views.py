"""Pages of suggestions (each his own) and of units' recommendations."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..calls import services as calls
from ..calls.models import Call
from ..calls.rules import Phase
from ..decisions import services as decisions
from ..rulebook import services as rulebook
from ..shared.access import Permission
from ..shared.clock import day_of, here
from ..shared.dates import chinese_day, chinese_time
from ..shared.errors import Missing, Refused, Stale
from ..shared.moments import actor
from ..shared.web import go, requires
from ..shared.web import listing as web_listing
from . import pages, queries, services
from .forms import RecommendationForm, SuggestForm, read_draft
from .models import Recommendation
from .rules import Draft, State, UnitReason

nominations = Blueprint("nominations", __name__)


# 群众推荐.


@nominations.route("/calls/<int:call_id>/suggest", methods=["GET", "POST"])
@requires(Permission.SUGGEST)
def suggest(call_id: int) -> BaseResponse | str | tuple[str, int]:
    """Suggest somebody: who, how one knows him, what he did."""
    call = _call_to_suggest_in(call_id)
    form = SuggestForm()
    if not form.is_submitted():
        begun = queries.begun(actor(), call)
        if begun is None and call.phase(day_of(actor().at)) is not Phase.SUGGESTING:
            flash("这份通知现在不收群众推荐；可以推荐的日子写在下面。", "look")
            return go("calls.show", call_id=call.id)
        if begun is not None:
            form = SuggestForm(None, **begun.fields)
        return _suggest(call, form, saved=(begun and f"已保存 {chinese_time(here(begun.saved_at))}") or "")
    if not form.validate():
        return _suggest(call, form), 422
    if request.form.get("do") == "keep":
        services.keep(actor(), call, form.kept())
        flash("已存好，下次接着写。", "good")
        return go(".suggest", call_id=call.id)
    try:
        suggestion = services.suggest(actor(), call, form.typed(), key=form.once)
    except Refused as refused:
        if refused.field is None:
            raise
        call = calls.get_announced(actor(), call_id)
        form.say_all(services.faults(actor(), call, form.typed()) or {refused.field: refused.sentence})
        return _suggest(call, form), 422
    flash("推荐已提交，谢谢您。", "good")
    return go(".track", code=suggestion.code)


def _call_to_suggest_in(call_id: int) -> Call:
    call = calls.get_announced(actor(), call_id)
    if call.organiser_id != actor().organiser_id:
        raise Missing
    return call


def _suggest(call: Call, form: SuggestForm, *, saved: str = "") -> str:
    form.offer(calls.units_of(call.organiser_id, day_of(actor().at)))
    return render_template(
        "nominations/suggest.html",
        call=call,
        form=form,
        open=call.phase(day_of(actor().at)) is Phase.SUGGESTING,
        least=rulebook.rule(call.organiser_id, "nominations.deeds_least", call.announced_at),
        most=rulebook.rule(call.organiser_id, "nominations.deeds_most", call.announced_at),
        saved=saved,
    )


@nominations.route("/calls/<int:call_id>/suggest/keep", methods=["POST"])
@requires(Permission.SUGGEST)
def keep(call_id: int) -> str:
    """Keep what is being written."""
    call = _call_to_suggest_in(call_id)
    form = SuggestForm()
    services.keep(actor(), call, form.kept())
    return render_template("nominations/kept.html", saved=f"已保存 {chinese_time(here(actor().at))}")


@nominations.route("/suggestions/")
@requires(Permission.TRACK_SUGGESTION)
def mine() -> str:
    """What the reader suggested, and what became of entries that name him."""
    listing = web_listing(sorts=["time"], per_page=20)
    total, rows = queries.page_of_own(actor(), listing.per_page, listing.page)
    return render_template(
        "nominations/mine.html",
        rows=rows,
        fates=queries.fates(rows),
        about_me=queries.entries_about(actor()),
        listing=listing.counted(total),
    )


@nominations.route("/suggestions/<code>")
@requires(Permission.TRACK_SUGGESTION)
def track(code: str) -> str:
    """One suggestion, followed like a parcel."""
    suggestion = queries.own_suggestion(actor(), code)
    fate = queries.fates([suggestion])[suggestion.id]
    steps = decisions.steps_of(suggestion.call)
    return render_template(
        "nominations/track.html",
        suggestion=suggestion,
        track=pages.track(suggestion, fate, steps, suggestion.unit.name),
        may_withdraw=suggestion.withdrawn_at is None and fate.decided_on is None,
    )


@nominations.route("/suggestions/<code>/withdraw", methods=["POST"])
@requires(Permission.TRACK_SUGGESTION)
def withdraw(code: str) -> BaseResponse:
    """撤回."""
    suggestion = queries.own_suggestion(actor(), code)
    services.withdraw(actor(), suggestion, key=request.form.get("key", ""))
    flash("推荐已撤回，单位看不到它了。", "good")
    return go(".track", code=code)


# 组织推荐.


@nominations.route("/calls/<int:call_id>/units/<int:unit_id>", methods=["GET", "POST"])
@requires(Permission.RECOMMEND)
def recommend(call_id: int, unit_id: int) -> BaseResponse | str | tuple[str, int]:
    """The editor of a unit's recommendation. A POST keeps what was typed first, whatever else it asks for."""
    call = calls.get_announced(actor(), call_id)
    unit = queries.own_unit(actor(), unit_id)
    found = queries.of_unit(call.id, unit.id)
    if found is not None and found.state is State.SUBMITTED:
        return go(".show", recommendation_id=found.id)
    if request.method == "GET":
        if found is None:
            return render_template("nominations/begin.html", call=call, unit=unit)
        return _editor(found, Draft.from_json(found.draft))
    if found is None or "begin" in request.form:
        services.begin(actor(), unit, call, key=request.form.get("key", ""))
        return go(".recommend", call_id=call_id, unit_id=unit_id)
    return _keep_and_go_on(found)


def _keep_and_go_on(found: Recommendation) -> BaseResponse | str | tuple[str, int]:
    form = RecommendationForm()
    if not form.validate():
        raise Refused("这次提交缺了页面的版本号，请刷新页面再试；写下的内容可先复制出来。")
    suggested = queries.suggested_for(found.unit_id, found.call_id)
    draft = read_draft(request.form, found.call.per_unit, [named.key for named in suggested])
    anchor = None
    if "take" in request.form:
        named = next((each for each in suggested if each.key == request.form["take"]), None)
        draft, anchor = (draft.taking(named.key, named.nominee, named.first) if named else draft), "entries"
    elif "up" in request.form:
        number = request.form["up"]
        draft, anchor = draft.moved_up(int(number) if number.isascii() and number.isdigit() else 0), "entries"
    ids = {"call_id": found.call_id, "unit_id": found.unit_id}
    try:
        found = services.save(actor(), found, draft, version=form.version.data or 0)
    except Stale:
        stored = queries.get_visible(actor(), found.id)
        if stored.state is State.SUBMITTED:
            raise
        page = _editor(stored, draft, conflict=True)
        return page, 409
    if request.form.get("do") != "submit":
        if anchor is None:
            flash("已存好。", "good")
        return go(".recommend", **ids, _anchor=anchor)
    try:
        found = services.submit(actor(), found, version=found.version, key=form.key.data or "")
    except Refused as refused:
        if refused.field != "faults":
            raise
        return _editor(queries.get_visible(actor(), found.id), draft, asked=True), 422
    flash("已报送机关党委。", "good")
    return go(".show", recommendation_id=found.id)


def _editor(found: Recommendation, draft: Draft, *, asked: bool = False, conflict: bool = False) -> str:
    suggested = queries.suggested_for(found.unit_id, found.call_id)
    reading = queries.reading(found.call, draft, suggested, day_of(actor().at))
    saved = here(found.saved_at)
    return render_template(
        "nominations/recommend.html",
        page=pages.editor(found, draft, suggested, reading, asked=asked),
        found=found,
        call=found.call,
        reasons=[("", "请选原因"), *((reason.value, reason.label) for reason in UnitReason)],
        brief_most=rulebook.rule(found.organiser_id, "nominations.brief_most", found.call.announced_at),
        notice=rulebook.rule(found.organiser_id, "notice.working_days", found.call.announced_at),
        conflict=conflict,
        saved=f"已保存 {chinese_day(saved.date())} {chinese_time(saved)}",
    )


@nominations.route("/recommendations/<int:recommendation_id>")
@requires(Permission.READ_RECOMMENDATION)
def show(recommendation_id: int) -> str:
    """A unit's recommendation as it was sent, and what became of its entries; prints as the unit's table."""
    found = queries.get_visible(actor(), recommendation_id)
    if found.state is State.DRAFT:
        raise Missing
    return render_template(
        "nominations/show.html",
        found=found,
        notice=pages.notice_of(found),
        call_url=url_for("calls.show", call_id=found.call_id),
    )
