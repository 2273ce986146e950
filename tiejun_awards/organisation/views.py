"""Units and party organisations: two trees, and their details."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from ..shared.access import Permission
from ..shared.clock import day_of
from ..shared.moments import actor
from ..shared.web import listing as web_listing
from ..shared.web import requires
from . import rules, services
from .models import PartyKind

organisation = Blueprint("organisation", __name__, url_prefix="/organisation")


@organisation.route("/")
@requires(Permission.READ_ORGANISATION)
def index() -> str:
    """The tree of party organisations, with members and kinds; a search keeps matches only."""
    listing = web_listing(sorts=["tree"], filters=["q"])
    total, rows = services.page_of_tree(actor(), listing.filters["q"], listing.per_page, listing.page)
    listing = listing.counted(total)
    prefix = url_for(".show", organisation_id=0).removesuffix("0")
    return render_template(
        "organisation/index.html",
        tree=rules.as_tree(rows),
        listing=listing,
        PartyKind=PartyKind,
        prefix=prefix,
        today=day_of(actor().at),
    )


@organisation.route("/units")
@requires(Permission.READ_ORGANISATION)
def units() -> str:
    """The administrative units, in unit order."""
    listing = web_listing(sorts=["unit"], filters=["q"])
    total, rows = services.page_of_units(actor(), listing.filters["q"], listing.per_page, listing.page)
    prefix = url_for(".show_unit", unit_id=0).removesuffix("0")
    return render_template(
        "organisation/units.html", units=rows, listing=listing.counted(total), prefix=prefix, today=day_of(actor().at)
    )


@organisation.route("/<int:organisation_id>")
@requires(Permission.READ_ORGANISATION)
def show(organisation_id: int) -> str:
    """One party organisation: where it hangs, what it serves, how many members, who holds which post."""
    who = actor()
    found = services.get_visible(who, organisation_id)
    served = services.served_units(found, day_of(who.at))
    posts = services.posts_of(found.id, who.at) if found.kind is PartyKind.BRANCH else ()
    reminders = (
        rules.reminders(members=found.members, committee_size=found.committee_size, units=len(served))
        if found.kind is PartyKind.BRANCH
        else []
    )
    return render_template(
        "organisation/show.html",
        organisation=found,
        parents=services.parents(found),
        below=services.below(who, found),
        served=served,
        posts=posts,
        reminders=reminders,
        former=services.former_names(found),
        PartyKind=PartyKind,
    )


@organisation.route("/units/<int:unit_id>")
@requires(Permission.READ_ORGANISATION)
def show_unit(unit_id: int) -> str:
    """One unit and the branches that serve it."""
    who = actor()
    unit = services.get_visible_unit(who, unit_id)
    return render_template(
        "organisation/unit.html",
        unit=unit,
        former=services.former_names(unit),
        branches=services.branches_of_unit(unit.id, day_of(who.at)),
    )
