"""The rules with their sources; the year's days off and make-up days, and entering them."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.pasted import text_of
from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..organisers.models import Organiser
from ..shared.access import Permission, can
from ..shared.clock import day_of
from ..shared.dates import chinese_date
from ..shared.errors import Missing, NotAllowed, Refused, Stale
from ..shared.fields import NO_VERSION, VersionedForm
from ..shared.moments import actor
from ..shared.web import download, go, requires
from . import changes, exports, pages, rule_pages, rules, services
from .arrangements import FIRST_YEAR, LAST_YEAR
from .forms import ChangeRuleForm, EnterDaysForm, RestoreRuleForm, WithdrawForm
from .models import DayNotice, RuleValue

rulebook = Blueprint("rulebook", __name__, url_prefix="/rules")


@rulebook.app_template_global("rule")
def rule_on_page(rule_key: str, organiser_id: int | None = None, at: datetime | None = None) -> rules.Rule:
    """For templates: the rule a page states, of the reader's organiser unless another is named."""
    return services.rule(organiser_id or actor().organiser_id, rule_key, at)


@rulebook.route("/")
@requires(Permission.READ_RULES)
def index() -> str:
    """All rules by group, each with its source."""
    q, mode, only = _searched()
    groups = rule_pages.by_group(actor().organiser_id, q, mode, only)
    return render_template(
        "rulebook/index.html",
        groups=groups,
        total=sum(len(lines) for _, lines in groups),
        mode_options=[("", "全部"), *((each.value, each.label) for each in rules.Mode)],
        only_options=[("", "全部"), *rule_pages.ONLY],
        q=q,
        mode=mode.value if mode else "",
        only=only,
        path=url_for(".index"),
        prefix=url_for(".show", rule_key="-").removesuffix("-"),
        export_path=url_for(".export", q=q or None, mode=mode.value if mode else None, only=only or None),
    )


@rulebook.route("/export")
@requires(Permission.READ_RULES)
def export() -> BaseResponse:
    """The rules of the page as .xlsx."""
    name, content = exports.rules_file(actor().organiser_id, *_searched())
    return download(content, XLSX, name)


def _searched() -> tuple[str, rules.Mode | None, str]:
    asked, only = request.args.get("mode", ""), request.args.get("only", "")
    return (
        request.args.get("q", "").strip()[:80],
        next((mode for mode in rules.Mode if mode.value == asked), None),
        only if only in dict(rule_pages.ONLY) else "",
    )


@rulebook.route("/item/<rule_key>")
@requires(Permission.READ_RULES)
def show(rule_key: str) -> str:
    """One rule: what holds, by which document, what the system does with it, who changed it when and why."""
    organiser = organisers.get(actor().organiser_id)
    return render_template(
        "rulebook/show.html",
        page=rule_pages.page_of(organiser, rule_key),
        organiser=organiser,
        may_change=can(actor(), Permission.CHANGE_RULE, organiser),
    )


@rulebook.route("/item/<rule_key>/change", methods=["GET", "POST"])
@requires(Permission.CHANGE_RULE)
def change(rule_key: str) -> BaseResponse | tuple[str, int]:
    """Give a rule another value or confirm the suggested one: says what follows first."""
    organiser, form = organisers.get(actor().organiser_id), ChangeRuleForm()
    page = rule_pages.page_of(organiser, rule_key)
    if page.why_not:
        raise Refused(page.why_not)
    if not form.is_submitted():
        if not _confirmed():
            return go("accounts.confirm", next=request.path)
        form.value.data = page.line.rule.shown
    following: list[str] = []
    stale = False
    saves = request.form.get("do") == "save"
    if _validated(form):
        try:
            if saves and (form.was_shown or form.version.data != page.version):
                if form.attempt(lambda: _change(organiser, rule_key, form)):
                    flash(f"“{page.base.title}”已登记。", "good")
                    return go(".show", rule_key=rule_key)
            else:
                form.attempt(lambda: following.extend(changes.outlook_of(actor(), organiser, page.base, form.answer())))
        except Stale:
            page, stale = rule_pages.page_of(organiser, rule_key), True
    return render_template(
        "rulebook/change.html",
        page=page,
        organiser=organiser,
        form=form,
        following=following,
        unlike=saves and bool(following),
        stale=stale,
    ), 409 if stale else form.status


def _change(organiser: Organiser, rule_key: str, form: ChangeRuleForm) -> RuleValue:
    return changes.change_rule(
        actor(), organiser, rule_key=rule_key, answer=form.answer(), seen=form.version.data, key=form.once
    )


@rulebook.route("/item/<rule_key>/restore", methods=["GET", "POST"])
@requires(Permission.CHANGE_RULE)
def restore(rule_key: str) -> BaseResponse | tuple[str, int]:
    """撤回 the organiser's own value."""
    organiser, form = organisers.get(actor().organiser_id), RestoreRuleForm()
    page = rule_pages.page_of(organiser, rule_key)
    if not page.can_restore:
        raise Refused(changes.NOTHING_TO_TAKE_BACK)
    if not _confirmed():
        return go("accounts.confirm", next=request.path)
    if not form.is_submitted():
        form.since.data = min((each.row.since_on for each in page.planned), default=None)
    stale = False
    try:
        if _validated(form) and form.attempt(lambda: _restore(organiser, rule_key, form)):
            flash(f"“{page.base.title}”已撤回本单位的数。", "good")
            return go(".show", rule_key=rule_key)
    except Stale:
        page, stale = rule_pages.page_of(organiser, rule_key), True
    return render_template(
        "rulebook/restore.html", page=page, organiser=organiser, form=form, stale=stale
    ), 409 if stale else form.status


