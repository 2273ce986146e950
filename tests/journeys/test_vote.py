"""A vote by 测评码 on a phone, from the office's first line to the printed result; every page looked at by axe."""

from __future__ import annotations

import time
from datetime import timedelta

from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, Server, Visit
from tests.journeys.visitor import Visitor
from tiejun_awards.shared import clock

SECONDS_FOR_A_VOTE = 40
WATCHERS = ("secretary04", "secretary05")
WORDS = ("第一位监票人的一句话口令", "第二位监票人的一句话口令")


def test_a_vote_by_slip_takes_less_than_forty_seconds_and_is_counted_by_two(visit: Visit, server: Server):
    office, phone = visit(1440), visit(390)
    office.page.on("dialog", lambda dialog: dialog.accept())
    office.sign_in("office")
    where = prepare(office, server)
    watchers = [visit(1440) for _ in WATCHERS]
    for watcher, username, words in zip(watchers, WATCHERS, WORDS, strict=True):
        watcher.sign_in(username)
        watcher.go(f"{where}/key")
        confirm(watcher)
        watcher.field("passphrase").fill(words)
        watcher.field("again").fill(words)
        watcher.look()
        watcher.press("设好口令")
        expect(watcher.alert()).to_have_text("开箱口令已设好。请记牢，系统里没有备份。")
    office.go(where)
    office.press("印测评码")
    expect(office.page.locator(".slips .code")).to_have_count(6)
    codes = office.page.locator(".slips .code").all_inner_texts()
    office.look()
    office.go(where)
    office.press("开始投票")
    expect(office.alert()).to_have_text("投票已经开始。")
    office.look()

    took = [cast(phone, code, first=place == 0) for place, code in enumerate(codes)]

    assert max(took) <= SECONDS_FOR_A_VOTE
    receipt = phone.page.locator(".receipt").inner_text()
    office.page.reload()
    office.field("slips_issued").fill(str(len(codes)))
    office.press("截止投票")
    expect(office.alert()).to_have_text("投票已经截止，票箱已经封好。请监票人开箱。")
    office.look()
    for place, (watcher, words) in enumerate(zip(watchers, WORDS, strict=True)):
        watcher.go(f"{where}/open")
        watcher.field("passphrase").fill(words)
        watcher.look()
        watcher.press("开箱计票" if place else "确认开箱")
        expect(watcher.alert()).to_have_text(
            "已开箱计票。" if place else "您已确认。请另一位监票人在 30 分钟内登录开箱。"
        )
    expect(watchers[1].page.locator(".paper h1")).to_have_text("投票结果表")
    expect(watchers[1].page.locator(".paper tbody tr").nth(1)).to_contain_text("6")
    watchers[1].look()
    phone.go("/v/receipt")
    phone.field("tracker").fill(receipt)
    phone.press("查一查")
    expect(phone.page.locator(".alert").first).to_contain_text("的箱里有这个信封，已经计入")
    phone.look()


def prepare(office: Visitor, server: Server) -> str:
    """Draft the poll, name two 监票人; the poll's address."""
    now = clock.here(clock.now())
    office.go("/ballots/new")
    office.look()
    office.field("title").fill("先进党支部推荐票决")
    office.field("subjects").fill("水生态环境处党支部\n大气环境处党支部")
    office.field("expected").fill("6")
    office.page.get_by_label("测评码").check()
    office.field("source").fill("推荐办法第六条")
    office.field("opens_at").fill(f"{now - timedelta(minutes=5):%Y-%m-%d %H:%M}")
    office.field("closes_at").fill(f"{now + timedelta(hours=2):%Y-%m-%d %H:%M}")
    office.press("存好")
    expect(office.alert()).to_have_text("已存好。还差的几项列在下面，齐了就能开始投票。")
    office.look()
    where = "/ballots/" + office.page.url.rsplit("/", 1)[1]
    office.follow("定监票人、计票人")
    for number, username in enumerate(WATCHERS, 1):
        ((person,),) = server.ask("SELECT id FROM person WHERE username = ?", username)
        office.field(f"watcher_{number}").select_option(str(person))
    office.press("存好")
    expect(office.alert()).to_have_text("已定好。")
    return where


def confirm(watcher: Visitor) -> None:
    """Give the password again."""
    watcher.look()
    watcher.field("password").fill(PASSWORD)
    watcher.press("确认身份")
    expect(watcher.field("passphrase")).to_be_visible()


def cast(phone: Visitor, code: str, *, first: bool) -> float:
    """Type the code, tap the answers, cast; the seconds it took besides looking at the pages."""
    started = time.perf_counter()
    looked = 0.0
    phone.go("/v")
    phone.field("code").fill(code.lower())
    phone.press("打开选票")
    expect(phone.page.locator("fieldset")).to_have_count(2)
    looked += look(phone) if first else 0
    for answer, group in zip(("赞成", "弃权"), phone.page.locator("fieldset").all(), strict=True):
        group.locator(".chip", has_text=answer).tap()
    phone.press("投出")
    expect(phone.page.locator("h1")).to_have_text("已投出")
    looked += look(phone) if first else 0
    return time.perf_counter() - started - looked


def look(phone: Visitor) -> float:
    started = time.perf_counter()
    phone.look()
    return time.perf_counter() - started
