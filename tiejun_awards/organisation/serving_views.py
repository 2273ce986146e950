"""Pages of the units a branch serves."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.errors import Missing
from ..shared.moments import actor
from ..shared.web import go, requires
from . import editing, services
from .edit_views import editable
from .forms import ServeForm, StopServingForm
from .models import PartyKind, PartyOrganisation

serving = Blueprint("serving", __name__, url_prefix="/organisation")

Answer = BaseResponse | tuple[str, int]


def _branch(organisation_id: int) -> PartyOrganisation:
    branch = editable(services.get_visible(actor(), organisation_id))
    if branch.kind is not PartyKind.BRANCH:
        raise Missing
    return branch


@serving.route("/<int:organisation_id>/units", methods=["GET", "POST"])
@requires(Permission.EDIT_ORGANISATION)
def serve(organisation_id: int) -> Answer:
    """Which units a branch serves, with days: add one."""
    branch = _branch(organisation_id)
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
    return _page(branch, form, StopServingForm(None)), form.status


def _page(branch: PartyOrganisation, form: ServeForm, stop: StopServingForm) -> str:
    return render_template(
        "organisation/serves.html",
        form=form,
        stop=stop,
        branch=branch,
        today=day_of(actor().at),
        units=sorted(branch.services, key=lambda service: (service.starts_on, service.id)),
    )


@serving.route("/<int:organisation_id>/units/stop", methods=["POST"])
@requires(Permission.EDIT_ORGANISATION)
def stop(organisation_id: int) -> Answer:
    """A branch no longer serves a unit after a day. What is wrong is said beside the day."""
    branch, form = _branch(organisation_id), StopServingForm()
    if form.validate() and form.attempt(lambda: _stop(branch, form)):
        flash("已登记，以往的对应关系保留。", "good")
        return go(".serve", organisation_id=organisation_id)
    other = ServeForm(None)
    other.offer(services.unit_options(actor(), day_of(actor().at)))
    return _page(_branch(organisation_id), other, form), form.status


def _stop(branch: PartyOrganisation, form: StopServingForm) -> PartyOrganisation:
    assert form.last_day.data is not None
    return editing.stop_serving(actor(), branch, service_id=form.service_id, last_day=form.last_day.data, key=form.once)
