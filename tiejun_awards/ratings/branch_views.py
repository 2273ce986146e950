"""Pages of one branch in a cycle: verifying, what is added beside the lines, its own words, its result."""

from __future__ import annotations

from flask import flash, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission, Place, can, reach
from ..shared.errors import Missing, Refused, Stale
from ..shared.fields import NO_VERSION
from ..shared.moments import actor
from ..shared.web import go, requires
from ..standards.rules import points
from . import branches, letters, pages, queries, results
from .branches import Agreed
from .forms import EntryForm, VerifyForm, WordsForm, read_amount, read_times
from .models import BranchEntry, CycleBranch, EntryKind
from .rules import State
from .views import ratings

__all__ = ["ratings"]


@ratings.route("/<int:cycle_id>/branches")
@requires(Permission.READ_RATED_BRANCHES)
def branch_list(cycle_id: int) -> str:
    """The branches of a cycle for the check team and the office: who is verified, whose sheets are in."""
    cycle = queries.get_visible(actor(), cycle_id)
    lines = queries.branches(actor(), cycle)
    verified_by_me = reach(actor(), Permission.VERIFY_BRANCH)
    return render_template(
        "ratings/branches.html",
        cycle=cycle,
        lines=lines,
        runs=can(actor(), Permission.RUN_RATING, cycle),
        verifies={line.branch_id for line in lines if verified_by_me.covers(Place(cycle.organiser_id, line.branch_id))},
        open=cycle.state in (State.ANNOUNCED, State.SCORING),
    )


@ratings.route("/<int:cycle_id>/branches/<int:branch_id>/verify", methods=["GET", "POST"])
@requires(Permission.VERIFY_BRANCH)
def verify(cycle_id: int, branch_id: int) -> BaseResponse | str:
    """核定 a branch: counted cases are filled in, the check team gives the rest."""
    place = queries.get_branch(actor(), cycle_id, branch_id, Permission.VERIFY_BRANCH)
    form = VerifyForm(version=place.version)
    if request.method == "GET":
        return _verify_page(place, form)
    if not form.validate():
        raise Refused(NO_VERSION)
    lines = queries.scheme_of(place.cycle).given
    times, faults = read_times(request.form, lines)
    if faults:
        return make_response(_verify_page(place, form, faults), 422)
    agreed = {
        line.code: Agreed(times.get(line.code, {}), request.form.get(f"reason-{line.code}", "")) for line in lines
    }
    try:
        branches.verify(
            actor(),
            place,
            agreed,
            version=form.version.data or 0,
            late_reason=form.late_reason.data or "",
            key=form.once,
        )
    except Stale:
        return make_response(_verify_page(_again(place), form, stale=True), 409)
    except Refused as refused:
        if refused.field is None:
            raise
        form.say(refused)
        return make_response(_verify_page(place, form, {refused.field: refused.sentence}), 422)
    flash(f"{place.branch.name}已核定。", "good")
    return go(".branch_list", cycle_id=cycle_id)


def _again(place: CycleBranch) -> CycleBranch:
    return queries.get_branch(actor(), place.cycle_id, place.branch_id, Permission.VERIFY_BRANCH)


def _verify_page(
    place: CycleBranch, form: VerifyForm, faults: dict[str, str] | None = None, *, stale: bool = False
) -> str:
    scheme, values = queries.scheme_of(place.cycle), queries.values_of(place)
    typed = request.form if request.method == "POST" else None
    lines = pages.verify_lines(place, scheme, queries.facts_of(place), values, typed, faults)
    by_code = {line.line.code: line for line in lines}
    return render_template(
        "ratings/verify.html",
        place=place,
        form=form,
        groups=[
            (category, [by_code[line.code] for line in category.lines if line.code in by_code])
            for category in scheme.categories
        ],
        faults=faults or {},
        stale=stale,
        late=place.cycle.state is State.SCORING,
        open=place.cycle.state in (State.ANNOUNCED, State.SCORING),
        points=points,
    )


# Beside the lines.


