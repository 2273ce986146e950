"""Several people, or one person's several clicks, at the same report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Barrier, Thread

from tests.builders import NOW, World, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page, said
from tiejun_awards.reports.drafts import Draft
from tiejun_awards.reports.models import Report, ReportReview, ReportRevision
from tiejun_awards.reports.rules import State
from tiejun_awards.shared.clock import stopped_at
from tiejun_awards.shared.db import db

CONFLICT = "两个人同时改了这份报告"


def typed(world: World) -> Draft:
    return Draft.from_json(world.report("water", "2026Q4").draft)


def path(world: World, last: str = "edit") -> str:
    return f"/reports/{world.report('water', '2026Q4').id}/{last}"


def rows(page: Page) -> list[tuple[str, str, str]]:
    """The places of the comparison: (which, mine, theirs)."""
    cells = [[cell.findtext("span") or "" for cell in row.findall("td")] for row in page.all("//tbody/tr")]
    return [(said(row.find("th")), *texts) for row, texts in zip(page.all("//tbody/tr"), cells, strict=True)]  # type: ignore[misc]


def chosen(page: Page) -> dict[str, str]:
    return {str(r.get("name")): str(r.get("value")) for r in page.all("//input[@type='radio'][@checked]")}


def at_once(*calls: Callable[[], Page]) -> Sequence[Page]:
    """The answers to requests that leave at the same moment, each from a thread of its own."""
    answers: list[Page | BaseException] = [AssertionError("no answer")] * len(calls)
    start = Barrier(len(calls))

    def run(number: int, call: Callable[[], Page]) -> None:
        with stopped_at(NOW + timedelta(minutes=1)):  # a thread has a clock of its own
            start.wait(10)
            try:
                answers[number] = call()
            except BaseException as error:
                answers[number] = error

    threads = [Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.rollback()  # what the test reads from now on is what they left
    pages = []
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
        pages.append(answer)
    return pages


# One after the other.


def test_both_versions_are_shown_and_nothing_is_written(world: World, secretary: Browser, liaison: Browser):
    secretary.get(path(world))
    liaison.get(path(world))
    liaison.submit("存稿", {"tasks": "联络员写的", "support": "", "records-0-topic": "联络员的题目"})

    page = secretary.submit("存稿", {"tasks": "书记写的", "next_quarter": ""})

    first = "党员大会 2026-10-10 {} 18/20 第 3 页\n支委会 2026-10-06 研究党建工作 18/20 第 3 页\n主题党日 2026-10-21 重温入党誓词 18/20 第 3 页"
    assert (page.status, page.h1) == (409, CONFLICT)
    assert rows(page) == [
        ("五、重点任务进展", "书记写的", "联络员写的"),
        ("九、下季度打算", "（没有填）", "开好组织生活会。"),
        ("十、需上级协调事项", "无", "（没有填）"),
        ("二、组织生活记录", first.format("讨论季度工作"), first.format("联络员的题目")),
    ]
    assert chosen(page) == {
        **{"pick-tasks": "mine", "pick-next_quarter": "theirs", "pick-support": "mine", "pick-records": "mine"},
    }
    assert typed(world).fields["tasks"] == "联络员写的"


def test_at_each_place_what_was_picked_is_kept(world: World, secretary: Browser, liaison: Browser):
    secretary.get(path(world))
    liaison.get(path(world))
    liaison.submit("存稿", {"tasks": "联络员写的", "support": "请求支持", "records-0-topic": "联络员的题目"})
    secretary.submit("存稿", {"tasks": "书记写的", "brand": "书记的品牌"})

    page = secretary.submit(
        "按上面的选择保存", {"pick-support": "theirs", "pick-records": "theirs", "pick-brand": "mine"}
    )

    kept = typed(world)
    assert (page.status, page.alerts[0]) == (200, "已存好。")
    assert {name: kept.fields[name] for name in ("tasks", "support", "brand")} == {
        **{"tasks": "书记写的", "support": "请求支持", "brand": "书记的品牌"}
    }
    assert kept.records[0]["topic"] == "联络员的题目"


def test_a_third_save_meanwhile_is_compared_again(world: World, secretary: Browser, liaison: Browser):
    secretary.get(path(world))
    liaison.get(path(world))
    liaison.submit("存稿", tasks="联络员一稿")
    secretary.submit("存稿", tasks="书记写的")
    liaison.get(path(world))
    liaison.submit("存稿", tasks="联络员二稿")

    page = secretary.submit("按上面的选择保存")

    assert (page.status, rows(page)) == (409, [("五、重点任务进展", "书记写的", "联络员二稿")])
    assert typed(world).fields["tasks"] == "联络员二稿"


def test_the_button_beside_an_autosave_that_came_too_late_leads_to_the_comparison(
    world: World, secretary: Browser, liaison: Browser
):
    page = secretary.get(path(world))
    liaison.get(path(world))
    liaison.submit("存稿", tasks="联络员写的")

    compared = secretary.post(path(world), {**page.values, "tasks": "书记写的", "compare": "yes"}, csrf=True)

    assert (compared.status, rows(compared)) == (409, [("五、重点任务进展", "书记写的", "联络员写的")])


def test_the_same_text_saved_by_two_is_no_conflict(world: World, secretary: Browser, liaison: Browser):
    secretary.get(path(world))
    liaison.get(path(world))
    liaison.submit("存稿", tasks="同一句")

    page = secretary.submit("存稿", {"tasks": "同一句", "confirmed": None})

    assert (page.status, page.alerts[0]) == (200, "已存好。")


def test_what_is_typed_into_a_report_handed_in_meanwhile_is_not_lost_silently(
    world: World, secretary: Browser, liaison: Browser
):
    secretary.get(path(world))
    page = liaison.get(path(world))
    secretary.submit("检查并提交")

    saved = liaison.post(path(world), {**page.values, "tasks": "还在写"}, csrf=True)

    assert (saved.status, saved.path) == (200, f"/reports/{world.report('water', '2026Q4').id}")
    assert typed(world).fields["tasks"] == "水源地整治完成八成。"


# At the same moment.


def test_two_who_save_at_the_same_moment_lose_nothing(world: World, secretary: Browser, liaison: Browser):
    values = {}
    for browser, text in ((secretary, "书记写的"), (liaison, "联络员写的")):
        page = browser.get(path(world))
        values[browser] = {**page.values, "tasks": text, "csrf_token": browser.csrf_token()}
    where = path(world)

    answers = at_once(*(lambda b=browser: b.send("POST", where, data=values[b]) for browser in values))

    stored = typed(world).fields["tasks"]
    lost = {"书记写的": "联络员写的", "联络员写的": "书记写的"}[stored]
    assert sorted(answer.status for answer in answers) == [303, 409]
    conflict = next(answer for answer in answers if answer.status == 409)
    assert rows(conflict) == [("五、重点任务进展", lost, stored)]


def test_a_double_click_on_submit_makes_one_revision_and_both_answers_show_it(world: World, secretary: Browser):
    page, where = secretary.get(path(world)), path(world)
    report = world.report("water", "2026Q4").id
    key = str(page.all("//form[@id='report']//input[@name='key']/@value")[0])
    token = secretary.csrf_token()
    values = {**page.values, "tasks": "连点两下", "do": "submit", "key": key, "csrf_token": token}

    answers = at_once(*(lambda: secretary.send("POST", where, data=values) for _ in range(2)))

    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, f"/reports/{report}")] * 2
    assert [row for row in rows_of(ReportRevision, "report_id", "number") if row[0] == report] == [(report, 1)]
    assert typed(world).fields["tasks"] == "连点两下"


def test_a_report_begun_at_the_same_moment_by_two_is_one_report(world: World, sign_in: SignIn, secretary: Browser):
    where = f"/reports/begin/{world.branch('air').id}/2026Q4"
    browsers = [sign_in("air_secretary"), sign_in("air_secretary")]
    tokens = [browser.csrf_token() for browser in browsers]

    answers = at_once(
        *(
            lambda b=browser, t=token: b.send("POST", where, data={"csrf_token": t, "key": t[-9:]})
            for browser, token in zip(browsers, tokens, strict=True)
        )
    )

    report = world.report("air", "2026Q4").id
    assert [(answer.status, answer.headers["Location"]) for answer in answers] == [(303, f"/reports/{report}/edit")] * 2


def test_accepting_and_returning_at_the_same_moment_leaves_one_verdict(world: World, sign_in: SignIn):
    report = world.report("water", "2026Q3")
    browsers = [sign_in("office"), sign_in("office")]
    common = {"version": str(report.version)}
    tokens = [browser.csrf_token() for browser in browsers]
    before = len(rows_of(ReportReview, "id"))
    where = f"/reports/{report.id}"

    answers = at_once(
        lambda: browsers[0].send("POST", f"{where}/accept", data={**common, "csrf_token": tokens[0]}),
        lambda: browsers[1].send(
            "POST", f"{where}/return", data={**common, "reason": "再补一句。", "csrf_token": tokens[1]}
        ),
    )

    said_of_it = [row for row in rows_of(ReportReview, "report_id", "revision", "verdict") if row[0] == report.id]
    state = rows_of(Report, "id", "state")
    verdict = {"accept": State.ACCEPTED, "return": State.RETURNED}[said_of_it[-1][2]]
    assert sorted(answer.status for answer in answers) == [303, 409]
    assert len(rows_of(ReportReview, "id")) == before + 1
    assert (report.id, verdict) in state
