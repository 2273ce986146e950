"""Pages that change units and party organisations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, TypeVar

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response as BaseResponse

from ..organisers import services as organisers
from ..shared.access import Permission, can
from ..shared.clock import day_of
from ..shared.errors import NotAllowed, Refused
from ..shared.fields import Both, save
from ..shared.moments import actor
from ..shared.web import go, requires
from . import editing, services
from .editing import PartyFacts, UnitFacts
from .forms import EndForm, PartyForm, RenameForm, UnitForm
from .models import BranchKind, PartyKind, PartyOrganisation, Unit, UnitKind

structure = Blueprint("structure", __name__, url_prefix="/organisation")

Answer = BaseResponse | tuple[str, int]

R = TypeVar("R", Unit, PartyOrganisation)


def _unit(unit_id: int) -> Unit:
    return editable(services.get_visible_unit(actor(), unit_id))


def _party(organisation_id: int) -> PartyOrganisation:
    return editable(services.get_visible(actor(), organisation_id))


def editable(row: R) -> R:
    """The row, where its reader may change it. Raises NotAllowed."""
    if not can(actor(), Permission.EDIT_ORGANISATION, row):
        raise NotAllowed("您现在的身份不能在这里修改。")
    return row


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
    unit, rows = _unit(unit_id), list[Both]()
    form = _of_unit(UnitForm(obj=unit), unit)
    if form.validate_on_submit():
        done, rows = save(
            form,
            lambda: editing.change_unit(
                actor(), unit, _unit_facts(form), version=form.version.data or 0, key=form.once
            ),
            lambda: _saved_unit(unit_id),
        )
        if done:
            flash("已保存。", "good")
            return go("organisation.show_unit", unit_id=unit_id)
    page = render_template("organisation/edit_unit.html", form=form, unit=_unit(unit_id), rows=rows)
    return page, 409 if rows else form.status


def _of_unit(form: UnitForm, unit: Unit) -> UnitForm:
    form.offer(list(UnitKind), services.parent_options(actor(), Unit, unit.id))
    if form.kind.raw_data is None:  # not posted
        form.kind.data, form.parent.data = unit.kind.value, str(unit.parent_id or "")
    return form


def _saved_unit(unit_id: int) -> UnitForm:
    unit = _unit(unit_id)
    return _of_unit(UnitForm(formdata=None, obj=unit), unit)


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
    row, form, rows = find(), RenameForm(), list[Both]()
    if not form.is_submitted():
        form.version.data = row.version
    if form.validate_on_submit():
        done, rows = save(
            form,
            lambda: verb(
                actor(),
                row,
                name=form.name.data or "",
                since=form.since.data,
                version=form.version.data or 0,
                key=form.once,
            ),
            lambda: _saved_name(find()),
        )
        if done:
            flash("已更名，原来的名称保留在记录里。", "good")
            return go(back, **address)
    page = render_template("organisation/rename.html", form=form, row=find(), back=back, address=address, rows=rows)
    return page, 409 if rows else form.status


def _saved_name(row: Unit | PartyOrganisation) -> RenameForm:
    earlier = services.former_names(row)
    since = earlier[0].until + timedelta(days=1) if earlier else None
    return RenameForm(formdata=None, version=row.version, name=row.name, since=since)


def _end(find: Callable[[], Any], verb: Any, back: str, **address: int) -> Answer:
    row, form, rows = find(), EndForm(), list[Both]()
    today = day_of(actor().at)
    ended = _ended(row)
    if not form.is_submitted():
        form.version.data, form.last_day.data = row.version, ended or today
    if form.validate_on_submit():
        if form.last_day.data is None and ended is None:
            form.say(Refused("请填写最后一天，例如 2026-03-18。", field="last_day"))
        else:
            done, rows = save(
                form,
                lambda: verb(actor(), row, last_day=form.last_day.data, version=form.version.data or 0, key=form.once),
                lambda: _saved_end(find()),
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
        rows=rows,
    )
    return page, 409 if rows else form.status


def _ended(row: Unit | PartyOrganisation) -> date | None:
    return row.ends_on if isinstance(row, Unit) else row.ended_on


def _saved_end(row: Unit | PartyOrganisation) -> EndForm:
    return EndForm(formdata=None, version=row.version, last_day=_ended(row))


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
    party, rows = _party(organisation_id), list[Both]()
    form = _of_party(PartyForm(obj=party), party)
    if form.validate_on_submit():
        done, rows = save(
            form,
            lambda: editing.change_party(
                actor(), party, _party_facts(form), version=form.version.data or 0, key=form.once
            ),
            lambda: _saved_party(organisation_id),
        )
        if done:
            flash("已保存。", "good")
            return go("organisation.show", organisation_id=organisation_id)
    page = render_template("organisation/edit_party.html", form=form, party=_party(organisation_id), rows=rows)
    return page, 409 if rows else form.status


def _of_party(form: PartyForm, party: PartyOrganisation) -> PartyForm:
    _offer_party(form, party.id)
    if form.kind.raw_data is None:  # not posted
        form.kind.data, form.parent.data = party.kind.value, str(party.parent_id or "")
        form.branch_kind.data = party.branch_kind.value if party.branch_kind else ""
    return form


def _saved_party(organisation_id: int) -> PartyForm:
    party = _party(organisation_id)
    return _of_party(PartyForm(formdata=None, obj=party), party)


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
