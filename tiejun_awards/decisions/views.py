"""Pages of the second hand: what was registered and waits to be compared with the paper."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission
from ..shared.moments import actor
from ..shared.web import go, requires
from . import services
from .forms import ConfirmForm

decisions = Blueprint("decisions", __name__, url_prefix="/decisions")


@decisions.route("/")
@requires(Permission.CONFIRM_STEP)
def index() -> str:
    """What waits to be confirmed, and what was."""
    return render_template(
        "decisions/index.html", waiting=services.to_confirm(actor()), confirmed=services.confirmed(actor())
    )


@decisions.route("/<int:step_id>", methods=["GET", "POST"])
@requires(Permission.CONFIRM_STEP)
def confirm(step_id: int) -> BaseResponse | tuple[str, int]:
    """Compare one registered decision with the paper."""
    step = services.get_visible(actor(), step_id)
    form = ConfirmForm()
    if form.validate_on_submit() and form.attempt(
        lambda: services.confirm(actor(), step, number=form.number.data or "", key=form.once)
    ):
        flash(f"{step.about}的{step.kind.label}已核对。", "good")
        return go(".index")
    return render_template("decisions/confirm.html", step=step, form=form), form.status
