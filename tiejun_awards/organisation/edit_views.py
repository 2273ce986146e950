"""Pages that change units and party organisations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response as BaseResponse

from ..organisers import services as organisers
from ..shared.access import Permission, can
from ..shared.clock import day_of
from ..shared.errors import Missing, NotAllowed, Refused, Stale
from ..shared.moments import actor
from ..shared.web import go, requires
from . import editing, services
from .editing import PartyFacts, UnitFacts
from .forms import EndForm, PartyForm, PlaceForm, RenameForm, ServeForm, StopServingForm, UnitForm
from .models import BranchKind, PartyKind, PartyOrganisation, Unit, UnitKind

structure = Blueprint("structure", __name__, url_prefix="/organisation")

Answer = BaseResponse | tuple[str, int]
STALE = "您打开页面之后，有人先保存了一稿。现在保存的内容列在右边；表单里是您写的，核对后再保存，就以您写的为准。"


R = TypeVar("R", Unit, PartyOrganisation)


def _unit(unit_id: int) -> Unit:
    return _editable(services.get_visible_unit(actor(), unit_id))


def _party(organisation_id: int) -> PartyOrganisation:
    return _editable(services.get_visible(actor(), organisation_id))


def _editable(row: R) -> R:
    if not can(actor(), Permission.EDIT_ORGANISATION, row):
        raise NotAllowed("您现在的身份不能在这里修改。")
    return row


def _save(form: PlaceForm | RenameForm | EndForm, verb: Callable[[], object], again: Callable[[], Any]) -> Any:
    """Do the verb: (done, what somebody else saved meanwhile). The form is then put at the newest version."""
    try:
        return form.attempt(verb), None
    except Stale:
        saved = again()
        form.version.raw_data, form.version.data = None, saved.version
        form.form_errors.append(STALE)
        return False, saved


# Units.


@structure.route("/units/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def new_unit() -> Answer:
    """Enter a unit."""
    form = UnitForm()
    form.offer(list(UnitKind), services.parent_options(actor(), Unit, None))
    if not form.is_submitted():
        form.position.data = str(services.next_position(actor(), Unit))
    made = None
    if form.validate_on_submit():
        organiser = organisers.get(actor().organiser_id)
        made = form.made_by(lambda: editing.add_unit(actor(), organiser, _unit_facts(form), key=form.once))
    if made is not None:
        flash(f"已登记{made.name}。", "good")
        return go("organisation.show_unit", unit_id=made.id)
    return render_template("organisation/edit_unit.html", form=form, unit=None), form.status


@structure.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def edit_unit(unit_id: int) -> Answer:
    """Change a unit."""
    unit, saved = _unit(unit_id), None
    form = UnitForm(obj=unit)
    form.offer(list(UnitKind), services.parent_options(actor(), Unit, unit_id))
    if not form.is_submitted():
        form.kind.data, form.parent.data = unit.kind.value, str(unit.parent_id or "")
    if form.validate_on_submit():
        done, saved = _save(
            form,
            lambda: editing.change_unit(
                actor(), unit, _unit_facts(form), version=form.version.data or 0, key=form.once
            ),
            lambda: _unit(unit_id),
        )
        if done:
            flash("已保存。", "good")
            return go("organisation.show_unit", unit_id=unit_id)
    page = render_template("organisation/edit_unit.html", form=form, unit=_unit(unit_id), saved=saved)
    return page, 409 if saved else form.status


def _unit_facts(form: UnitForm) -> UnitFacts:
    assert form.starts_on.data is not None
    return UnitFacts(
        (form.code.data or "").strip(),
        (form.name.data or "").strip(),
        _kind(UnitKind, form.kind.data),
        form.position.number,
        form.starts_on.data,
        form.parent_id,
        bool(form.kind_unconfirmed.data),
        (form.other_names.data or "").strip(),
    )


def _kind(kinds: Any, value: str | None) -> Any:
    try:
        return kinds(value)
    except ValueError:
        raise Refused("请选类别。", field="kind") from None


@structure.route("/units/<int:unit_id>/rename", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def rename_unit(unit_id: int) -> Answer:
    """A new name from a day."""
    return _rename(lambda: _unit(unit_id), editing.rename_unit, "organisation.show_unit", unit_id=unit_id)


@structure.route("/units/<int:unit_id>/end", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def end_unit(unit_id: int) -> Answer:
    """A unit ends; what hangs on it is named before."""
    return _end(lambda: _unit(unit_id), editing.end_unit, "organisation.show_unit", unit_id=unit_id)


def _rename(find: Callable[[], Any], verb: Any, back: str, **address: int) -> Answer:
    row, form, saved = find(), RenameForm(), None
    if not form.is_submitted():
        form.version.data = row.version
    if form.validate_on_submit():
        done, saved = _save(
            form,
            lambda: verb(
                actor(),
                row,
                name=form.name.data or "",
                since=form.since.data,
                version=form.version.data or 0,
                key=form.once,
            ),
            find,
        )
        if done:
            flash("已更名，原来的名称保留在记录里。", "good")
            return go(back, **address)
    page = render_template("organisation/rename.html", form=form, row=find(), back=back, address=address)
    return page, 409 if saved else form.status


def _end(find: Callable[[], Any], verb: Any, back: str, **address: int) -> Answer:
    row, form, saved = find(), EndForm(), None
    today = day_of(actor().at)
    ended = row.ends_on if isinstance(row, Unit) else row.ended_on
    if not form.is_submitted():
        form.version.data, form.last_day.data = row.version, ended or today
    if form.validate_on_submit():
        if form.last_day.data is None and ended is None:
            form.say(Refused("请填写最后一天，例如 2026-03-18。", field="last_day"))
        else:
            done, saved = _save(
                form,
                lambda: verb(actor(), row, last_day=form.last_day.data, version=form.version.data or 0, key=form.once),
                find,
            )
            if done:
                flash("已登记，历史记录都保留。" if form.last_day.data else "已恢复。", "good")
                return go(back, **address)
    page = render_template(
        "organisation/end.html",
        form=form,
        row=find(),
        back=back,
        address=address,
        ended=ended,
        hanging=services.hangs_on(row, today),
        word="停用" if isinstance(row, Unit) else "撤销",
    )
    return page, 409 if saved else form.status


# Party organisations.


@structure.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def new_party() -> Answer:
    """Enter a party organisation."""
    form = PartyForm()
    _offer_party(form, None)
    if not form.is_submitted():
        form.kind.data, form.branch_kind.data = PartyKind.BRANCH.value, BranchKind.SERVING.value
        form.position.data = str(services.next_position(actor(), PartyOrganisation))
    made = None
    if form.validate_on_submit():
        organiser = organisers.get(actor().organiser_id)
        made = form.made_by(lambda: editing.add_party(actor(), organiser, _party_facts(form), key=form.once))
    if made is not None:
        flash(f"已登记{made.name}。", "good")
        return go("organisation.show", organisation_id=made.id)
    return render_template("organisation/edit_party.html", form=form, party=None), form.status


def _offer_party(form: PartyForm, party_id: int | None) -> None:
    form.offer(list(PartyKind), services.parent_options(actor(), PartyOrganisation, party_id))
    form.offer_branch_kinds(list(BranchKind))


@structure.route("/<int:organisation_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def edit_party(organisation_id: int) -> Answer:
    """Change a party organisation."""
    party, saved = _party(organisation_id), None
    form = PartyForm(obj=party)
    _offer_party(form, organisation_id)
    if not form.is_submitted():
        form.kind.data, form.parent.data = party.kind.value, str(party.parent_id or "")
        form.branch_kind.data = party.branch_kind.value if party.branch_kind else ""
    if form.validate_on_submit():
        done, saved = _save(
            form,
            lambda: editing.change_party(
                actor(), party, _party_facts(form), version=form.version.data or 0, key=form.once
            ),
            lambda: _party(organisation_id),
        )
        if done:
            flash("已保存。", "good")
            return go("organisation.show", organisation_id=organisation_id)
    page = render_template("organisation/edit_party.html", form=form, party=_party(organisation_id), saved=saved)
    return page, 409 if saved else form.status


def _party_facts(form: PartyForm) -> PartyFacts:
    kinds = {kind.value: kind for kind in BranchKind}
    return PartyFacts(
        (form.code.data or "").strip(),
        (form.name.data or "").strip(),
        _kind(PartyKind, form.kind.data),
        form.position.number,
        kinds.get(form.branch_kind.data or ""),
        form.parent_id,
        form.founded_on.data,
        form.members.number,
        form.probationary.number,
        form.committee_size.number,
        form.party_groups.number,
    )


@structure.route("/<int:organisation_id>/rename", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def rename_party(organisation_id: int) -> Answer:
    """A new name from a day."""
    back, number = "organisation.show", organisation_id
    return _rename(lambda: _party(number), editing.rename_party, back, organisation_id=number)


@structure.route("/<int:organisation_id>/end", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def end_party(organisation_id: int) -> Answer:
    """A party organisation ends; what hangs on it is named before."""
    back, number = "organisation.show", organisation_id
    return _end(lambda: _party(number), editing.end_party, back, organisation_id=number)


@structure.route("/<int:organisation_id>/units", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def serve(organisation_id: int) -> Answer:
    """Which units a branch serves, with days: add one."""
    branch = _party(organisation_id)
    if branch.kind is not PartyKind.BRANCH:
        raise Missing
    form = ServeForm()
    form.offer(services.unit_options(actor(), day_of(actor().at)))
    if form.validate_on_submit() and form.attempt(
        lambda: editing.serve_unit(
            actor(),
            branch,
            unit_id=form.unit_id,
            starts_on=form.starts_on.data,  # type: ignore[arg-type]
            ends_on=form.ends_on.data,
            key=form.once,
        )
    ):
        flash("已登记。", "good")
        return go(".serve", organisation_id=organisation_id)
    page = render_template(
        "organisation/serves.html",
        form=form,
        stop=StopServingForm(None),
        branch=branch,
        today=day_of(actor().at),
        units=sorted(branch.services, key=lambda service: (service.starts_on, service.id)),
    )
    return page, form.status


@structure.route("/<int:organisation_id>/units/stop", methods=["POST"])
@requires(Permission.EDIT_ORGANISATION)
def stop_serving(organisation_id: int) -> BaseResponse:
    """A branch no longer serves a unit after a day."""
    branch, form = _party(organisation_id), StopServingForm()
    text = form.service.data or ""
    if not form.validate() or form.last_day.data is None:
        raise Refused(next(iter(form.last_day.errors), "请填写最后一天，例如 2026-03-18。"))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    editing.stop_serving(actor(), branch, service_id=number, last_day=form.last_day.data, key=form.once)
    flash("已登记，以往的对应关系保留。", "good")
    return go(".serve", organisation_id=organisation_id)