def _restore(organiser: Organiser, rule_key: str, form: RestoreRuleForm) -> RuleValue:
    return changes.restore_rule(
        actor(),
        organiser,
        rule_key=rule_key,
        reason=form.reason.data or "",
        since=form.since.data,
        seen=form.version.data,
        key=form.once,
    )


def _validated(form: VersionedForm) -> bool:
    """Whether it was sent and can be read. Raises Refused where the version is missing."""
    sent = form.validate_on_submit()
    if form.version.errors:
        raise Refused(NO_VERSION)
    return sent


def _confirmed() -> bool:
    """Whether the password was given again a short while ago; the verbs refuse where it was not."""
    try:
        changes.refuse_unconfirmed(actor())
    except Refused:
        return False
    return True


@rulebook.route("/days")
@requires(Permission.READ_RULES)
def days() -> str:
    """A year's days off and make-up days, with where each comes from."""
    this_year = day_of(actor().at).year
    year = _year_asked(this_year)
    return render_template(
        "rulebook/days.html",
        page=pages.year_of_days(year),
        this_year=this_year,
        years=range(max(FIRST_YEAR, year - 3), min(LAST_YEAR, year + 3) + 1),
        days_path=url_for(".days"),
        top=organisers.top(),
    )


@rulebook.route("/days/enter", methods=["GET", "POST"])
@requires(Permission.ENTER_DAYS)
def enter_days() -> BaseResponse | tuple[str, int]:
    """Paste or upload a notice, see what was understood, and only then enter it."""
    top = _who_enters_for()
    this_year = day_of(actor().at).year
    year = _year_asked(services.first_unknown_year(this_year))
    form = EnterDaysForm.of_years(sorted({year, *range(this_year - 1, this_year + 3)}), chosen=year)
    if not form.is_submitted():
        return _entering_page(form, None), 200
    form.take_file(text_of)
    if not form.validate():
        return _entering(form, 422)
    if request.form.get("do") != "save":
        return _entering(form, 200)
    try:
        notice = services.enter_days(
            actor(),
            top,
            year=form.year_number,
            number=form.number.data or "",
            text=form.text.data or "",
            key=form.key.data or "",
        )
    except Refused as refused:
        form.say(refused.sentence, refused.field)
        return _entering(form, refused.status)
    flash(f"已登记{notice.year}年的{notice.number}，各处的日期已按它重新推算。", "good")
    return go(".days", year=notice.year)


def _entering(form: EnterDaysForm, status: int) -> tuple[str, int]:
    """The page with what was typed and, where there is a text to read, what was understood of it."""
    preview = None
    if (form.text.data or "").strip() and not form.file.errors and not form.year.errors:
        preview = pages.preview(
            actor(), year=form.year_number, number=form.number.data or "", text=form.text.data or ""
        )
        if not preview.reading.can_be_saved:
            status = max(status, 422)
        if preview.obstacle and not form.errors:
            form.say(preview.obstacle.sentence, preview.obstacle.field)
            status = preview.obstacle.status
    return _entering_page(form, preview), status


def _entering_page(form: EnterDaysForm, preview: pages.Preview | None) -> str:
    return render_template(
        "rulebook/enter_days.html",
        form=form,
        preview=preview,
        action=url_for(".enter_days"),
    )


@rulebook.route("/days/<int:notice_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ENTER_DAYS)
def withdraw(notice_id: int) -> BaseResponse | tuple[str, int]:
    """撤下 a notice that was entered by mistake: says what follows, asks for the reason."""
    _who_enters_for()
    notice = services.get_notice(notice_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        services.withdraw(actor(), notice, reason=form.reason.data or "", key=form.key.data or "")
        flash(f"已撤下{notice.year}年的{notice.number}，各处的日期已重新推算。", "good")
        return go(".days", year=notice.year)
    return _withdrawing(notice, form), 422 if form.errors else 200


def _withdrawing(notice: DayNotice, form: WithdrawForm) -> str:
    return render_template(
        "rulebook/withdraw.html",
        notice=notice,
        form=form,
        outlook=pages.outlook_without(actor(), notice),
        entered=chinese_date(day_of(notice.entered_at)),
    )


def _who_enters_for() -> Organiser:
    """The organiser whose office enters the days: the one above all others."""
    top = organisers.top()
    if top is None:
        raise Missing
    if not can(actor(), Permission.ENTER_DAYS, top):
        raise NotAllowed(f"全区的放假和调休由{top.name}登记，各市不必另登。")
    return top


def _year_asked(otherwise: int) -> int:
    asked = request.values.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else otherwise
    return year if FIRST_YEAR <= year <= LAST_YEAR else otherwise