@ratings.route("/<int:cycle_id>/branches/<int:branch_id>/entries/<word>", methods=["GET", "POST"])
@requires(Permission.RECORD_ENTRY)
def entries(cycle_id: int, branch_id: int, word: str = "bonus") -> BaseResponse | tuple[str, int]:
    """Bonuses, deductions, bars and exemptions of a branch: record one with its paper."""
    place = queries.get_branch(actor(), cycle_id, branch_id, Permission.RECORD_ENTRY)
    kind = next((each for each in EntryKind if each.value == word), None)
    if kind is None:
        raise Missing
    scheme = queries.scheme_of(place.cycle)
    offered = {
        EntryKind.BONUS: [(extra.code, f"{extra.text}（最多 {points(extra.most)}）") for extra in scheme.bonuses],
        EntryKind.DEDUCTION: [
            (extra.code, f"{extra.text}（最多 {points(extra.most)}）") for extra in scheme.deductions
        ],
        EntryKind.BAR: [(bar.code, bar.text) for bar in scheme.bars],
        EntryKind.EXEMPT: [("exempt", "不受逐级晋升限制")],
    }
    form = EntryForm()
    form.code.choices = offered[kind]
    if form.validate_on_submit() and form.attempt(lambda: _record(place, kind, form)):
        flash(f"{kind.label}已登记。", "good")
        return go(".entries", cycle_id=cycle_id, branch_id=branch_id, word=word)
    page = render_template(
        "ratings/entries.html",
        place=place,
        kind=kind,
        kinds=EntryKind,
        form=form,
        found=queries.entries_of(place),
        scheme=scheme,
        points=points,
        writable=place.cycle.state is not State.PUBLISHED,
    )
    return page, form.status


def _record(place: CycleBranch, kind: EntryKind, form: EntryForm) -> BranchEntry:
    try:
        value = read_amount(form.value.data or "")
    except ValueError as error:
        raise Refused(str(error), field="value") from None
    return branches.record(
        actor(), place, kind, code=form.code.data or "", value=value, basis=form.basis.data or "", key=form.once
    )


@ratings.route("/<int:cycle_id>/branches/<int:branch_id>/entries/<code>/strike", methods=["POST"])
@requires(Permission.RECORD_ENTRY)
def strike(cycle_id: int, branch_id: int, code: str) -> BaseResponse:
    """撤下 one of them."""
    place = queries.get_branch(actor(), cycle_id, branch_id, Permission.RECORD_ENTRY)
    branches.strike(actor(), place, code, key=request.form.get("key", ""))
    flash("已撤下。", "good")
    return go(".entries", cycle_id=cycle_id, branch_id=branch_id, word="bonus")


# The branch itself.


@ratings.route("/<int:cycle_id>/branches/<int:branch_id>/words", methods=["GET", "POST"])
@requires(Permission.SELF_ASSESS)
def words(cycle_id: int, branch_id: int) -> BaseResponse | tuple[str, int]:
    """支部自述, beside what the system counts of the branch."""
    place = queries.get_branch(actor(), cycle_id, branch_id, Permission.SELF_ASSESS)
    form = WordsForm(version=place.version, words=place.own_words)
    if form.validate_on_submit() and form.attempt(
        lambda: branches.tell_judges(
            actor(), place, words=form.words.data or "", version=form.version.data or 0, key=form.once
        )
    ):
        flash("自述已存好，评委会看到。", "good")
        return go(".words", cycle_id=cycle_id, branch_id=branch_id)
    scheme = queries.scheme_of(place.cycle)
    page = render_template(
        "ratings/words.html",
        place=place,
        form=form,
        lines=[
            line
            for line in pages.verify_lines(place, scheme, queries.facts_of(place), queries.values_of(place))
            if line.line.counted
        ],
        most=branches.MOST_WORDS,
        open=place.cycle.state is State.ANNOUNCED,
    )
    return page, form.status


@ratings.route("/<int:cycle_id>/branches/<int:branch_id>")
@requires(Permission.READ_RESULT)
def result(cycle_id: int, branch_id: int) -> str:
    """What a branch sees of its result; the office sees the same page once the cycle is closed."""
    place = queries.get_branch(actor(), cycle_id, branch_id, Permission.READ_RESULT, Permission.READ_STANDINGS)
    standing = results.standing_of(place)
    if standing is None or not letters.result_open(actor(), place):
        raise Missing("结果公布以后，这里会有本支部的得分、扣分原因和各支部的中位数。")
    return render_template(
        "ratings/result.html",
        place=place,
        letter=letters.letter(place, standing),
        standing=standing,
        published=place.cycle.state is State.PUBLISHED,
    )
