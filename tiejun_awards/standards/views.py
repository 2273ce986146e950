"""Pages of standards: the shelf, one standard with who gives the value of each line."""

from __future__ import annotations

from flask import Blueprint, render_template

from ..shared.access import Permission
from ..shared.moments import actor
from ..shared.web import requires
from . import rules, services

standards = Blueprint("standards", __name__, url_prefix="/standards")


@standards.route("/")
@requires(Permission.READ_STANDARDS)
def index() -> str:
    """The organiser's standards, and the product's proposal where there is none yet."""
    found = services.all_visible(actor())
    proposal = None if found else rules.read(services.default_content())
    return render_template("standards/index.html", standards=found, proposal=proposal, points=rules.points)


@standards.route("/<int:standard_id>")
@requires(Permission.READ_STANDARDS)
def show(standard_id: int) -> str:
    """One standard, whole."""
    standard = services.get_visible(actor(), standard_id)
    scheme = services.scheme_with(standard.id, standard.digest)
    return render_template("standards/show.html", standard=standard, scheme=scheme, points=rules.points)
