"""What holds for the code base as a whole."""

from __future__ import annotations

import ast
import html
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import Environment

from config import Config
from tests import builders, exemplars, schema
from tests.ballots import polls
from tests.builders import World
from tests.conftest import SignIn, Statements
from tests.databases import Databases
from tests.pages import HALF_WIDTH
from tests.papers import made as signed
from tiejun_awards.accounts import services as accounts
from tiejun_awards.app import create_app
from tiejun_awards.ballots import services as ballots
from tiejun_awards.organisation.models import Unit
from tiejun_awards.reports.rules import State
from tiejun_awards.shared import clock, migrating, web
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.db import IMMUTABLE_TABLES, Base, db, one_transaction

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "tiejun_awards").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PYTHON = [*CODE, ROOT / "config.py", ROOT / "wsgi.py"]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def prose(path: Path) -> set[ast.AST]:
    """The docstrings of a file, and the texts that stand below a name to explain it."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found.add(statement.value)
    return found


def calls(path: Path) -> Iterator[tuple[str, str]]:
    """(function they stand in, what is called) for every call in a file; methods by their last word."""

    def walk(node: ast.AST, inside: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            within = child.name if isinstance(child, ast.FunctionDef | ast.ClassDef) else inside
            if isinstance(child, ast.Call):
                called = child.func
                yield inside, called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            yield from walk(child, within)

    yield from walk(tree(path), "")


# Routes.


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that asks its database nothing."""
    folder = tmp_path_factory.mktemp("bare")
    return create_app(Config(folder, "demo", "of-the-tests-only-" * 3, f"sqlite:///{folder / 'none.db'}", testing=True))


def test_every_route_names_a_permission_or_is_on_the_short_open_list(bare: Flask):
    open_routes = {
        rule.endpoint
        for rule in bare.url_map.iter_rules()
        if not hasattr(bare.view_functions[rule.endpoint], "permission")
    }

    assert open_routes == {
        *("static", "accounts.sign_in", "accounts.large_text", "home.healthz"),
        *("accounts.code", "accounts.slip", "accounts.panel_slip"),  # the second step, and printed slips
        *("booth.enter", "booth.slip", "booth.receipt"),  # by 测评码: nobody is to be known there
        "setup.begin",  # by setup code, while there is nobody
    }


def test_an_application_with_an_unguarded_route_does_not_start(tmp_path: Path):
    application = create_app(Config(tmp_path, "demo", "x" * 40, "sqlite://", testing=True))
    application.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(RuntimeError, match=r"^/forgotten names no permission$"):
        web.refuse_unguarded_routes(application)


# Templates.


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_each_template_compiles(bare: Flask, path: Path):
    bare.jinja_env.get_template(str(path.relative_to(ROOT / "templates")))


def test_every_template_is_used(bare: Flask):
    sources = [path.read_text("utf-8") for path in (*CODE, *TEMPLATES)]
    unused = [
        relative
        for relative in (str(path.relative_to(ROOT / "templates")) for path in TEMPLATES)
        if not re.match(r"errors/\d+\.html|style_sheet\.html", relative)
        if not any(f'"{relative}"' in source for source in sources)
    ]

    assert unused == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_switches_escaping_off(path: Path):
    assert re.findall(r"\|\s*safe\b|autoescape\s+false|Markup", path.read_text("utf-8")) == []


def test_no_code_makes_markup_by_hand():
    assert [name(path) for path in CODE if "Markup" in {called for _, called in calls(path)}] == []


FORMALISM = r"打卡|签到(?!表)|点赞|排行|排名|晒单|刷屏|自拍|连续\d*天|积分榜|积分排"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_no_template_speaks_of_what_formalism_counts(path: Path):
    assert re.findall(FORMALISM, path.read_text("utf-8")) == []


def test_no_column_holds_what_formalism_counts():
    words = {"check_in", "checkin", "signed_in_at", "likes", "points", "streak", "rank", "ranking", "position_lat"}
    words |= {"latitude", "longitude", "location", "photo", "screenshot", "clicks", "views", "duration"}
    columns = {column.name for table in Base.metadata.tables.values() for column in table.columns}

    assert columns & words == set()


