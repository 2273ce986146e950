"""Pages of people: the list, one person with all posts, making, changing and disabling accounts, unused accounts."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ..documents.sheets import XLSX
from ..organisers import services as organisers
from ..shared.access import INSTALL_ROLES, Permission, Role, can
from ..shared.clock import day_of
from ..shared.errors import NotAllowed, Refused
from ..shared.fields import Both, save
from ..shared.moments import actor
from ..shared.seen import saw
from ..shared.web import download, go, requires
from ..shared.web import listing as web_listing
from . import people_exports, people_queries, posts, rules
from .models import Person, RoleGrant
from .people_forms import DisableForm, PersonForm
from .people_queries import FILTERS, SORTS
from .posts import About

people = Blueprint("people", __name__, url_prefix="/people")

Answer = BaseResponse | tuple[str, int]

STATES = [("", "全部"), ("used", "在用"), ("disabled", "停用")]


@people.route("/")
@requires(Permission.READ_PEOPLE)
def index() -> str:
    """Everybody within reach, in unit order, with the posts held today."""
    who, listing = actor(), web_listing(sorts=SORTS, filters=FILTERS)
    total, lines = people_queries.page_of(
        who, listing.filters, listing.sort, listing.descending, listing.per_page, listing.page
    )
    units, branches = _places([number for number, _ in people_queries.organisers(who, Permission.READ_PEOPLE)])
    return render_template(
        "accounts/people.html",
        lines=lines,
        listing=listing.counted(total),
        units=[("", "全部"), *((str(number), name) for number, name in units)],
        branches=[("", "全部"), *((str(number), name) for number, name in branches)],
        roles=[("", "全部"), *((role.value, role.label) for role in Role if role is not Role.STAFF)],
        states=STATES,
        export_path=f"{url_for('.export')}?{urlencode(listing.filters)}",
        prefix=url_for(".show", person_id=0).removesuffix("0"),
    )


def _places(organiser_ids: list[int]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    today = day_of(actor().at)
    return people_queries.units_of(organiser_ids, today), people_queries.branches_of(organiser_ids, today)


@people.route("/export")
@requires(Permission.READ_PEOPLE)
def export() -> BaseResponse:
    """The list as .xlsx under the page's filters."""
    saw(actor(), "oversight.saw_list")
    return _file(*people_exports.people_file(actor(), web_listing(sorts=SORTS, filters=FILTERS).filters))


def _file(name: str, content: bytes) -> BaseResponse:
    return download(content, XLSX, name)


@people.route("/unused")
@requires(Permission.READ_UNUSED_ACCOUNTS)
def unused() -> str:
    """The accounts nobody used for ninety days."""
    listing = web_listing(sorts=["last"])
    total, lines = people_queries.unused(actor(), listing.per_page, listing.page)
    return render_template(
        "accounts/unused.html",
        lines=lines,
        listing=listing.counted(total),
        days=rules.UNUSED_AFTER.days,
        prefix=url_for(".show", person_id=0).removesuffix("0"),
    )


@people.route("/unused/export")
@requires(Permission.READ_UNUSED_ACCOUNTS)
def export_unused() -> BaseResponse:
    """Them as .xlsx."""
    return _file(*people_exports.unused_file(actor()))


@people.route("/<int:person_id>")
@requires(Permission.READ_PEOPLE)
def show(person_id: int) -> str:
    """One person: the account, where he belongs, what he holds, held and will hold."""
    who = actor()
    person = people_queries.get_visible(who, person_id)
    saw(who, subject=person)
    held = people_queries.posts(who, person)
    mine = rules.gives(grant.role for grant in who.grants)
    today = day_of(who.at)
    may_give = bool(mine) and can(who, Permission.GRANT_POST, person) and person.id != who.person_id
    return render_template(
        "accounts/person.html",
        person=person,
        mobile=rules.masked(person.mobile or ""),
        running=[
            (grant, grant.role in mine and can(who, Permission.GRANT_POST, grant)) for grant in held if not _over(grant)
        ],
        history=[grant for grant in held if _over(grant)],
        today=today,
        warnings=_warnings(person, [grant for grant in held if not _over(grant)]),
        may_give=may_give and person.disabled_at is None,
        may_change=can(who, Permission.MANAGE_PEOPLE, person) and not _is_kept_from(held),
        may_disable=person.id != who.person_id and not _is_kept_from(held, rules.CONFIRMED_POSTS),
    )


def _over(grant: RoleGrant) -> bool:
    return grant.ends_on is not None and (grant.ends_on < day_of(actor().at) or grant.revoked_at is not None)


def _is_kept_from(held: Sequence[RoleGrant], roles: frozenset[Role] = INSTALL_ROLES) -> bool:
    """Whether the account is one that only a system administrator changes (or, by other roles, disables)."""
    holds = {grant.role for grant in held if not _over(grant)}
    return bool(holds & roles) and not actor().holds(Role.SYSTEM_ADMIN)


