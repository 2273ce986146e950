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
from .accounts import services as account_services
from .accounts.sessions import Sessions
from .accounts.views import accounts, ask_to_sign_in, site, who_acts
from .ballots.booth import booth
from .ballots.counting import counting
from .ballots.views import ballots
from .calls.views import calls
from .decisions.views import decisions
from .files import queries as file_queries
from .files.views import files
from .home import reminders
from .home.views import home
from .honours.views import honours
from .messages import reminding
from .messages.views import messages
from .nominations.views import nominations
from .organisation import services as organisation_services
from .organisation.views import organisation
from .quarters.views import quarters
from .ratings import pages as rating_pages
from .ratings.branch_views import ratings
from .reports import due
from .reports import queries as report_queries
from .reports.views import reports
from .rulebook import services as rulebook_services
from .rulebook.views import rulebook
from .scoring import queries as scoring_queries
from .scoring.views import scoring
from .selection.views import selection
from .shared import jobs, web
from .shared.access import Permission
from .shared.db import db, engine_options
from .shared.web import NavItem
from .standards.views import standards
from .stars.views import stars

ROOT = Path(__file__).resolve().parent.parent

BLUEPRINTS = (
    *(home, accounts, reports, files, quarters, ratings, scoring, stars, standards, decisions, organisation, rulebook),
    *(ballots, counting, booth, messages),
)
SELECTION = (calls, nominations, selection, honours)

NAV = (
    NavItem("首页", "home.index", Permission.USE_SYSTEM),
    NavItem("季度报告", "reports.index", Permission.READ_REPORT),
    NavItem("季度情况", "quarters.index", Permission.READ_QUARTER),
    NavItem("催办", "messages.reminders", Permission.REMIND),
    NavItem("星级评定", "ratings.index", Permission.READ_RATINGS),
    NavItem("评分表", "scoring.index", Permission.MARK),
    NavItem("先进典型", "calls.index", Permission.READ_CALL, frozenset({"nominations", "selection", "honours"})),
    NavItem("核对登记", "decisions.index", Permission.CONFIRM_STEP),
    NavItem("测评票决", "ballots.index", Permission.READ_POLL),
    NavItem("组织", "organisation.index", Permission.READ_ORGANISATION),
    NavItem("规则", "rulebook.index", Permission.READ_RULES),
)


def create_app(config: Config) -> Flask:
    """The application of one installation. Raises RuntimeError for a route without a permission."""
    app = Flask("tiejun_awards", root_path=str(ROOT / "tiejun_awards"), template_folder=str(ROOT / "templates"))
    _configure(app, config)
    db.init_app(app)
    jobs.install(app, data_dir=config.data_dir, redis_url=config.huey_redis_url)
    _install_sign_in(app, config)
    web.install(app, nav=NAV, site=site)
    for blueprint in (*BLUEPRINTS, *SELECTION):
        app.register_blueprint(blueprint)
    commands.install(app, config)
    _hand_upwards()
    web.refuse_unguarded_routes(app)
    return app


def _hand_upwards() -> None:
    """Give lower features what only higher ones know."""
    scoring_queries.briefs[:] = [rating_pages.brief]
    organisation_services.posts_of = account_services.posts_of
    rulebook_services.before_and_after_days_change[:] = [lambda actor: due.write_down_due_days(db.session(), actor.at)]
    rulebook_services.deadlines_under[:] = [due.deadlines_under]
    reminding.providers[:] = reminders.PROVIDERS
    file_queries.owners["report"] = report_queries.FILES


def _configure(app: Flask, config: Config) -> None:
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        DATA_DIR=str(config.data_dir),
        FILES_URL=config.files_url,
        OLD_FORMATS=config.old_formats,
        CLAMD=config.clamd,
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
