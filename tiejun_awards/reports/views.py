"""Pages of reports: the list, the editor, the report as submitted, the office's review."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..files import queries as files
from ..papers import queries as papers
from ..shared.access import Permission, can
from ..shared.clock import day_of, here
from ..shared.dates import chinese_day, chinese_time
from ..shared.errors import Missing, Refused, Stale
from ..shared.fields import NO_VERSION, VersionedForm
from ..shared.listing import asked_quarter
from ..shared.moments import actor
from ..shared.periods import Quarter
from ..shared.web import go, requires
from ..shared.web import listing as web_listing
from . import drafts, lists, pages, queries, rules, services
from .drafts import Draft
from .due import due_day, left_to, working_days_given
from .forms import BeginForm, ReasonForm, read_draft
from .models import Report
from .sections import FIELDS, SECTIONS, Fixing, RecordKind

reports = Blueprint("reports", __name__, url_prefix="/reports")


@reports.route("/")
@requires(Permission.READ_REPORT)
def index() -> str:
    """The reports within reach, latest quarter first."""
    listing = web_listing(sorts=["quarter", "branch"], filters=["q", "quarter", "state"])
    page = lists.page_of(actor(), listing.filters, listing.sort, listing.descending, listing.per_page, listing.page)
    return render_template(
        "reports/index.html",
        page=page,
        listing=listing.counted(page.total),
        states=rules.State,
        state_options=[("", "全部"), *((state.value, state.label) for state in rules.State)],
        quarter_options=[("", "全部"), *((code, Quarter.from_code(code).label) for code in page.quarters)],
        quarter_label={code: Quarter.from_code(code).label for code in page.quarters},
        prefix=url_for(".show", report_id=0).removesuffix("0"),
        to_begin=queries.not_begun(actor()),
    )


@reports.route("/begin/<int:branch_id>/<code>", methods=["GET", "POST"])
@requires(Permission.WRITE_REPORT)
def begin(branch_id: int, code: str) -> BaseResponse | str:
    """Begin a quarter's report (or go on with the one that was begun)."""
    branch, quarter = queries.own_branch(actor(), branch_id), asked_quarter(code)
    found = queries.of_branch(branch.id, quarter)
    if found is not None:
        return go(".edit", report_id=found.id)
    form = BeginForm()
    if form.validate_on_submit():
        report = services.begin(actor(), branch, quarter, key=form.key.data or "")
        return go(".edit", report_id=report.id)
    due = due_day(branch.organiser_id, quarter)
    return render_template(
        "reports/begin.html",
        branch=branch,
        quarter=quarter,
        due=due,
        given=working_days_given(branch.organiser_id),
        form=form,
        print_url=url_for("papers.print_form", kind="report", subject=f"{branch.id}-{quarter.code}"),
    )


@reports.route("/<int:report_id>/edit", methods=["GET", "POST"])
@requires(Permission.WRITE_REPORT)
def edit(report_id: int) -> BaseResponse | str:
    """The editor. A POST keeps what was typed first, whatever else it asks for."""
    report = queries.get_visible(actor(), report_id)
    if not can(actor(), Permission.WRITE_REPORT, report):
        raise Missing
    if report.state not in rules.WRITABLE:
        return go(".show", report_id=report.id)
    if request.method == "GET":
        return _editor(report, Draft.from_json(report.draft))
    form = VersionedForm()
    if not form.validate():
        raise Refused("这次提交缺了页面的版本号，请刷新页面再试；写下的内容可先复制出来。")
    draft = read_draft(request.form)
    if "compare" in request.form and form.version.data != report.version:
        return _compare(report_id, draft)
    if _picks():
        draft = drafts.merge(draft, Draft.from_json(report.draft), _picks())
    try:
        report = _save(report, draft, form)
    except Stale:
        return _compare(report_id, draft)
    return _after_saving(report, draft, form)


def _save(report: Report, draft: Draft, form: VersionedForm) -> Report:
    """Keep the draft; what is stored already (an answer that got lost on the way) is no conflict."""
    try:
        return services.save(actor(), report, draft, version=form.version.data or 0)
    except Stale:
        stored = queries.get_visible(actor(), report.id)
        if Draft.from_json(stored.draft) == draft and stored.state in rules.WRITABLE:
            return stored
        raise


