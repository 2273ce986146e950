"""The first start of a production installation: by page, by terminal, once."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml.html import HtmlElement

from config import Config
from tests import builders
from tests.builders import NOW, rows_of
from tests.databases import Databases
from tests.pages import Browser, FreshClient, Page
from tests.setup.answers import FOUR, answers, fill_in, slips_on
from tests.together import at_once
from tiejun_awards.accounts import slips
from tiejun_awards.accounts.models import Person, RoleGrant, SignInSlip
from tiejun_awards.app import create_app
from tiejun_awards.organisation.models import Unit
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.setup import demo, first_run
from tiejun_awards.setup.models import Installation, OpenQuestion
from tiejun_awards.setup.rules import QuestionState
from tiejun_awards.setup.sections import DEFAULTS
from tiejun_awards.shared import audit, trail
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Refused
from tiejun_awards.shared.web import HEADERS


class SecureBrowser(Browser):
    """A browser that came by https."""

    def _send(self, method: str, path: str, **kwargs: Any) -> Page:
        headers = {"Referer": "https://localhost/first-run", **kwargs.pop("headers", {})}
        return super()._send(method, path, base_url="https://localhost", headers=headers, **kwargs)


@pytest.fixture
def production(app: Flask, all_databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """A production installation with tables and nobody in them."""
    config = Config(tmp_path, "production", "x" * 40, all_databases.url, "https://localhost", testing=True)
    made = create_app(config)
    made.test_client_class = FreshClient
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def code(production: Flask, tmp_path: Path) -> str:
    return first_run.setup_code(tmp_path)


def errors(page: Page) -> dict[str, str]:
    """Field -> the sentence beside it."""
    found: list[HtmlElement] = page.all("//div[@class='invalid-feedback']")
    return {str(each.get("id")).removesuffix("-error"): each.text_content() for each in found}


def begun(path: Path, **changed: str) -> dict[str, str]:
    return {slip.username: slip.code for slip in first_run.begin(answers(**changed), at=NOW, data_dir=path)}


# The setup code.


def test_the_code_has_128_bits_and_more_and_is_its_owners_only(production: Flask, tmp_path: Path):
    code = first_run.setup_code(tmp_path)
    path = tmp_path / "setup-code"

    assert len(slips.ALPHABET) ** len(slips.code_key(code)) > 2**128
    assert re.fullmatch(r"([A-Z2-9]{4}-){6}[A-Z2-9]{4}", code)
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text("ascii")) == (0o600, code + "\n")
    assert first_run.setup_code(tmp_path) == code
    assert [file.name for file in tmp_path.iterdir() if "code" in file.name] == ["setup-code"]


def test_the_code_may_be_typed_in_any_way_and_a_wrong_one_opens_nothing(tmp_path: Path):
    assert first_run.why_not_code(tmp_path, "x").startswith("服务器上还没有生成安装码")
    code = first_run.setup_code(tmp_path)

    assert first_run.why_not_code(tmp_path, code.lower().replace("-", "  ")) == ""
    assert first_run.why_not_code(tmp_path, " ") == "请填写安装码。"
    for wrong in (code[:-1], code[1:], code[::-1], "A" * 28, "测" * 28):
        assert first_run.why_not_code(tmp_path, wrong) == "安装码不对，请照服务器上显示的再输一次。"


# What it makes.


def test_it_makes_organiser_people_posts_units_questions_and_slips_in_one_line_of_the_trail(app: Flask, tmp_path: Path):
    codes = begun(tmp_path, sysadmin_username=" ＳysAdmin ", organiser_contact="机关党委 0951-0000000")

    [organiser] = db.session.scalars(sa.select(Organiser))
    assert (organiser.code, organiser.name, organiser.level.value, organiser.contact) == (
        *("department", "自治区生态环境厅机关党委", "department"),
        "机关党委 0951-0000000",
    )
    assert {person.username_key: person.name for person in db.session.scalars(sa.select(Person))} == {
        FOUR[f"{seat}_username"]: FOUR[f"{seat}_name"] for seat in ("office", "sysadmin", "secadmin", "auditor")
    }
    grants = db.session.execute(sa.select(Person.username_key, RoleGrant.role).join(RoleGrant.person))
    assert sorted((username, role.value) for username, role in grants) == [
        *(("auditor", "auditor"), ("auditor", "discipline"), ("office", "office")),
        *(("secadmin", "second"), ("secadmin", "security_admin"), ("sysadmin", "system_admin")),
    ]
    assert {person.password_hash for person in db.session.scalars(sa.select(Person))} == {""}
    office = db.session.scalars(sa.select(Person).filter_by(username="office")).one()
    assert (office.mobile, office.unit and office.unit.code, office.branch) == ("13900000001", "OFF03", None)
    assert (builders.count(Unit), builders.count(OpenQuestion)) == (25, 12)
    assert set(db.session.scalars(sa.select(OpenQuestion.state))) == {QuestionState.PROPOSED}
    assert rows_of(Installation, "demo") == [(False,)]
    assert {slips.code_hash(code) for code in codes.values()} == set(
        db.session.scalars(sa.select(SignInSlip.code_hash))
    )
    [event] = db.session.scalars(sa.select(AuditEvent))
    assert (event.action, event.actor_id, event.actor_name, event.object_id) == (
        *("setup.begin", None, "系统"),
        organiser.id,
    )
    assert not any(code in str(event.detail) for code in codes.values())
    assert demo.seed(NOW, password="x") is False
    audit.seal_pending()
    assert trail.verify(db.session(), NOW + timedelta(minutes=2)).holds


def test_without_the_tick_there_are_no_units(app: Flask, tmp_path: Path):
    begun(tmp_path, units_load="", office_unit="", organiser_level="city")

    assert (builders.count(Unit), builders.count(Person)) == (0, 4)


def test_a_bad_answer_makes_nothing_at_all(app: Flask, tmp_path: Path):
    with pytest.raises(Refused) as refused:
        begun(tmp_path, auditor_username="OFFICE")

    assert refused.value.field == "auditor_username"
    assert [builders.count(model) for model in (Organiser, Person, Unit, AuditEvent, OpenQuestion)] == [0] * 5


def test_of_two_who_finish_at_once_one_wins_and_the_other_is_told(app: Flask, tmp_path: Path):
    begun(tmp_path)

    with pytest.raises(Refused, match="系统已经启用，这次写的没有用上"):
        begun(tmp_path, organiser_code="other", office_username="other", office_mobile="")

    assert (builders.count(Organiser), builders.count(Person), builders.count(AuditEvent)) == (1, 4, 1)


def test_at_the_very_same_moment_too(app: Flask, tmp_path: Path):
    def one(number: int) -> Callable[[], object]:
        return lambda: begun(tmp_path, organiser_code=f"other{number}", office_username=f"office{number}")

    told = at_once(app, *(one(number) for number in range(4)))

    assert sorted(type(each).__name__ for each in told) == ["Refused", "Refused", "Refused", "dict"]
    assert {each.sentence for each in told if isinstance(each, Refused)} == {first_run.DONE_ALREADY}
    assert (builders.count(Organiser), builders.count(Person), builders.count(AuditEvent)) == (1, 4, 1)


def test_slips_are_printed_again_until_somebody_has_a_password(app: Flask, tmp_path: Path):
    with pytest.raises(Refused, match="还没有人"):
        first_run.slips_again(at=NOW)
    before = begun(tmp_path)

    after = {slip.username: slip.code for slip in first_run.slips_again(at=NOW)}

    assert (list(after), set(after.values()) & set(before.values())) == (list(before), set())
    valid = sa.select(SignInSlip.code_hash).where(SignInSlip.withdrawn_at.is_(None))
    assert set(db.session.scalars(valid)) == {slips.code_hash(code) for code in after.values()}
    with writing() as session:
        session.execute(sa.update(Person).where(Person.username == "office").values(password_hash="x"))
    with pytest.raises(Refused, match="已经有人设过密码"):
        first_run.slips_again(at=NOW)


# The page.


def test_the_page_shows_every_default_and_its_answer_is_four_slips_shown_once(production: Flask, code: str):
    browser = SecureBrowser(production)

    page = browser.get("/first-run")
    shown = {name: value for name, value in page.values.items() if DEFAULTS.get(name)}
    done = fill_in(browser, code.lower())

    assert shown == {name: "y" if name == "units_load" else value for name, value in DEFAULTS.items() if value}
    assert (done.status, done.h1, list(slips_on(done))) == (
        *(200, "首次登录条"),
        ["office", "sysadmin", "secadmin", "auditor"],
    )
    assert done.headers["Cache-Control"] == "no-store"
    assert {slips.code_hash(each) for each in slips_on(done).values()} == set(
        db.session.scalars(sa.select(SignInSlip.code_hash))
    )


def test_afterwards_the_page_is_gone_for_everybody(production: Flask, code: str, tmp_path: Path):
    browser, slow = SecureBrowser(production), SecureBrowser(production)
    slow.get("/first-run")
    fill_in(browser, code)

    late = slow.submit("启用并显示登录条", {"code": code, **FOUR})
    again = SecureBrowser(production).get("/first-run")

    assert (late.status, again.status) == (404, 404)
    assert "系统已经启用，这次写的没有用上" in late.main
    assert builders.count(Person) == 4
    assert not (tmp_path / "setup-code").exists()


def test_in_demo_mode_there_is_no_such_page(app: Flask, visitor: Browser):
    assert visitor.get("/first-run").status == 404


def test_a_bad_answer_keeps_everything_typed_and_says_each_sentence_at_its_field(production: Flask, code: str):
    browser = SecureBrowser(production)
    typed = {
        **FOUR,
        "auditor_username": "Office",
        "secadmin_name": "",
        "stars_floor_4": "95",
        "creed_text": "待定。\n再议。",
    }

    page = fill_in(browser, "AAAA", {**typed, "units_load": "yes"})

    assert page.status == 422
    assert {name: page.values[name].replace("\r\n", "\n") for name in typed} == typed
    assert page.values["code"] == "AAAA"
    assert list(errors(page)) == ["code", "secadmin_name", "auditor_username", "stars_floor_4"]
    assert errors(page)["code"] == "安装码不对，请照服务器上显示的再输一次。"
    assert "安全管理员兼复核人姓名：请填写姓名。" in page.main
    assert "第 3 项四星级不低于（分）：每一星的分数线要比上一星的低。" in page.main
    assert builders.count(Organiser) == 0


@pytest.mark.parametrize(
    "value", ["x" * 100_000, "<script>", "'; DROP TABLE person;--", "\u202e\u0000张", "🎉", "９" * 5000]
)
def test_whatever_is_typed_is_answered_with_sentences(production: Flask, code: str, value: str):
    browser = SecureBrowser(production)
    data = dict.fromkeys((*FOUR, "organiser_name", "organiser_level", "stars_quota", "opinions_body", "code"), value)

    page = browser.post("/first-run", data, csrf=True)

    assert (page.status, builders.count(Person)) == (422, 0)


def test_without_a_code_on_the_server_the_page_says_how_to_make_one(production: Flask):
    browser = SecureBrowser(production)

    page = fill_in(browser, "ABCD")

    assert "服务器上还没有安装码" in page.main
    assert errors(page) == {"code": "服务器上还没有生成安装码，请先运行 deploy/flask first-run --code。"}
    assert page.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]


# The terminal.


def run(production: Flask, *arguments: str, typed: str = "") -> tuple[int, str]:
    result = production.test_cli_runner().invoke(args=["first-run", *arguments], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_the_code_is_shown_by_the_command_line(production: Flask, tmp_path: Path):
    status, said = run(production, "--code")

    assert (status, said) == (0, f"https://localhost/first-run\n安装码 {first_run.setup_code(tmp_path)}\n")


def test_a_terminal_asks_again_until_an_answer_can_be_taken(production: Flask):
    typed = ["", "厅", "department", "", "", "", "也许", "y"]  # the organiser, a bad code first; the units
    typed += ["经办", "o", "office", "", "OFF99", ""]  # the office
    typed += ["系统", "ＯＦＦＩＣＥ", "sysadmin", "", ""]
    typed += ["安全", "secadmin", "123", "", ""]
    typed += ["", "审计", "auditor", "", "", "y"]

    status, said = run(production, typed="\n".join(typed) + "\n")

    assert status == 0, said
    assert set(db.session.scalars(sa.select(Person.username))) == {"office", "sysadmin", "secadmin", "auditor"}
    for sentence in (
        "代码只能用",
        "账号要 2 至 40 个字符",
        "没有“OFF99”这一项",
        "是同一个",
        "1 开头的 11 位数字",
        "请答 y 或 n",
        "请填写姓名",
    ):
        assert sentence in said
    assert len(re.findall(r"首次登录码  ([A-Z2-9]{4}-){6}[A-Z2-9]{4}\n", said)) == 4


def test_a_terminal_asks_the_twelve_questions_when_the_proposals_are_not_taken(production: Flask):
    people = [part for seat in ("office", "sysadmin", "secadmin", "auditor") for part in (seat, seat, "", "")]
    typed = ["", "", "", "", "", "y", *people, "n"]
    typed += ["", "", "", "90", "90", "", "", "", "", "90", "85", *[""] * 30]

    status, said = run(production, typed="\n".join(typed) + "\n")

    assert status == 0, said
    stars = db.session.scalars(sa.select(OpenQuestion).filter_by(key="stars")).one()
    assert (stars.answers["stars_floor_4"], "每一星的分数线要比上一星的低" in said) == ("85", True)


def test_an_answers_file_does_it_without_asking(production: Flask, tmp_path: Path):
    file = tmp_path / "answers.toml"
    people = "".join(
        f'[{seat}]\nname = "{FOUR[f"{seat}_name"]}"\nusername = "{seat}"\n'
        for seat in ("office", "sysadmin", "secadmin", "auditor")
    )
    file.write_text(people + "[stars]\nfloor_5 = 92\n", "utf-8")

    status, said = run(production, "--answers", str(file))
    again = run(production, "--answers", str(file))
    reprinted = run(production, "--slips")

    assert (status, said.count("首次登录码")) == (0, 4)
    assert again == (1, "Error: 系统里已经有人，没有改动。首次启用只能做一次。\n")
    assert (reprinted[0], reprinted[1].count("首次登录码")) == (0, 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[office", "答案文件读不懂，请改正："),
        ("[office]\nshoe = 1\n", "答案文件里有不认识的项：office.shoe"),
        ("", "没有启用，请先改好：\n  office.name：请填写姓名。\n  office.username：请填写账号。"),
    ],
)
def test_an_answers_file_that_cannot_be_used_changes_nothing(
    production: Flask, tmp_path: Path, content: str, sentence: str
):
    (tmp_path / "answers.toml").write_text(content, "utf-8")

    status, said = run(production, "--answers", str(tmp_path / "answers.toml"))

    assert (status, said.startswith(f"Error: {sentence}")) == (1, True), said
    assert builders.count(Organiser) == 0


def test_a_demo_needs_no_first_start(app: Flask):
    assert run(app) == (1, "Error: 演示模式已有演示数据，不用首次启用。\n")


def test_before_there_are_tables_the_command_says_what_comes_first(all_databases: Databases, tmp_path: Path):
    config = Config(tmp_path, "production", "x" * 40, all_databases.empty(), "https://localhost", testing=True)

    assert run(create_app(config)) == (1, "Error: 数据库里还没有表，请先运行 deploy/flask db upgrade。\n")
