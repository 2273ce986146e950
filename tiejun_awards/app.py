"""Putting the application together: read it like a table of contents."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config

from . import commands
from .accounts import exports as account_exports
from .accounts import people as people_helpers
from .accounts import people_queries
from .accounts import services as account_services
from .accounts.desk_views import sign_ins
from .accounts.own_views import own
from .accounts.password_rules import Profile
from .accounts.people_views import people
from .accounts.policy import Policy
from .accounts.post_views import posts_pages
from .accounts.sessions import Sessions
from .accounts.views import accounts, ask_to_confirm, ask_to_sign_in, site, who_acts
from .ballots.booth import booth
from .ballots.counting import counting
from .ballots.views import ballots
from .calls import services as call_services
from .calls.views import calls
from .decisions.views import decisions
from .files import exports as file_exports
from .files import queries as file_queries
from .files.views import files
from .home import exports as home_exports
from .home import reminders
from .home.views import home
from .honours import exports as honour_exports
from .honours.views import honours
from .imports import views as import_views
from .imports.views import imports
from .messages import reminding
from .messages.views import messages
from .nominations import exports as nomination_exports
from .nominations.views import nominations
from .organisation import services as organisation_services
from .organisation.edit_views import structure
from .organisation.serving_views import serving
from .organisation.views import organisation
from .oversight import exports as oversight_exports
from .oversight import services as oversight_services
from .oversight.views import oversight, supervision
from .papers import queries as paper_queries
from .papers.transcribing import transcribing
from .papers.views import papers
from .quarters.views import quarters
from .ratings import pages as rating_pages
from .ratings import queries as rating_queries
from .ratings import trials as rating_trials
from .ratings.trial_views import ratings
from .reports import due
from .reports import exports as report_exports
from .reports import queries as report_queries
from .reports.paper_form import ReportPaper
from .reports.views import reports
from .rulebook import changes as rule_changes
from .rulebook import services as rulebook_services
from .rulebook.views import rulebook
from .scoring import exports as scoring_exports
from .scoring import queries as scoring_queries
from .scoring.views import scoring
from .selection.views import selection
from .setup.views import setup
from .shared import jobs, web
from .shared.access import Permission
from .shared.db import db, engine_options
from .shared.web import NavGroup, NavItem
from .standards.views import standards
from .stars.views import stars

ROOT = Path(__file__).resolve().parent.parent

BLUEPRINTS = (
    *(home, accounts, reports, files, quarters, ratings, scoring, stars, standards, decisions, organisation, rulebook),
    *(ballots, counting, booth, oversight, supervision),
    *(own, sign_ins, setup),
    *(papers, transcribing, messages),
)
SELECTION = (calls, nominations, selection, honours)
PEOPLE = (people, posts_pages, structure, serving, imports)

REMINDERS = frozenset({"messages.reminders", "messages.lines", "messages.remind_now"})
ORGANISATION = frozenset({"organisation", "structure", "serving"})

NAV = (
    NavGroup("首页", (NavItem("首页", "home.index", Permission.USE_SYSTEM),)),
    NavGroup(
        "季度报告",
        (
            NavItem("各支部情况", "quarters.index", Permission.READ_QUARTER),
            NavItem("报告", "reports.index", Permission.READ_REPORT, frozenset({"reports", "files"})),
            NavItem("代录", "papers.index", Permission.READ_PAPER, frozenset({"papers", "transcribing"})),
            NavItem("催办", "messages.reminders", Permission.REMIND, REMINDERS),
        ),
    ),
    NavGroup(
        "星级评定",
        (
            NavItem("评定", "ratings.index", Permission.READ_RATINGS),
            NavItem("评分表", "scoring.index", Permission.MARK),
            NavItem("已定的星级", "stars.index", Permission.READ_STARS),
            NavItem("评定标准", "standards.index", Permission.READ_STANDARDS),
        ),
    ),
    NavGroup(
        "先进典型",
        (
            NavItem("推荐通知", "calls.index", Permission.READ_CALL, frozenset({"calls", "nominations", "selection"})),
            NavItem("光荣榜", "honours.index", Permission.READ_HONOUR),
        ),
    ),
    NavGroup("核对登记", (NavItem("核对登记", "decisions.index", Permission.CONFIRM_STEP),)),
    NavGroup("测评票决", (NavItem("测评票决", "ballots.index", Permission.READ_POLL),)),
    NavGroup(
        "组织",
        (
            NavItem("党组织和单位", "organisation.index", Permission.READ_ORGANISATION, ORGANISATION),
            NavItem("人员", "people.index", Permission.READ_PEOPLE, frozenset({"people", "posts"})),
            NavItem("登录管理", "sign_ins.index", Permission.READ_SIGN_INS),
            NavItem("导入导出", "imports.index", Permission.IMPORT_DATA),
        ),
    ),
    NavGroup(
        "规则",
        (
            NavItem("规则", "rulebook.index", Permission.READ_RULES),
            NavItem("待定事项", "setup.questions", Permission.READ_RULES),
        ),
    ),
    NavGroup(
        "监督",
        (
            NavItem("监督页", "supervision.index", Permission.READ_SUPERVISION),
            NavItem("审计日志", "oversight.trail", Permission.READ_AUDIT),
        ),
    ),
)


def create_app(config: Config) -> Flask:
    """The application of one installation. Raises RuntimeError for a route without a permission."""
    app = Flask("tiejun_awards", root_path=str(ROOT / "tiejun_awards"), template_folder=str(ROOT / "templates"))
    _configure(app, config)
    db.init_app(app)
    jobs.install(app, data_dir=config.data_dir, redis_url=config.huey_redis_url)
    _install_sign_in(app, config)
    web.install(app, nav=NAV, site=site)
    for blueprint in (*BLUEPRINTS, *SELECTION, *PEOPLE):
        app.register_blueprint(blueprint)
    commands.install(app, config)
    _hand_upwards()
    web.refuse_unguarded_routes(app)
    return app


def _hand_upwards() -> None:
    """Give lower features what only higher ones know."""
    oversight_services.titles.update(
        party_organisation=organisation_services.names_of,
        unit=organisation_services.unit_names_of,
        person=people_helpers.names_of,
        report=report_queries.titles_of,
        role_grant=people_queries.post_titles_of,
        rule_value=rulebook_services.titles_of,
        day_notice=rulebook_services.notice_titles_of,
        transcription=paper_queries.titles_of,
        rating_trial=rating_trials.titles_of,
    )
    scoring_queries.briefs[:] = [rating_pages.brief]
    organisation_services.posts_of = people_helpers.posts_of
    organisation_services.hanging[:] = [people_helpers.hangs_on, report_queries.hangs_on]
    rulebook_services.before_and_after_days_change[:] = [lambda actor: due.write_down_due_days(db.session(), actor.at)]
    rulebook_services.deadlines_under[:] = [due.deadlines_under]
    rule_changes.refuse_unconfirmed = account_services.refuse_unconfirmed
    rule_changes.under_way[:] = [rating_queries.under_way, call_services.under_way]
    rule_changes.effects[:] = [due.seen_to_change]
    reminding.providers[:] = reminders.PROVIDERS
    import_views.after_people[:] = [(Permission.ISSUE_SLIP, "打印首次登录条", "sign_ins.index", {"state": "none"})]
    file_queries.owners["report"] = report_queries.FILES
    file_queries.owners["paper"] = paper_queries.FILES
    paper_queries.forms["report"] = ReportPaper()
    account_exports.providers[:] = [
        *(report_exports.my_data, scoring_exports.my_data, nomination_exports.my_data, honour_exports.my_data),
        *(file_exports.my_data, home_exports.my_data, oversight_exports.my_data),
    ]


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        DATA_DIR=str(config.data_dir),
        FILES_URL=config.files_url,
        OLD_FORMATS=config.old_formats,
        CLAMD=config.clamd,
        AUDIT_KEY=config.audit_key or str(config.data_dir / "audit.key"),
        AUDIT_CHECKPOINTS=config.audit_checkpoints or str(config.data_dir / "checkpoints.txt"),
        DEMO=config.demo,
        TESTING=config.testing,
        PUBLIC_URL=config.public_url,
        SMTP=config.smtp,
        MAX_CONTENT_LENGTH=24 * 2**20,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3_600,
        TEMPLATES_AUTO_RELOAD=False,
    )
    if config.public_url:
        app.config["TRUSTED_HOSTS"] = [urlsplit(config.public_url).hostname or "", "127.0.0.1", "localhost"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, 0, hops)  # type: ignore[method-assign]


def _install_sign_in(app: Flask, config: Config) -> None:
    app.session_interface = Sessions(config.secret_key, secure=not config.demo)
    CSRFProtect(app)
    login = LoginManager(app)
    login.session_protection = None
    login.request_loader(who_acts)
    app.extensions["ask_to_sign_in"] = ask_to_sign_in
    app.extensions["ask_to_confirm"] = ask_to_confirm
    required = not config.demo if config.two_step_required is None else config.two_step_required
    app.extensions["sign_in_policy"] = Policy(
        Profile(config.password_profile), config.password_days, config.most_sessions, required
    )