def _after_saving(report: Report, draft: Draft, form: VersionedForm) -> BaseResponse | str:
    if "add_row" in request.form:
        return _editor(report, Draft(draft.fields, (*draft.records, {}), draft.fixes, draft.confirmed), blank_row=True)
    if "remove_row" in request.form:
        return _remove_row(report, draft)
    if request.form.get("do") == "files":
        return go("files.index", kind="report", owner_id=report.id)
    if request.form.get("do") != "submit":
        flash("已存好。", "good")
        return go(".edit", report_id=report.id)
    if not can(actor(), Permission.SUBMIT_REPORT, report):
        raise Refused("党建联络员起草，由党支部书记提交。草稿已存好，请书记登录后提交。")
    try:
        report = services.submit(actor(), report, version=report.version, key=form.key.data or "")
    except Refused as refused:
        if refused.field != "findings":
            return _compare(report.id, draft)
        return _editor(queries.get_visible(actor(), report.id), draft, asked=True), 422  # type: ignore[return-value]
    flash(f"已提交给机关党委，这是第 {report.revisions} 稿。", "good")
    return go(".show", report_id=report.id)


def _remove_row(report: Report, draft: Draft) -> BaseResponse:
    number = request.form["remove_row"].removeprefix("records-")
    if number.isascii() and number.isdigit() and int(number) < len(draft.records):
        kept = draft.records[: int(number)] + draft.records[int(number) + 1 :]
        services.save(actor(), report, Draft(draft.fields, kept, draft.fixes, draft.confirmed), version=report.version)
    return go(".edit", report_id=report.id, _anchor="s2")


def _picks() -> dict[str, str]:
    return {name.removeprefix("pick-"): value for name, value in request.form.items() if name.startswith("pick-")}


def _page(report: Report, draft: Draft, *, asked: bool = False) -> pages.Editor:
    before = queries.earlier(report)
    context = queries.context(report, before, actor().at)
    return pages.editor(report, draft, before=before, context=context, usual=queries.usual(report), asked=asked)


def _editor(report: Report, draft: Draft, *, asked: bool = False, blank_row: bool = False) -> str:
    due = due_day(report.organiser_id, report.period)
    return render_template(
        "reports/edit.html",
        page=_page(report, draft, asked=asked),
        report=report,
        draft=draft,
        due=due,
        left=left_to(due, actor().at),
        sections=SECTIONS,
        kinds=[(kind.value, kind.label) for kind in RecordKind],
        fixings=Fixing,
        labels={name: spec.label for name, spec in FIELDS.items() if spec.kind == "count"},
        rows=pages.rows(draft),
        may_submit=can(actor(), Permission.SUBMIT_REPORT, report),
        saved=_when(report),
        attachments=files.lines_of("report", report.id, writer=True),
        upload=files.uploader(queries.FILES, report, old_formats=current_app.config["OLD_FORMATS"]),
    )


def _when(report: Report) -> str:
    moment = here(report.saved_at)
    same_day = moment.date() == day_of(actor().at)
    return chinese_time(moment) if same_day else f"{chinese_day(moment.date())} {chinese_time(moment)}"


def _compare(report_id: int, mine: Draft) -> BaseResponse:
    """409: both versions side by side, nothing lost."""
    report = queries.get_visible(actor(), report_id)
    if report.state not in rules.WRITABLE:
        if Draft.from_json(report.draft) == mine:  # the second click on a button that has been obeyed
            return go(".show", report_id=report.id)
        raise Refused(
            f"您写的时候，这份报告已经变成“{report.state.label}”，不能再改。请把刚写的内容复制下来，再联系机关党委。"
        )
    found = drafts.differences(mine, Draft.from_json(report.draft))
    page = render_template(
        "reports/compare.html",
        report=report,
        mine=mine,
        differences=found,
        rows=[(place.name, place.label, place.mine, place.theirs, _offered(place)) for place in found],
        saver=report.saver.name,
        when=_when(report),
    )
    return make_response(page, 409)


def _offered(place: drafts.Difference) -> str:
    """Which side is ticked at first: mine, unless I left the place empty."""
    return "mine" if place.mine.strip() else "theirs"