def _warnings(person: Person, running: list[RoleGrant]) -> list[str]:
    linked = sorted({(grant.organiser_id, grant.role) for grant in running if grant.role in rules.LINKS}, key=str)
    found = [posts.links_warning(person.id, organiser, role, day_of(actor().at)) for organiser, role in linked]
    return [sentence for sentence in found if sentence]


@people.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def new() -> Answer:
    """Make an account."""
    offered = people_queries.organisers(actor(), Permission.MANAGE_PEOPLE)
    form = PersonForm()
    _offer(form, [number for number, _ in offered])
    form.organiser.offer(offered, none="")
    if not form.is_submitted():
        form.organiser.data = str(actor().organiser_id)
    made = None
    if form.validate_on_submit():
        organiser = organisers.get(form.organiser.number or actor().organiser_id)
        made = form.made_by(lambda: posts.add_person(actor(), organiser, _about(form), key=form.once))
    if made is not None:
        flash(f"已建立{made.name}的账号。第一次登录要用登录条。", "good")
        return go(".show", person_id=made.id)
    return render_template("accounts/person_form.html", form=form, person=None, several=len(offered) > 1), form.status


@people.route("/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def edit(person_id: int) -> Answer:
    """Change who an account is for. Whoever saved meanwhile: both versions side by side."""
    person, rows = people_queries.get_visible(actor(), person_id), list[Both]()
    form = _of_person(PersonForm(), person)
    if form.validate_on_submit():
        done, rows = save(form, lambda: _change(person, form), lambda: _saved(person_id))
        if done:
            flash("已保存。", "good")
            return go(".show", person_id=person_id)
    person = people_queries.get_visible(actor(), person_id)
    if _is_kept_from(people_queries.posts(actor(), person)):
        raise NotAllowed("系统三类管理员的账号由系统管理员办理。")
    page = render_template("accounts/person_form.html", form=form, person=person, rows=rows)
    return page, 409 if rows else form.status


def _of_person(form: PersonForm, person: Person) -> PersonForm:
    del form.organiser  # an account stays its organiser's
    _offer(form, [person.organiser_id], person)
    if form.username.raw_data is None:  # not posted
        _fill(form, person)
    return form


def _saved(person_id: int) -> PersonForm:
    return _of_person(PersonForm(formdata=None), people_queries.get_visible(actor(), person_id))


def _change(person: Person, form: PersonForm) -> Person:
    return posts.change_person(actor(), person, _about(form), version=form.version.data or 0, key=form.once)


def _offer(form: PersonForm, organiser_ids: list[int], person: Person | None = None) -> None:
    units, branches = _places(organiser_ids)
    if person and person.unit and (person.unit.id, person.unit.name) not in units:
        units.append((person.unit.id, f"{person.unit.name}（已停用）"))
    if person and person.branch and (person.branch.id, person.branch.name) not in branches:
        branches.append((person.branch.id, f"{person.branch.name}（已撤销）"))
    form.unit.offer(units, "没有")
    form.branch.offer(branches, "没有")


def _fill(form: PersonForm, person: Person) -> None:
    form.version.data = person.version
    form.username.data, form.name.data, form.mobile.data = person.username, person.name, person.mobile or ""
    form.unit.data, form.branch.data = str(person.unit_id or ""), str(person.branch_id or "")


def _about(form: PersonForm) -> About:
    return About(
        form.username.data or "",
        form.name.data or "",
        form.mobile.data or "",
        form.unit.number,
        form.branch.number,
    )


@people.route("/<int:person_id>/disable", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def disable(person_id: int) -> Answer:
    """Disable an account, after the password was given again."""
    person = people_queries.get_visible(actor(), person_id)
    if not can(actor(), Permission.MANAGE_PEOPLE, person):
        raise NotAllowed("您现在的身份不能停用这个账号。")
    if not rules.is_fresh(actor().reauth_at, actor().at):
        return go("accounts.confirm", next=request.path)
    form = DisableForm()
    if form.validate_on_submit() and form.attempt(
        lambda: posts.disable_person(actor(), person, reason=form.reason.data or "", key=form.once)
    ):
        flash(f"{person.name}的账号已停用，登录已经结束。", "good")
        return go(".show", person_id=person_id)
    running = [grant for grant in people_queries.posts(actor(), person) if not _over(grant)]
    return render_template("accounts/disable.html", form=form, person=person, running=running), form.status


@people.route("/<int:person_id>/enable", methods=["POST"])
@requires(Permission.MANAGE_PEOPLE)
def enable(person_id: int) -> BaseResponse:
    """Give an account back."""
    person = people_queries.get_visible(actor(), person_id)
    form = DisableForm()
    try:
        posts.enable_person(actor(), person, key=form.once)
    except Refused as refused:
        if refused.field != "reauth":
            raise
        return go("accounts.confirm", next=url_for(".show", person_id=person_id))
    flash(f"{person.name}的账号已恢复。", "good")
    return go(".show", person_id=person_id)
