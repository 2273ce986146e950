"""The pages of an import, from the file to the result."""

from __future__ import annotations

import io

import sqlalchemy as sa
from openpyxl import load_workbook

from tests import builders
from tests.builders import World
from tests.conftest import SignIn
from tests.imports import books
from tests.imports.test_importing import bring, replace_heads
from tests.pages import Browser, Page
from tiejun_awards.accounts.models import Person
from tiejun_awards.imports import exports
from tiejun_awards.imports.models import ImportRun
from tiejun_awards.shared import jobs
from tiejun_awards.shared.db import db
from tiejun_awards.shared.jobs import Job, JobState


def send(browser: Browser, content: bytes, name: str = "名单.xlsx", **fields: str) -> Page:
    """Upload a file as the form does."""
    return browser.post("/import/", {"file": [(io.BytesIO(content), name)], "key": name, **fields}, csrf=True)


def work() -> None:
    """Do what waits."""
    for job_id in db.session.scalars(sa.select(Job.id).where(Job.state == JobState.QUEUED)).all():
        jobs.do(job_id)


def test_a_file_goes_from_upload_through_preview_to_the_result(world: World, office: Browser):
    page = send(office, books.workbook({"people": [books.PERSON]}))
    assert "正在检查" in page.main
    work()
    page = office.get(page.path)
    assert "没有发现问题" in page.main
    page = office.submit("确认导入")
    assert "正在写入" in page.main
    work()
    page = office.get(page.path)

    assert page.alerts[0].startswith("已导入。2026年11月23日10:00写入")
    assert builders.only(Person, username_key="zhang.san").name == "张三"


def test_the_first_twenty_new_lines_are_shown_to_be_checked(world: World, office: Browser):
    lines = [(f"new.{number}", f"新人{number}", "", "water_unit", "water") for number in range(21)]
    page = send(office, books.workbook({"people": lines}))
    work()

    page = office.get(page.path)

    rows = page.rows(1)
    assert (len(rows), rows[0]) == (20, ["2", "new.0", "新人0", "（空）", "water_unit", "water"])
    assert "前 20 行，共 21 行" in page.main


def test_what_is_wrong_is_listed_and_the_file_can_be_dropped(world: World, office: Browser):
    page = send(office, books.units((*books.UNIT[:7], "去年", "")))
    work()
    page = office.get(page.path)
    assert page.alerts[0].startswith("有 1 处要改")
    assert "H2" in page.main
    page = office.submit("放弃这份文件")

    assert page.alerts[0] == "已放弃，文件已删除，数据没有改变。"
    assert builders.only(ImportRun).content is None


def test_a_file_that_cannot_be_opened_says_so_on_the_page(world: World, office: Browser):
    page = send(office, b"\xd0\xcf\x11\xe0" * 300)
    work()

    assert "加了密码，或者是旧的 .xls 格式" in office.get(page.path).alerts[0]


def test_a_workbook_that_is_none_cannot_be_opened(world: World, office: Browser):
    page = send(office, "张三，李四\n".encode(), "名单.xlsx")
    work()

    assert office.get(page.path).alerts[0] == (
        "这份文件不能导入，数据没有改变 这个文件打不开：名字是 .xlsx，里面不是 Excel 表格。"
        "请用表格软件另存为 .xlsx 再传；本来就是 .csv 的，请把名字改回 .csv。"
    )


def test_heads_are_matched_by_hand_on_the_page(world: World, office: Browser):
    content = books.workbook(
        {"people": []}, lambda book: replace_heads(book, ["工号", "姓名", "备注"], ["w.wu", "王五", "新来的"])
    )
    page = send(office, content, source="花名册")
    work()
    office.get(page.path)
    page = office.submit("记住对应，再检查一次", {"head-0": "username"})
    work()

    assert "没有发现问题" in office.get(page.path).main


def test_a_file_of_a_wrong_kind_is_refused_beside_the_field_and_one_of_another_office_is_not_found(
    world: World, office: Browser, city_office: Browser
):
    wrong = send(office, b"x", "a.xls")
    sent = send(office, books.units())

    assert (wrong.status, wrong.errors) == (
        422,
        {"file": "只能导入 .xlsx 和 .csv 文件；.xls 和带宏的 .xlsm 请另存为 .xlsx。"},
    )
    assert city_office.get(sent.path).status == 404


def test_the_system_administrator_chooses_the_organiser(world: World, sign_in: SignIn):
    browser, city = sign_in("system_admin"), world.organiser("city")
    content = books.workbook({"people": [("zhang.san", "张三", "", "city_unit", "city_branch")]})
    page = send(browser, content, organiser=str(city.id))
    work()
    browser.get(page.path)
    browser.submit("确认导入")
    work()

    assert builders.only(Person, username_key="zhang.san").organiser_id == city.id


def test_the_export_is_made_by_the_work_process_and_holds_no_formula(world: World, office: Browser):
    bring(world, books.workbook({"people": [("zhang.san", "＝1+1", "", "", ""), ("li.si", "-2", "", "", "")]}))
    office.get("/import/")
    page = office.submit("导出现有数据")
    work()
    page = office.get(page.path)
    actor = world.actor("office")

    book = load_workbook(io.BytesIO(exports.data_file(actor, actor.organiser_id)[1]))
    kinds = {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row}
    assert "下载 基础数据20261123.xlsx" in page.links
    assert "f" not in kinds