# Chinese typography.


def said_in_template(source: str) -> Iterator[str]:
    """The texts of a template, line by line, a value in their middle as 0; and those written inside its tags."""
    line = ""
    environment = Environment(autoescape=True)
    for _, kind, text in environment.lex(re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)):
        if kind == "data":
            line += text
        elif kind == "variable_begin":
            line += "0"
        elif kind == "string":
            yield text
    yield from html.unescape(re.sub(r"<[^>]*>", "\n", line)).splitlines()


PATTERN = re.compile(r"\(\?|\[0-9|\?\||\]\*")


def said_in_code(path: Path) -> Iterator[str]:
    """The texts of a Python file, a value in their middle as 0; patterns are no texts."""
    parts: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr):
            parts |= set(node.values)
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)
            if not PATTERN.search(text):
                yield text
    for node in set(ast.walk(tree(path))) - parts - prose(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not PATTERN.search(node.value):
            yield node.value


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_chinese_in_templates_is_set_with_full_width_punctuation(path: Path):
    assert [text for text in said_in_template(path.read_text("utf-8")) if HALF_WIDTH.search(text)] == []


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_chinese_in_code_is_set_with_full_width_punctuation(path: Path):
    assert [text for text in said_in_code(path) if HALF_WIDTH.search(text)] == []


# Files.

USUAL_FILES = {"__init__", "rules", "models", "services", "forms", "views", "exports"}
FURTHER_FILES = {
    "accounts/handing_over": "from whom a post was taken over, and giving it back",
    "accounts/people": "making accounts, giving posts: helpers of the verbs that do",
    "accounts/people_exports": "lists of people; one's own data is another file",
    "accounts/people_forms": "forms of people and posts; those of signing in are as many",
    "accounts/people_queries": "finding people, and accounts nobody uses",
    "accounts/people_views": "pages of people; those of signing in are as long again",
    "accounts/post_views": "pages of posts",
    "accounts/posts": "the verbs on people and posts; those of signing in are as long again",
    "accounts/post_sheets": "posts as an import reads them: half of it are the rules",
    "accounts/sheets": "people as an import reads them",
    "organisation/editing": "the verbs; finding is as long again",
    "organisation/edit_views": "pages that change things; those that show them are as long again",
    "organisation/naming": "no two of one name at one time",
    "organisation/serving_views": "pages of the units a branch serves",
    "organisation/sheets": "units and party organisations as an import reads them",
    "stars/sheets": "earlier stars as an import reads them",
    "honours/sheets": "earlier honours as an import reads them",
    "files/tables": "the child's task of reading tables",
    "accounts/slips": "printed one-time codes",
    "accounts/signing_in": "getting in: before it there is nobody who could act",
    "accounts/passwords": "hashing, and the list of common ones",
    "accounts/password_rules": "what a new password must be, pure",
    "accounts/policy": "the settings of signing in",
    "accounts/throttle": "back-off, counted in the database",
    "accounts/totp": "codes by time, pure",
    "accounts/factors": "the second step",
    "accounts/live_sessions": "session rows: opened, listed, ended",
    "accounts/carrying": "typed text that waits for its writer",
    "accounts/own": "verbs on one's own way of signing in",
    "accounts/desk": "verbs on other people's",
    "accounts/own_views": "pages of one's own settings",
    "accounts/desk_views": "pages of those who help others to sign in",
    "oversight/supervising": "the lines of the supervision page",
    "oversight/words": "what everything in the trail is called",
    "imports/importing": "planning and writing what a workbook brings",
    "imports/lines": "the sheets, read line by line",
    "accounts/sessions": "Flask's session interface over the session table",
    "home/rating_todos": "what waits in star ratings, one statement a hat",
    "ratings/branch_views": "pages of one branch in a cycle; those of the cycle are as long again",
    "ratings/branches": "verbs of one branch in a cycle",
    "ratings/letters": "what a branch is shown of its result",
    "ratings/pages": "what the pages of a cycle show, worked out",
    "ratings/queries": "finding cycles, branches and standings",
    "ratings/results": "where the branches of a closed cycle stand",
    "ratings/settling": "from sheets to stars; brings numpy, so it is opened late",
    "ratings/verifying": "recomputing what was published",
    "ratings/trial_rules": "what a trial varies and comes to, pure",
    "ratings/trial_views": "pages of trials",
    "ratings/trials": "running a trial; the verbs on one while marks are in",
    "scoring/queries": "a judge's own sheets; the verbs are as long again",
    "scoring/panel_queries": "the sheets of a panel, counted",
    "reports/counts": "what ratings count from reports",
    "files/store": "where the bytes lie",
    "files/scanning": "asking a virus scanner",
    "files/sandbox": "starting the child process that reads hostile input",
    "files/child": "that process: its limits, its tasks",
    "files/checks": "signatures and containers, pure",
    "files/pictures": "the parts of pictures, pure",
    "files/checking": "the child's task of checking, with decoders",
    "files/previewing": "the child's task of drawing",
    "files/stripping": "what tells who made a file, taken out",
    "files/previews": "the job that has previews drawn",
    "files/queries": "finding attachments through their owner",
    "reports/sections": "the form of the report as data",
    "reports/drafts": "reading what was typed: as long as the workflow itself",
    "reports/due": "due days, which the rulebook and the quarters ask for too",
    "reports/queries": "finding reports; the verbs are as long again",
    "reports/lists": "the lists of reports, by one index each",
    "reports/pages": "what the editor shows, worked out",
    "reports/paper_form": "the report as a form on paper",
    "papers/codes": "the code of a printed form, pure",
    "papers/queries": "finding forms, printed ones and transcriptions",
    "papers/transcribing": "pages of typing; the list and the comparison are as long again",
    "home/paper_todos": "what waits of the papers",
    "messages/reminding": "which tasks are open, whose they are, sending one of the three",
    "messages/mailing": "e-mail, sent by the work process",
    "home/reminders": "what people are reminded of, a statement or two a kind",
    "home/exemplars": "what waits at home of the calls",
    "nominations/queries": "finding suggestions and recommendations, each reader's part",
    "nominations/pages": "what the pages show, worked out",
    "rulebook/arrangements": "which notices of days hold beside each other",
    "rulebook/notices_text": "reading a pasted notice: three files, one grammar",
    "rulebook/notice_spans": "reading a pasted notice",
    "rulebook/notice_statements": "reading a pasted notice",
    "rulebook/official_days": "the package's days as ours",
    "rulebook/changes": "the verbs of rules; those of days are as long again",
    "rulebook/rule_pages": "what the pages of rules show",
    "rulebook/pages": "what the pages of days show, a notice before it is entered",
    "ballots/questions": "what is asked and answered, as data and bytes",
    "ballots/sealing": "envelopes and keys: the cryptography in one place",
    "ballots/queries": "what may be known of a poll",
    "ballots/casting": "the one verb without a trace",
    "ballots/rolls": "the verbs on who takes part; the office's are as long again",
    "ballots/counting": "pages of 监票人 and 计票人",
    "ballots/tellers": "the verbs of 监票人 and 计票人; the office's are as long again",
    "ballots/outcomes": "what a counted poll comes to",
    "ballots/pages": "what the pages of polls show, worked out",
    "ballots/booth": "pages of voters, who are mostly not signed in",
    "setup/demo": "the demo's one door",
    "setup/sections": "what a first start asks, as data",
    "setup/settling": "what a confirmed answer changes elsewhere",
    "setup/first_run": "the one verb before there is anybody",
    "setup/console": "the first start asked in a terminal",
}
NO_FEATURES = {"shared", "documents", "judging"}


def test_features_have_the_same_few_files():
    files = {
        f"{path.parent.name}/{path.stem}"
        for path in CODE
        if path.parent.parent.name == "tiejun_awards" and path.parent.name not in NO_FEATURES
    }
    further = {file for file in files if file.split("/")[1] not in USUAL_FILES and not file.startswith("setup/demo_")}

    assert further == set(FURTHER_FILES)


@pytest.mark.parametrize("path", [path for path in CODE if path.name == "__init__.py"], ids=name)
def test_packages_hold_nothing_but_a_docstring(path: Path):
    assert [type(statement) for statement in tree(path).body] == [ast.Expr]


@pytest.mark.parametrize("path", [*PYTHON, *TEMPLATES], ids=name)
def test_no_file_is_longer_than_320_lines(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= 320


# Who writes, who asks the time, who knows a database by name.

WRITERS = {
    "tiejun_awards/shared/use_case.py": {"run": "every verb", "forget_old_keys": "housekeeping"},
    "tiejun_awards/shared/db.py": {"_write_notes": "what a reading request must leave behind"},
    "tiejun_awards/shared/audit.py": {"seal_pending": "the sealer"},
    "tiejun_awards/imports/services.py": {"forget_old": "housekeeping"},
    "tiejun_awards/oversight/services.py": {"verify_daily": "what the nightly verification said"},
    "tiejun_awards/shared/checkpoints.py": {"sign_if_due": "the sealer"},
    "tiejun_awards/shared/jobs.py": {
        "do": "taking a job",
        "_set": "how far it has come",
        "resume_interrupted": "the start of the work process",
    },
    "tiejun_awards/accounts/services.py": {
        "forget_old": "housekeeping",
    },
    "tiejun_awards/accounts/carrying.py": {"carry": "after it there is nobody any more"},
    "tiejun_awards/accounts/desk.py": {
        "slip_by_console": "whoever has the server's console",
        "drop_factor_by_console": "whoever has the server's console",
    },
    "tiejun_awards/accounts/signing_in.py": {  # before it there is nobody who could act
        "_go_on": "after a right password or slip",
        "second_step": "after a right code",
        "use_slip": "giving a try back",
        "use_panel_slip": "a judge of the day",
        "is_right_again": "forgetting failures",
        "_code_is_right": "a code is used up, whatever follows",
    },
    "tiejun_awards/accounts/throttle.py": {
        "reserve": "a try counts before it is made",
        "failed": "and stays counted, whatever follows",
    },
    "tiejun_awards/files/services.py": {"sweep": "housekeeping"},
    "tiejun_awards/files/previews.py": {"keep": "the work process, for nobody in particular"},
    "tiejun_awards/ballots/casting.py": {"cast_slip": "nobody is signed in, so nobody could act"},
    "tiejun_awards/messages/services.py": {"forget_old": "housekeeping"},
    "tiejun_awards/messages/reminding.py": {"remind": "the work process, for nobody in particular"},
    "tiejun_awards/messages/mailing.py": {"send_mails": "the work process: mails made, tried, sent"},
    "tiejun_awards/reports/due.py": {"remember_due_days": "housekeeping"},
}


def test_only_use_cases_and_a_few_named_functions_write():
    writers: dict[str, set[str]] = {}
    for path in CODE:
        if name(path).startswith("tiejun_awards/setup/"):
            continue  # fills an empty database
        for inside, called in calls(path):
            if called == "writing":
                writers.setdefault(name(path), set()).add(inside)

    assert writers == {file: set(functions) for file, functions in WRITERS.items()}


def test_only_the_writing_transaction_commits():
    assert {(name(path), inside) for path in CODE for inside, called in calls(path) if called == "commit"} == {
        ("tiejun_awards/shared/db.py", "writing"),
        ("tiejun_awards/shared/db.py", "_prepare"),  # a setting of the connection
    }


def test_only_the_clock_asks_for_the_time():
    asking = {
        name(path)
        for path in PYTHON
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        if (ast.unparse(node.value), node.attr)
        in {(kind, verb) for kind in ("datetime", "date", "datetime.datetime") for verb in ("now", "utcnow", "today")}
        or (ast.unparse(node.value), node.attr) in {("time", "time"), ("func", "now"), ("sa.func", "now")}
        or node.attr in ("current_timestamp", "clock_timestamp", "localtimestamp", "server_default")
    }

    assert asking == {"tiejun_awards/shared/clock.py"}


def test_only_the_settings_read_the_environment():
    asking = {
        name(path)
        for path in PYTHON
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        if (ast.unparse(node.value), node.attr) in {("os", "environ"), ("os", "getenv")}
    }

    assert asking == {"config.py"}


DIALECTS = re.compile(r"sqlite|postgres|psycopg|pragma|pg_|dialect", re.IGNORECASE)
NAMES_A_DIALECT = {
    "tiejun_awards/shared/db.py": "every peculiarity of a database",
    "tiejun_awards/shared/unordered.py": "what databases keep of rows that are gone",
    "tiejun_awards/shared/trail.py": "a million moments are cheaper read as the text SQLite keeps",
    "tiejun_awards/shared/jobs.py": "huey's own file is called SqliteHuey",
}


def test_only_one_file_knows_databases_by_name():
    knowing = set()
    for path in CODE:
        for node in ast.walk(tree(path)):
            words = node.value if isinstance(node, ast.Constant) and node not in prose(path) else ""
            words = words or getattr(node, "attr", "") or getattr(node, "id", "") or getattr(node, "module", "")
            if isinstance(words, str) and DIALECTS.search(words):
                knowing.add(name(path))

    assert knowing == set(NAMES_A_DIALECT)


# The schema.


def built_by_migrations(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    migrating.upgrade(engine)
    return engine


def test_migrations_build_exactly_the_declared_schema(all_databases: Databases):
    migrated = built_by_migrations(all_databases.empty())
    declared = sa.create_engine(all_databases.empty())
    Base.metadata.create_all(declared)

    assert schema.read(migrated) == schema.read(declared)
    migrated.dispose()
    declared.dispose()


def test_the_database_names_every_constraint_the_models_declare(all_databases: Databases):
    migrated = built_by_migrations(all_databases.empty())

    found = schema.names(schema.read(migrated))
    triggers = {trigger for table in schema.read(migrated).values() for trigger, _ in table["triggers"]}
    assert found - triggers == schema.declared_names(Base.metadata)
    assert {table for table, made in schema.read(migrated).items() if made["triggers"]} == set(IMMUTABLE_TABLES)
    migrated.dispose()


def test_identifiers_are_short_enough_for_every_database(all_databases: Databases):
    migrated = built_by_migrations(all_databases.empty())

    assert [found for found in sorted(schema.names(schema.read(migrated))) if len(found) > 30] == []
    migrated.dispose()


def test_migrations_go_down_to_nothing_and_up_again(all_databases: Databases):
    engine = built_by_migrations(all_databases.empty())
    before = schema.read(engine)

    migrating.downgrade(engine, "base")
    empty = schema.read(engine)
    migrating.upgrade(engine)

    assert empty == {}
    assert schema.read(engine) == before
    engine.dispose()


def test_migrations_have_one_head_and_are_numbered_in_a_row():
    numbers = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("*.py"))

    assert migrating.heads() == [numbers[-1]]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_the_next_migration_is_numbered_on_and_finds_nothing_left_to_do(
    all_databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    engine = built_by_migrations(all_databases.empty())
    scripts = shutil.copytree(
        ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(migrating, "SCRIPTS", scripts)
    before = {path.name for path in (scripts / "versions").iterdir()}

    migrating.write_revision(engine, "more")

    [written] = {path.name for path in (scripts / "versions").glob("*.py")} - before
    body = (scripts / "versions" / written).read_text("utf-8")
    assert written == f"{len(before) + 1:04d}_more.py"
    assert "op." not in body
    engine.dispose()


def test_the_tables_that_only_grow_are_these():
    assert sorted(IMMUTABLE_TABLES) == [
        "audit_checkpoint",
        "audit_event",
        "audit_seal",
        "feedback",
        "honour",
        "paper_form",
        "poll_count",
        "poll_tracker",
        "report_review",
        "report_revision",
        "rule_value",
        "standard",
    ]


# Locks.


def test_each_lock_has_a_number_of_its_own():
    found = [number for path in CODE for number in re.findall(r"LOCK = (\d_\d{3})\b", path.read_text("utf-8"))]

    assert len(found) > 5
    assert len(set(found)) == len(found)


# Lists.

MOST_STATEMENTS = 12
LISTS = {
    "/": ("office", "secretary"),
    "/reports/": ("office", "secretary"),
    "/quarters/2026Q3": ("office",),
    "/organisation/": ("office",),
    "/organisation/units": ("office",),
    "/organisation/{committee}": ("office",),
    "/rules/": ("office",),
    "/rules/item/rating.quota": ("office",),
    "/rules/days": ("office",),
    "/feedback": ("office",),
    "/decisions/": ("second",),
    "/papers/": ("office",),
    "/calls/": ("office", "staff"),
    "/calls/{call}": ("clerk",),
    "/calls/{call}/units/{unit}": ("clerk",),
    "/suggestions/": ("staff",),
    "/selection/{call}": ("office",),
    "/honours/": ("staff",),
    "/ballots/": ("office",),
    "/sign-ins/": ("office",),
    "/people/": ("office", "security_admin"),
    "/people/unused": ("security_admin",),
    "/messages/?state=all": ("secretary",),
    "/reminders/": ("office",),
}


def grow(world: World, count: int) -> None:
    """Give the department so many more of everything: branches, each with a unit, a submitted report, a post of the secretary's, an
    opinion, a paper, a message and a poll; calls, suggestions, entries and honours."""
    with one_transaction():
        department, committee = world.organiser("department"), world.branch("committee")
        secretary = world.person("secretary")
        for _ in range(count):
            number = builders.count(Unit)
            unit = builders.unit(department, f"more{number}", f"增设{number}处")
            branch = builders.branch(department, f"branch{number}", units=[unit], parent_id=committee.id)
            builders.grant(secretary, Role.SECRETARY, at=branch)
            builders.person(f"more{number}", department, Role.LIAISON, branch=branch, unit=unit)
            builders.report(branch, "2026Q3", State.SUBMITTED, writer=secretary)
            builders.feedback(secretary)
            signed.row(world, branch)
            builders.message(secretary, f"第{number}件事有了进展。")
            ballots.draft(accounts.actor_of(world.person("office").id, builders.NOW), department, polls.plan())
            exemplars.grow(world, unit, number)


@pytest.fixture(scope="session")
def kept_grown(application: Flask, all_databases: Databases, kept_world: str) -> tuple[str, str]:
    """The words under which the world is kept with 3 rows in each list, and with 30 more."""
    all_databases.start_from(kept_world)
    with application.app_context(), clock.stopped_at(builders.NOW):
        world = World(builders.NOW)
        exemplars.recommendation(world, sent=False)
        for word, count in (("few", 2), ("many", 28)):
            grow(world, count)
            db.session.remove()
            all_databases.let_go(db.engine)
            all_databases.keep_as(word)
    return "few", "many"


@pytest.mark.either
@pytest.mark.parametrize(("path", "who"), [(path, who) for path, people in LISTS.items() for who in people])
def test_lists_say_the_same_few_statements_for_3_rows_and_for_30(
    kept_grown: tuple[str, str],
    world: World,
    all_databases: Databases,
    sign_in: SignIn,
    statements: Statements,
    path: str,
    who: str,
):
    heard = []
    for word in kept_grown:
        db.session.remove()
        all_databases.let_go(db.engine)
        all_databases.start_from(word)
        call, unit, committee = exemplars.call(world), world.unit("water_unit"), world.branch("committee")
        browser, place = sign_in(who), path.format(committee=committee.id, call=call.id, unit=unit.id)
        browser.get(place)  # what is kept in memory is kept now
        with statements() as said:
            page = browser.get(place)
        heard.append(said)
    few, many = heard

    assert page.status == 200
    assert len(few) == len(many), "\n".join(many)
    assert len(few) <= MOST_STATEMENTS, "\n".join(few)
