"""意见建议 with and without a name, and the page of long work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests import builders
from tests.builders import NOW, World, count, rows_of
from tests.conftest import SignIn
from tests.pages import Browser, Page, said
from tiejun_awards.home.models import Feedback
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import writing
from tiejun_awards.shared.jobs import Job, JobState, result_path

TEXT = "希望能导出上一年的报告。\n<b>谢谢</b>"


def received(page: Page) -> list[tuple[str, str]]:
    """What the office reads: (text, who)."""
    return [(said(item.find("span[2]")), said(item.find("small"))) for item in page.all("//ol[@class='timeline']/li")]


def test_an_opinion_with_a_name_reaches_the_office_and_is_one_line_of_the_trail(
    world: World, staff: Browser, office: Browser
):
    staff.get("/feedback")

    page = staff.submit("送出", text=TEXT, with_name=True)

    assert page.alerts[0] == "收到了，谢谢。"
    assert rows_of(Feedback, "text", "written_by") == [(TEXT, world.person("staff").id)]
    assert received(office.get("/feedback")) == [("希望能导出上一年的报告。 <b>谢谢</b>", "干部职工")]
    assert rows_of(AuditEvent, "actor_name", "action", "detail")[-1] == ("干部职工", "home.give_feedback", {})


def test_an_opinion_without_a_name_leaves_the_writers_name_nowhere(world: World, staff: Browser, office: Browser):
    before = count(AuditEvent)
    staff.get("/feedback")

    page = staff.submit("送出", text=TEXT, with_name=False)

    assert page.alerts[0] == "收到了，谢谢。"
    assert rows_of(Feedback, "text", "written_by") == [(TEXT, None)]
    assert received(office.get("/feedback")) == [("希望能导出上一年的报告。 <b>谢谢</b>", "没有附名字")]
    assert count(AuditEvent) == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "请写下意见或建议。"), (" \n ", "请写下意见或建议。"), ("长" * 1_001, "最多 1000 字，请删减一些。")],
)
def test_an_opinion_that_will_not_do_is_asked_for_beside_its_field(
    world: World, staff: Browser, text: str, sentence: str
):
    staff.get("/feedback")

    page = staff.submit("送出", text=text)

    assert (page.status, page.errors, count(Feedback)) == (422, {"text": sentence}, 0)


def test_a_sign_no_keyboard_types_is_left_out_wherever_text_is_sent(world: World, staff: Browser, visitor: Browser):
    staff.get("/feedback")
    visitor.get("/sign-in")

    sent = staff.submit("送出", text="好\0用。")
    signed_in = visitor.submit("登录", username="staff\0", password=builders.PASSWORD)

    assert (sent.status, rows_of(Feedback, "text")) == (200, [("好用。",)])
    assert (signed_in.status, signed_in.h1) == (200, "今天没有要办的事")


def test_the_same_click_twice_is_one_opinion(world: World, staff: Browser):
    form = staff.get("/feedback")
    staff.submit("送出", text="一次")
    staff.page = form

    staff.submit("送出", text="一次")

    assert count(Feedback) == 1


def test_only_the_own_organisers_office_reads(world: World, sign_in: SignIn, staff: Browser, city_office: Browser):
    builders.feedback(world.person("staff"))
    builders.feedback(world.person("city_staff"), "市局的意见。", with_name=False)

    assert received(city_office.get("/feedback")) == [("市局的意见。", "没有附名字")]
    assert [received(sign_in(who).get("/feedback")) for who in ("staff", "leader", "auditor")] == [[], [], []]
    assert "收到的意见建议" not in staff.get("/feedback").main


def test_an_opinion_is_never_changed(world: World):
    builders.feedback(world.person("staff"))

    with pytest.raises(DBAPIError, match="feedback only grows"), writing() as session:
        session.execute(Feedback.__table__.update().values(text="好得很"))  # type: ignore[attr-defined]


# Long work.


def job(world: World, state: JobState, **values: object) -> Job:
    """A job of the office in some state."""
    office = world.person("office")
    ended = NOW if state in (JobState.DONE, JobState.FAILED) else None
    filled = {"title": "导出", "message": "", "progress": 0, **values}
    return builders.add(
        Job(
            kind="quarters.file",
            arguments={},
            person_id=office.id,
            organiser_id=office.organiser_id,
            state=state,
            made_at=NOW - timedelta(minutes=1),
            ended_at=ended,
            **filled,
        )
    )


@pytest.mark.parametrize(
    ("state", "values", "words"),
    [
        (JobState.QUEUED, {}, "排队，已完成 0%。可以离开这一页，做好后再回来取。 看看做到哪了"),
        (JobState.RUNNING, {"progress": 50}, "进行中，已完成 50%。可以离开这一页，做好后再回来取。 看看做到哪了"),
        (JobState.DONE, {"message": "文件已做好。"}, "文件已做好。"),
        (JobState.FAILED, {"message": "没有完成，内容没有改变。"}, "没有完成，内容没有改变。"),
    ],
)
def test_the_page_of_a_job_tells_how_far_it_has_come(
    world: World, office: Browser, state: JobState, values: dict[str, object], words: str
):
    made = job(world, state, **values)

    page = office.get(f"/jobs/{made.id}")

    panel = page.by_id("job")
    for drawn in panel.xpath(".//progress"):
        drawn.text = ""
    assert (page.h1, said(panel)) == ("导出", words)
    asks_again = state in (JobState.QUEUED, JobState.RUNNING)
    assert panel.get("hx-get") == (f"/jobs/{made.id}" if asks_again else None)


def test_a_finished_job_offers_its_file_until_it_is_cleared_away(world: World, office: Browser):
    key = "a" * 64
    path: Path = result_path(key)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"PK-the-file")
    made = job(world, JobState.DONE, message="文件已做好。", file_key=key, file_name="报告情况.xlsx")
    office.get(f"/jobs/{made.id}")

    file = office.click("下载 报告情况.xlsx")
    path.unlink()

    assert (file.status, file.content) == (200, b"PK-the-file")
    assert office.get(f"/jobs/{made.id}/file").status == 404


def test_a_job_without_a_file_has_none_to_fetch(world: World, office: Browser):
    made = job(world, JobState.RUNNING)

    assert office.get(f"/jobs/{made.id}/file").status == 404


def test_a_job_is_seen_by_the_one_who_asked_for_it(world: World, sign_in: SignIn):
    made = job(world, JobState.QUEUED)

    assert [sign_in(who).get(f"/jobs/{made.id}").status for who in ("office", "second", "system_admin")] == [
        200,
        404,
        404,
    ]
