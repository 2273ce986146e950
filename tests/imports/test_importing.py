"""Importing the opening data: what would change, what is wrong and where, all or nothing, and out again."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from tests import builders
from tests.builders import World
from tests.imports import books
from tests.test_permissions import changed, tables
from tiejun_awards.accounts.models import Person, RoleGrant
from tiejun_awards.honours.models import Honour
from tiejun_awards.imports import exports, importing, services
from tiejun_awards.imports.lines import BY_KEY, SHEETS, Plan
from tiejun_awards.imports.models import HeadMapping, ImportRun, ImportState
from tiejun_awards.organisation.models import BranchUnit, PartyOrganisation, Unit
from tiejun_awards.shared import jobs
from tiejun_awards.shared.access import Role
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import Refused
from tiejun_awards.stars.models import StarHolding


def planned(world: World, content: bytes, who: str = "office", **options: Any) -> Plan:
    """What a file would change."""
    actor = world.actor(who)
    return importing.plan(db.session(), actor, actor.organiser_id, importing.read(content), **options)[1]


def said(plan: Plan) -> list[tuple[str, str]]:
    """(cell, what is wrong) of a plan."""
    return [(fault.cell, fault.what) for fault in plan.faults]


def bring(world: World, content: bytes, who: str = "office", **options: Any) -> ImportRun:
    """Upload, have checked, confirm, have written, as a person would."""
    run = uploaded(world, content, who, **options)
    assert run.preview.get("ready"), run.preview
    services.confirm(world.actor(who), run)
    assert run.job_id is not None
    jobs.do(run.job_id)
    return services.get_visible(world.actor(who), run.id)


def uploaded(world: World, content: bytes, who: str = "office", **options: Any) -> ImportRun:
    """Upload and have checked."""
    actor = world.actor(who)
    name = options.pop("name", "名单.xlsx")
    organiser = world.organiser("department")
    run = services.upload(actor, organiser, file_name=name, content=content, **options)
    assert run.job_id is not None
    jobs.do(run.job_id)
    return services.get_visible(actor, run.id)


WHOLE: dict[str, list[tuple[Any, ...]]] = {
    "units": [
        ("U2", "新设科", "厅机关处室", "U1", "科", 5, "否", "2021年3月1日", ""),
        ("U1", "新设处", "厅机关处室", "", "", None, "是", "2021/3/1", ""),
    ],
    "parties": [
        ("P1", "新设党总支", "党总支", "", "committee", "", "2021-03-01", "", "", "", "", ""),
        ("P2", "新设党支部", "党支部", "在职党支部", "P1", "", "2021.3.1", "", 12, 1, 3, 2),
    ],
    "served": [("P2", "U1", "2021-03-01", "")],
    "people": [("ＺＨＡＮＧ", "张三", "１３８００００００１１", "U1", "P2"), ("li.si", "李四", "", "U1", "P2")],
    "posts": [
        ("zhang", "党支部书记", "P2", "", date(2021, 3, 1), "2023-12-31", "", ""),
        ("li.si", "党支部书记", "P2", "", "2024-01-01", "", "否", ""),
        ("zhang", "推荐单位经办", "", "U1", "20240101", "", "", ""),
    ],
    "stars": [("P2", 2022, "四星级", "宁环党发〔2023〕3号", "2023-01-20")],
    "honours": [
        ("铁军标兵·岗位标兵", 2022, "U1", "王五", "科长", "通报表扬", "厅党组会议", "2023-01-15", "宁环党发〔2023〕2号")
    ],
}


def whole() -> dict[str, Any]:
    """A file with a line in every sheet."""
    title = BY_KEY["honours"].columns[0].options[0]
    return {**WHOLE, "honours": [(title, *line[1:]) for line in WHOLE["honours"]]}


def test_a_file_with_every_sheet_is_written_whole(world: World):
    run = bring(world, books.workbook(whole()))

    unit, above = builders.only(Unit, code="U2"), builders.only(Unit, code="U1")
    branch = builders.only(PartyOrganisation, code="P2")
    person = builders.only(Person, username_key="zhang")
    grants = db.session.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person.id)).all()
    assert (unit.parent_id, unit.position, above.kind_unconfirmed, above.starts_on) == (
        above.id,
        5,
        True,
        date(2021, 3, 1),
    )
    assert (branch.members, branch.committee_size, branch.founded_on) == (12, 3, date(2021, 3, 1))
    assert builders.only(BranchUnit, branch_id=branch.id).unit_id == above.id
    assert (person.mobile, person.password_hash, person.branch_id) == ("13800000011", "", branch.id)
    assert [(grant.role, grant.ends_on) for grant in grants] == [
        (Role.SECRETARY, date(2023, 12, 31)),
        (Role.CLERK, None),
    ]
    assert builders.only(StarHolding, branch_id=branch.id).star == 4
    assert builders.only(Honour, unit_id=above.id).call_id is None
    assert (run.state, run.content) == (ImportState.DONE, None)
    assert run.preview["done"] == [[sheet.title, len(whole()[sheet.key]), 0] for sheet in SHEETS]


def test_what_is_exported_and_imported_again_changes_nothing(world: World):
    bring(world, books.workbook(whole()))
    actor = world.actor("office")
    before = tables()

    _, content = exports.data_file(actor, actor.organiser_id)
    plan = planned(world, content)

    assert (said(plan), plan.unknown, plan.changes) == ([], [], 0)
    assert {part.sheet.key: part.unchanged > 0 for part in plan.parts} == {sheet.key: True for sheet in SHEETS}
    assert changed(before, tables()) == set()


def test_the_template_holds_an_example_in_each_sheet_that_is_not_imported(world: World):
    actor = world.actor("office")

    _, content = exports.template(actor, actor.organiser_id)
    plan = planned(world, content)

    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["填写说明", *(sheet.title for sheet in SHEETS)]
    assert {
        str(row[0].value)[:2] for sheet in book.worksheets[1:] for row in sheet.iter_rows(min_row=2, max_row=2)
    } == {"示例"}
    assert (said(plan), plan.changes) == ([], 0)


def test_every_column_of_a_template_says_what_may_stand_in_it(world: World):
    actor = world.actor("office")

    book = load_workbook(io.BytesIO(exports.template(actor, actor.organiser_id)[1]))

    lists = {sheet.title: len(sheet.data_validations.dataValidation) for sheet in book.worksheets}
    assert lists == {
        "填写说明": 0,
        **{sheet.title: sum(bool(column.options) for column in sheet.columns) for sheet in SHEETS},
    }


def test_a_change_shows_what_is_there_and_what_comes(world: World):
    mended = ("water_unit", "水环境处", "派出机构", "", "水处", "", "", "2020-01-01", "")

    run = uploaded(world, books.units(mended))

    [sheet] = run.preview["sheets"]
    assert (sheet["new"], sheet["changed"], sheet["unchanged"]) == (0, 1, 0)
    assert sheet["changes"] == [
        [
            2,
            "水环境处",
            [["名称", "水生态环境处", "水环境处"], ["类别", "厅机关处室", "派出机构"], ["又称", "", "水处"]],
        ]
    ]


def test_columns_that_are_not_there_leave_what_is_there(world: World):
    world.person("staff")
    content = books.workbook({"people": []}, lambda book: replace_heads(book, ["账号", "姓名"], ["staff", "某某"]))

    run = bring(world, content)

    staff = world.person("staff")
    assert (staff.name, staff.branch_id, staff.unit_id) == (
        "某某",
        world.branch("water").id,
        world.unit("water_unit").id,
    )
    assert run.state is ImportState.DONE


def replace_heads(book: Any, *lines: list[Any]) -> None:
    sheet = book.worksheets[0]
    sheet.delete_rows(1, 5)
    for line in lines:
        sheet.append(line)


def test_unknown_heads_are_asked_about_once_for_each_source(world: World):
    def strange(book: Any) -> None:
        replace_heads(book, ["工号", "姓名", "备注"], ["w.wu", "王五", "新来的"])

    content = books.workbook({"people": []}, strange)
    run = uploaded(world, content, source="花名册")
    asked = run.preview["unknown"]
    services.map_heads(world.actor("office"), run, meanings={("people", "工号"): "username", ("people", "备注"): ""})
    jobs.do(run.job_id or 0)
    again = uploaded(world, content, source="花名册")
    elsewhere = uploaded(world, content, source="别处")

    assert asked == [["people", "工号", ["w.wu"]], ["people", "备注", ["新来的"]]]
    assert services.get_visible(world.actor("office"), run.id).preview["ready"]
    assert again.preview["ready"]
    assert (elsewhere.preview["ready"], len(elsewhere.preview["unknown"])) == (False, 2)
    assert builders.count(HeadMapping) == 2


def test_one_fault_and_nothing_is_written(world: World):
    before = tables()

    run = uploaded(
        world, books.units(books.UNIT, ("坏 代码", "另一处", "厅机关处室", "", "", "", "", "2020-01-01", ""))
    )

    assert not run.preview["ready"]
    with pytest.raises(Refused):
        services.confirm(world.actor("office"), run)
    assert changed(before, tables()) <= {"import_run", "job", "idempotency_key"}


def test_what_changed_since_the_preview_is_not_written_over(world: World):
    run = uploaded(world, books.units())
    builders.unit(world.organiser("department"), "NEW01", "先来的处")

    services.confirm(world.actor("office"), run)
    jobs.do(run.job_id or 0)

    run = services.get_visible(world.actor("office"), run.id)
    assert (run.state, builders.only(Unit, code="NEW01").name) == (ImportState.CHECKED, "先来的处")
    assert run.preview["refused_before"] == "预览之后，系统里的数据有了变化，请重新核对预览再确认。"


def test_an_import_is_one_line_of_the_audit_trail_and_one_for_each_row(world: World):
    bring(world, books.workbook({"people": [books.PERSON], "posts": [("zhang.san", "评委", "", "", "2026-01-01", "")]}))

    lines = builders.rows_of(AuditEvent, "action", "object_type")[-3:]
    assert lines == [
        ("imports.import_people", "person"),
        ("imports.import_posts", "role_grant"),
        ("imports.import_data", "import_run"),
    ]


def test_an_import_gives_no_post_the_importer_may_not_give(world: World):
    rows = [
        ("staff", "机关党委经办", "", "", "2026-01-01", ""),
        ("staff", "系统管理员", "", "", "2026-01-01", ""),
        ("office", "评委", "", "", "2026-01-01", ""),
        ("auditor", "评委", "", "", "2026-01-01", ""),
        ("supervisor", "党建督导员", "air", "", "2026-01-01", ""),
        ("staff", "党支部书记", "water", "", "2026-01-01", ""),
        ("nobody", "评委", "", "", "2026-01-01", ""),
        ("staff", "党支部书记", "air", "", "2026-01-01", "", "是", "出差"),
    ]

    plan = planned(world, books.workbook({"posts": rows}))

    assert sorted(said(plan)) == [
        ("A4", "不能给自己任职。"),
        ("A8", "没有账号“nobody”。"),
        ("B2", "机关党委经办不能由您任免。"),
        ("B3", "系统管理员不能由您任免。"),
        ("B5", EXCLUDED),
        ("C6", "党建督导员不能督导自己所在的支部，请换一个支部或者换人（supervisor）。"),
        ("E7", "这个支部在这段时间里已经有书记。"),
        ("F9", "代理书记要写代理到哪一天。"),
    ]


EXCLUDED = "auditor在这段时间里担任审计管理员，不能再任评委：系统三类管理员由不同的人担任，也不兼机关党委经办、评委、监票和计票。"


def test_the_system_administrator_brings_people_but_no_posts(world: World):
    plan = planned(
        world,
        books.workbook({"people": [books.PERSON], "posts": [("zhang.san", "评委", "", "", "2026-01-01", "")]}),
        "system_admin",
    )

    assert said(plan) == [("A1", "您现在的身份不能导入“任职”。")]


def test_the_office_does_not_change_the_accounts_of_administrators(world: World):
    row = ("auditor", "别的名字", "", "", "")

    faults = {who: said(planned(world, books.workbook({"people": [row]}), who)) for who in ("office", "system_admin")}

    assert faults == {"office": [("A2", "这是系统三类管理员的账号。")], "system_admin": []}


def test_an_import_does_not_move_its_importer_to_another_branch(world: World):
    row = ("office", "机关党委经办", "", "own_unit", "air")

    assert said(planned(world, books.workbook({"people": [row]}))) == [("E2", "不能改自己的单位和党支部。")]


def test_a_star_and_an_honour_that_are_there_are_never_changed(world: World):
    bring(world, books.workbook(whole()))
    stars = [("P2", 2022, "五星级", "宁环党发〔2023〕3号", "2023-01-20")]

    plan = planned(world, books.workbook({"stars": stars}))

    assert said(plan) == [("C2", "已经登记过，“星级”是“四星级”，不能在这里改。")]


def test_imported_honours_stand_in_the_list_and_say_that_they_were_entered_later(world: World, office: Any):
    bring(world, books.workbook(whole()))

    page = office.get("/honours/")
    one = office.get(f"/honours/{builders.only(Honour).id}")

    assert "王五" in page.main
    assert "按决定补登" in one.main


def test_two_accounts_may_change_their_numbers_with_each_other(world: World):
    bring(world, books.workbook({"people": [("a1", "甲", "13800000001", "", ""), ("a2", "乙", "13800000002", "", "")]}))

    bring(world, books.workbook({"people": [("a1", "甲", "13800000002", "", ""), ("a2", "乙", "13800000001", "", "")]}))

    assert [builders.only(Person, username_key=key).mobile for key in ("a1", "a2")] == ["13800000002", "13800000001"]


def test_a_dropped_import_keeps_no_file_and_an_old_one_is_dropped(world: World, now: Any):
    run = uploaded(world, books.units())
    other = uploaded(world, books.units())

    services.drop(world.actor("office"), run)
    services.forget_old(now + services.KEPT * 2)

    rows = builders.rows_of(ImportRun, "id", "state", "content")
    assert rows == [(run.id, ImportState.DROPPED, None), (other.id, ImportState.DROPPED, None)]


def test_a_csv_of_one_sheet_is_read_in_both_encodings(world: World):
    text = "账号,姓名,手机号,单位代码,支部代码\nzhang.san,张三,,water_unit,water\n"

    plans = [planned(world, text.encode(encoding)) for encoding in ("utf-8-sig", "gb18030")]

    assert [(said(plan), plan.changes) for plan in plans] == [([], 1), ([], 1)]


def test_a_file_of_one_unknown_sheet_is_what_its_bringer_says(world: World):
    def renamed(book: Any) -> None:
        book.worksheets[0].title = "Sheet1"
        replace_heads(book, ["代码", "名称", "类别", "启用日期"], ["N1", "新处", "厅机关处室", "2020-01-01"])

    content = books.workbook({"units": []}, renamed)

    assert planned(world, content).changes == 1  # its heads fit one sheet only
    assert planned(world, content, only_sheet="units").changes == 1
