"""What holds for answers of every kind: headers, refusals as pages, front-end files."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask, abort, redirect
from sqlalchemy.exc import OperationalError

from config import Config
from tests import builders
from tests.builders import World
from tests.conftest import SignIn
from tests.databases import Databases
from tests.pages import HEADERS, Browser, FreshClient, Page, said
from tests.together import at_once
from tiejun_awards.app import create_app
from tiejun_awards.shared import db as database
from tiejun_awards.shared import migrating, moments, web
from tiejun_awards.shared.access import Permission
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Missing, NotAllowed, Refused


@pytest.fixture
def odd(app: Flask, all_databases: Databases) -> Iterator[Browser]:
    """A visitor of an application with a few routes that go wrong."""
    config = Config(Path(app.config["DATA_DIR"]), "demo", "x" * 40, all_databases.url, testing=True)
    broken = create_app(config)
    broken.config["MAX_CONTENT_LENGTH"] = 1_000
    broken.test_client_class = FreshClient

    @broken.route("/broken", methods=["GET", "POST"])
    @web.open_to_all
    def divide() -> str:
        return str(1 // 0)

    @broken.route("/says-no/<int:status>")
    @web.open_to_all
    def says_no(status: int) -> str:
        raise {403: NotAllowed("不行。"), 404: Missing(), 409: Refused("不能。")}.get(status) or abort(status)

    @broken.route("/clash")
    @web.open_to_all
    def clash() -> str:
        builders.organiser("department")
        return ""

    @broken.route("/disk")
    @web.open_to_all
    def disk() -> str:
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    @broken.route("/ready")
    @web.open_to_all
    def ready() -> str:
        abort(redirect("/sign-in", code=303))

    browser = Browser(broken)
    browser.may_fail = True
    yield browser
    with broken.app_context():
        db.engine.dispose()


def shown(page: Page) -> tuple[int, str, str]:
    return page.status, page.h1, page.reason


# Refusals.


def test_a_page_that_fails_says_it_is_not_the_readers_fault_and_gives_a_number(odd: Browser):
    page = odd.get("/broken")

    assert (page.status, page.h1) == (500, "系统出错了，不是您的操作有误")
    assert re.search(r"错误编号 500，记录号 [0-9a-f]{16}。", page.text)
    assert "ZeroDivisionError" not in page.html
    assert "division" not in page.html


@pytest.mark.parametrize(
    ("status", "heading", "reason"),
    [
        (400, "这一步没有收到完整的内容", "可能是页面打开太久"),
        (403, "这一页不归您现在的身份看", "不行。"),
        (404, "没有这一页", "没有找到这一页，或者它不在您能看的范围内。"),
        (409, "这一步现在不能做", "不能。"),
        (410, "这一步没有收到完整的内容", "可能是页面打开太久"),
        (413, "传上来的内容太大", "文件超过了规定的大小。"),
        (422, "有几处需要改一下", "填写的内容没有通过检查。"),
        (429, "操作太频繁，请稍等再试", "为了防止有人猜密码"),
        (503, "系统正忙或正在维护", "这一步还没有做，也没有改动任何数据。"),
        (501, "系统出错了，不是您的操作有误", "这一步没有做成，也没有改动任何数据。"),
    ],
)
def test_every_refusal_is_a_page_in_chinese_that_says_what_to_do(odd: Browser, status: int, heading: str, reason: str):
    page = odd.get(f"/says-no/{status}")

    assert (page.status, page.h1, page.reason[: len(reason)]) == (status, heading, reason)
    assert page.links


def test_a_database_that_is_broken_is_a_failure_and_no_matter_of_patience(odd: Browser):
    page = odd.get("/disk")

    assert (page.status, page.h1, "Retry-After" in page.headers) == (500, "系统出错了，不是您的操作有误", False)


def test_an_answer_a_view_breaks_off_with_is_sent_as_it_is(odd: Browser):
    page = odd.send("GET", "/ready")

    assert (page.status, page.headers["Location"]) == (303, "/sign-in")


def test_a_developer_sees_the_failure_itself(odd: Browser):
    odd.client.application.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(ZeroDivisionError):
        odd.get("/broken")


def test_production_tells_a_reader_behind_plain_http_where_to_go(app: Flask, all_databases: Databases, tmp_path: Path):
    config = Config(tmp_path, "production", "x" * 40, all_databases.url, "https://tiejun.example", testing=True)
    production = create_app(config)
    production.test_client_class = FreshClient
    browser = Browser(production)

    found = [
        browser.send("GET", "/sign-in", base_url=url, environ_base={"REMOTE_ADDR": address}).status
        for url, address in (
            ("https://localhost", "10.0.0.9"),
            ("http://localhost", "127.0.0.1"),
            ("http://localhost", "::1"),
            ("http://localhost", "10.0.0.9"),
        )
    ]
    page = browser.send("GET", "/sign-in", environ_base={"REMOTE_ADDR": "10.0.0.9"})

    assert found == [200, 200, 200, 403]
    assert page.reason == "请通过 https 访问：https://tiejun.example"
    with production.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("status", [403, 409])
def test_a_refusal_for_a_piece_of_a_page_is_a_piece(odd: Browser, status: int):
    page = odd.send("GET", f"/says-no/{status}", headers={"HX-Request": "true"})

    assert (page.status, page.headers["HX-Reswap"], "<html" in page.html) == (status, "none", False)
    assert "不" in page.text


def test_what_is_too_large_is_refused(odd: Browser):
    page = odd.post("/sign-in", {"username": "x" * 2_000})

    assert shown(page)[:2] == (413, "传上来的内容太大")


def test_what_somebody_else_did_at_the_same_moment_is_a_conflict_not_a_failure(odd: Browser, world: World):
    page = odd.get("/clash")

    assert shown(page) == (
        409,
        "这一步现在不能做",
        "同一时间有人做了同样的事。请刷新页面看现在的情况，再决定是否继续。",
    )


def test_an_address_nobody_made_is_not_found(office: Browser, visitor: Browser):
    for browser in (office, visitor):
        for path in ("/nothing", "/reports/x", "/reports/1/../2/x", "/%2e%2e/etc/passwd", "/static/vendor/none.css"):
            assert browser.send("GET", path).status == 404


def test_a_busy_database_asks_for_patience_and_says_how_long(
    world: World, sign_in: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    secretary, report = sign_in("secretary"), world.report("water", "2026Q4")
    path, before = f"/reports/{report.id}/edit", report.version
    data = {"version": str(before), "tasks": "新的一句。", "csrf_token": secretary.csrf_token()}
    db.session.rollback()
    db.engine.dispose()
    held = threading.Event()

    def hold() -> None:
        with writing() as session:
            session.connection().exec_driver_sql("UPDATE report SET version = version")
            held.set()
            time.sleep(2)

    def want() -> Page:
        assert held.wait(10)
        return secretary.send("POST", path, data=data)

    _, page = at_once(app, hold, want)

    assert isinstance(page, Page)
    assert (page.status, page.h1, page.headers["Retry-After"]) == (503, "系统正忙或正在维护", "5")
    assert world.report("water", "2026Q4").version == before


# Headers.


def test_every_answer_carries_the_same_headers(odd: Browser, visitor: Browser):
    answers = [
        *(odd.send("GET", f"/says-no/{status}") for status in (400, 403, 404, 409, 413, 422, 429, 503)),
        odd.send("GET", "/broken"),
        odd.send("DELETE", "/sign-in"),
        visitor.send("GET", "/"),
        visitor.send("GET", "/healthz"),
        visitor.send("GET", "/sign-in"),
        visitor.send("HEAD", "/sign-in"),
        visitor.send("OPTIONS", "/sign-in"),
        visitor.send("GET", "/static/ie.html"),
    ]

    for page in answers:
        assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
        assert set(page.headers.keys()) <= {
            *HEADERS,
            *("Content-Type", "Content-Length", "Cache-Control", "Set-Cookie", "Location", "Allow", "Vary"),
            *("Content-Disposition", "Last-Modified", "ETag", "Accept-Ranges", "Date", "Retry-After", "Expires"),
        }


def test_files_of_the_front_end_are_kept_and_their_absence_is_not(visitor: Browser):
    page = visitor.get("/sign-in")
    [sheet] = page.all("//link[@rel='stylesheet']/@href")

    assert visitor.send("GET", str(sheet)).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.send("GET", "/static/ie.html").headers["Cache-Control"] == "public, max-age=3600"
    assert visitor.send("GET", "/static/vendor/app-0.css").headers["Cache-Control"] == "no-store"


def test_a_download_is_an_attachment_that_nobody_keeps(office: Browser):
    page = office.get("/quarters/2026Q3/export")

    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert page.headers["Content-Disposition"].startswith("attachment; ")
    assert page.headers["Content-Type"].startswith("application/vnd.openxmlformats-officedocument")


def test_health_is_the_schema_version_and_nothing_else(visitor: Browser):
    page = visitor.get("/healthz")

    assert (page.status, page.response.get_json()) == (200, {"schema": migrating.heads()[0]})
    assert page.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize(
    "agent", ["Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0) like Gecko", "Mozilla/4.0 (compatible; MSIE 8.0)"]
)
def test_internet_explorer_is_sent_to_a_page_it_can_read(visitor: Browser, agent: str):
    page = visitor.send("GET", "/reports/?q=1", headers={"User-Agent": agent})

    assert (page.status, page.headers["Location"]) == (302, "/static/ie.html")


# The frame.


def test_the_menu_shows_what_one_may_open_and_where_one_is(office: Browser, staff: Browser, visitor: Browser):
    def menu(browser: Browser, path: str, name: str = "主菜单") -> list[tuple[str, bool]]:
        links = browser.get(path).all(f"//nav[@aria-label='{name}']//a")
        return [(link.text or "", link.get("aria-current") == "page") for link in links]

    assert menu(office, "/people/") == [
        ("首页", False),
        ("季度报告", False),
        ("星级评定", False),
        ("先进典型", False),
        ("测评票决", False),
        ("组织", True),
        ("规则", False),
        ("监督", False),
    ]
    assert menu(office, "/people/", "本栏目") == [
        ("党组织和单位", False),
        ("人员", True),
        ("登录管理", False),
        ("导入导出", False),
    ]
    assert menu(office, "/reminders/", "本栏目")[-1] == ("催办", True)
    assert menu(office, "/messages/", "本栏目") == menu(staff, "/organisation/", "本栏目") == []
    assert menu(staff, "/") == [
        ("首页", True),
        ("星级评定", False),
        ("先进典型", False),
        ("组织", False),
        ("规则", False),
    ]
    assert menu(visitor, "/sign-in") == []


def test_the_frame_names_the_organiser_one_belongs_to(city_office: Browser, office: Browser, visitor: Browser):
    footers = [
        [said(part) for part in browser.get(path).all("//footer//div/*")][1:]
        for browser, path in ((city_office, "/"), (office, "/"), (visitor, "/sign-in"))
    ]

    assert footers == [
        ["主办：银川市局机关党委", "意见建议"],
        ["主办：厅机关党委", "意见建议"],
        ["主办：厅机关党委"],
    ]


def test_the_moment_of_a_request_is_taken_once(app: Flask, now: datetime):
    with app.test_request_context("/"):
        assert moments.moment() is moments.moment()
        assert moments.trace() is moments.trace()


def test_a_guarded_view_names_its_permission():
    @web.requires(Permission.READ_RULES)
    def view() -> str:
        return ""

    assert vars(view)["permission"] is Permission.READ_RULES


def test_an_address_without_its_last_stroke_leads_on(visitor: Browser):
    page = visitor.send("GET", "/reports?q=1")

    assert (page.status, page.headers["Location"]) == (308, "http://localhost/reports/?q=1")
