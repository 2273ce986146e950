"""Pages of posts: giving one, ending one, handing one over."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ..shared.access import Permission, Role, can
from ..shared.clock import day_of
from ..shared.db import db
from ..shared.errors import NotAllowed, Refused, Stale
from ..shared.fields import Both, save
from ..shared.moments import actor
from ..shared.web import go, requires
from . import handing_over, people_queries, posts, rules
from .models import Person, RoleGrant
from .people_forms import EndPostForm, HandOverForm, PostForm
from .posts import Term

posts_pages = Blueprint("posts", __name__, url_prefix="/people")

Answer = BaseResponse | tuple[str, int]


def _must_confirm(*roles: Role) -> bool:
    """Whether the password has to be given again before the form is filled in."""
    return bool(set(roles) & rules.CONFIRMED_POSTS) and not rules.is_fresh(actor().reauth_at, actor().at)


def _refuse_elsewhere(subject: Person | RoleGrant) -> None:
    if not can(actor(), Permission.GRANT_POST, subject):
        raise NotAllowed("您现在的身份不能在这里任免。")


@posts_pages.route("/<int:person_id>/posts/new", methods=["GET", "POST"])
@requires(Permission.GRANT_POST)
def give(person_id: int) -> Answer:
    """Give somebody a post."""
    who = actor()
    person = people_queries.get_visible(who, person_id)
    _refuse_elsewhere(person)
    mine = rules.gives(grant.role for grant in who.grants)
    if _must_confirm(*mine):
        return go("accounts.confirm", next=request.path)
    today = day_of(who.at)
    form = PostForm()
    form.offer(
        [role for role in Role if role in mine],
        people_queries.branches_of([person.organiser_id], today),
        people_queries.units_of([person.organiser_id], today),
    )
    if not form.is_submitted():
        form.starts_on.data = today
    made = None
    if form.validate_on_submit():
        made = form.made_by(lambda: posts.grant_post(who, person, _term(form), key=form.once))
    if made is not None:
        flash(f"{person.name}已任{made.title}。", "good")
        warning = posts.links_warning(person.id, made.organiser_id, made.role, today)
        if warning:
            flash(warning, "look")
        return go("people.show", person_id=person_id)
    return render_template("accounts/give_post.html", form=form, person=person, roles=mine, Role=Role), form.status


def _term(form: PostForm) -> Term:
    offered = {choice[0] for choice in form.role.choices or ()} - {""}
    if form.role.data not in offered:
        raise Refused("请选任什么职务。", field="role")
    assert form.starts_on.data is not None
    return Term(
        Role(form.role.data),
        form.starts_on.data,
        form.ends_on.data,
        form.branch.number,
        form.unit.number,
        bool(form.acting.data),
        form.reason.data or "",
        bool(form.elsewhere.data),
    )


@posts_pages.route("/posts/<int:grant_id>/end", methods=["GET", "POST"])
@requires(Permission.GRANT_POST)
def end(grant_id: int) -> Answer:
    """End a post after its last day."""
    grant = people_queries.get_post(actor(), grant_id)
    _refuse_elsewhere(grant)
    if _must_confirm(grant.role):
        return go("accounts.confirm", next=request.path)
    form, rows = EndPostForm(), list[Both]()
    if not form.is_submitted():
        form.version.data, form.last_day.data = grant.version, day_of(actor().at) - timedelta(days=1)
    if form.validate_on_submit():
        done, rows = save(form, lambda: _end(grant, form), lambda: _saved_end(grant_id))
        if done:
            grant = people_queries.get_post(actor(), grant_id)
            flash(f"{grant.person.name}的{grant.title}任职已登记结束，记录保留。", "good")
            sentence, runs = handing_over.became(db.session(), grant) if grant.revoked_at else ("", True)
            if sentence:
                flash(sentence, "good" if runs else "look")
            return go("people.show", person_id=grant.person_id)
    grant = people_queries.get_post(actor(), grant_id)
    planned = grant.revoked_at is None and grant.starts_on >= day_of(actor().at)
    page = render_template(
        "accounts/end_post.html",
        form=form,
        grant=grant,
        rows=rows,
        taken_over=handing_over.will_be(db.session(), grant) if planned else "",
    )
    return page, 409 if rows else form.status


def _end(grant: RoleGrant, form: EndPostForm) -> RoleGrant:
    assert form.last_day.data is not None
    return posts.end_post(actor(), grant, last_day=form.last_day.data, version=form.version.data, key=form.once)


def _saved_end(grant_id: int) -> EndPostForm:
    grant = people_queries.get_post(actor(), grant_id)
    return EndPostForm(formdata=None, version=grant.version, last_day=grant.ends_on)


@posts_pages.route("/posts/<int:grant_id>/hand-over", methods=["GET", "POST"])
@requires(Permission.GRANT_POST)
def hand_over(grant_id: int) -> Answer:
    """One holder's post ends, another's begins."""
    grant = people_queries.get_post(actor(), grant_id)
    _refuse_elsewhere(grant)
    if _must_confirm(grant.role):
        return go("accounts.confirm", next=request.path)
    form = HandOverForm()
    if not form.is_submitted():
        form.version.data, form.from_day.data = grant.version, day_of(actor().at)
    made, late = None, False
    if form.validate_on_submit():
        try:
            made = form.made_by(lambda: _hand_over(grant, form))
        except Stale:
            grant, late = people_queries.get_post(actor(), grant_id), True
            form.version.raw_data, form.version.data = None, grant.version
            form.form_errors.append("您打开页面之后，有人先改了现任的任期。现在的任期写在上面，核对后再办。")
    if made is not None:
        flash(f"{grant.title}已由{grant.person.name}交接给{made.person.name}。", "good")
        return go("people.show", person_id=made.person_id)
    candidates = people_queries.successors(actor(), grant)
    page = render_template("accounts/hand_over.html", form=form, grant=grant, candidates=candidates)
    return page, 409 if late else form.status


def _hand_over(grant: RoleGrant, form: HandOverForm) -> RoleGrant:
    successor = people_queries.by_username(grant.person.organiser_id, form.to.data or "")
    if successor is None:
        raise Refused("没有这个账号，请从名单里选，或者先建立账号。", field="to")
    assert form.from_day.data is not None
    return posts.hand_over_post(
        actor(),
        grant,
        to=successor.id,
        from_day=form.from_day.data,
        ends_on=form.ends_on.data,
        elsewhere=bool(form.elsewhere.data),
        end_acting=bool(form.end_acting.data),
        version=form.version.data,
        key=form.once,
    )