@reports.route("/<int:report_id>/autosave", methods=["POST"])
@requires(Permission.WRITE_REPORT)
def autosave(report_id: int) -> BaseResponse | str:
    """Keep the draft while it is being written; answers with the pieces of the page that changed."""
    report = queries.get_visible(actor(), report_id)
    form = VersionedForm()
    if not form.validate():
        raise Refused("这次没有存上：页面缺了版本号，请刷新页面。")
    draft = read_draft(request.form)
    try:
        report = _save(report, draft, form)
    except Stale:
        return make_response(render_template("reports/autosave_conflict.html"), 409)
    return render_template("reports/autosave.html", page=_page(report, draft), report=report, saved=_when(report))


@reports.route("/<int:report_id>")
@requires(Permission.READ_REPORT)
def show(report_id: int) -> str:
    """A report as it was last submitted, what the office said, and what can be done now."""
    report = queries.get_visible(actor(), report_id)
    return _show(report, None, ReasonForm())


@reports.route("/<int:report_id>/revisions/<int:number>")
@requires(Permission.READ_REPORT)
def revision(report_id: int, number: int) -> str:
    """One earlier submission."""
    return _show(queries.get_visible(actor(), report_id), number, ReasonForm())


def _show(report: Report, number: int | None, form: ReasonForm) -> str:
    shown = queries.revision(report, number)
    if number is not None and shown is None:
        raise Missing
    due = due_day(report.organiser_id, report.period)
    submitted = report.first_submitted_at and day_of(report.first_submitted_at)
    key = f"{report.branch_id}-{report.quarter}"
    return render_template(
        "reports/show.html",
        report=report,
        shown=shown,
        paper=_paper(report, shown),
        history=queries.history(report),
        due=due,
        late=rules.is_late(due.day, submitted, day_of(actor().at)),
        left=left_to(due, actor().at),
        form=form,
        sections=SECTIONS,
        paper_key=key,
        print_url=url_for("papers.print_form", kind="report", subject=key),
        transcription=papers.open_one("report", key) if report.state in rules.WRITABLE else None,
    )


def _paper(report: Report, shown: Any) -> pages.Paper:
    draft = Draft.from_json(shown.content if shown else report.draft)
    context = queries.context(report, queries.earlier(report), actor().at)
    return pages.paper(draft, context, shown.content.get("attachments", ()) if shown else ())


@reports.route("/<int:report_id>/print")
@requires(Permission.READ_REPORT)
def printed(report_id: int) -> str:
    """The report as the form the archive takes: A4."""
    report = queries.get_visible(actor(), report_id)
    shown = queries.revision(report)
    return render_template(
        "reports/print.html",
        report=report,
        shown=shown,
        paper=_paper(report, shown),
        posts=queries.posts(report, actor().at),
        sections=SECTIONS,
    )


# The office's review.


@reports.route("/<int:report_id>/accept", methods=["POST"])
@requires(Permission.REVIEW_REPORT)
def accept(report_id: int) -> BaseResponse:
    """采用, and on to the next report of the quarter."""
    report = queries.get_visible(actor(), report_id)
    form = VersionedForm.sent()
    report = services.accept(actor(), report, version=form.version.data or 0, key=form.key.data or "")
    flash(f"已采用{report.branch.name}的报告。", "good")
    return go(".show", report_id=report.id)


@reports.route("/<int:report_id>/return", methods=["POST"])
@requires(Permission.REVIEW_REPORT)
def send_back(report_id: int) -> BaseResponse | str:
    """退回, saying what to change and why."""
    return _with_reason(report_id, services.send_back, "已退回，支部会看到您写的理由。")


@reports.route("/<int:report_id>/reopen", methods=["POST"])
@requires(Permission.REOPEN_REPORT)
def reopen(report_id: int) -> BaseResponse | str:
    """Open an accepted report again, with a reason."""
    return _with_reason(report_id, services.reopen, "已重新打开，支部可以修改后再交。")


def _with_reason(report_id: int, verb: Any, done: str) -> BaseResponse | str:
    report = queries.get_visible(actor(), report_id)
    form = ReasonForm()
    if not form.validate():
        if form.version.errors:
            raise Refused(NO_VERSION)
        return _show(report, None, form), 422  # type: ignore[return-value]
    verb(actor(), report, reason=form.reason.data or "", version=form.version.data or 0, key=form.key.data or "")
    flash(done, "good")
    return go(".show", report_id=report_id)
