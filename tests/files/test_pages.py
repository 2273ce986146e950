"""Attachments through their pages: sent, listed, looked at, fetched, removed, handed in with a report."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import timedelta
from io import BytesIO
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests import builders
from tests.builders import World, rows_of
from tests.conftest import SignIn, Statements
from tests.files import made
from tests.files.conftest import Upload
from tests.pages import SANDBOX, Browser, Page
from tiejun_awards.files import store
from tiejun_awards.files.models import Attachment, FilePreview
from tiejun_awards.files.rules import PreviewState
from tiejun_awards.reports.models import ReportRevision
from tiejun_awards.shared import jobs
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db
from tiejun_awards.shared.jobs import Job

PDF = ("整改清单.pdf", made.pdf_by())


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def names(page: Page) -> list[str]:
    return [row[0] for row in page.rows()] if page.all("//main//table") else []


def name_of(page: Page) -> str:
    return unquote(page.headers["Content-Disposition"].split("filename*=UTF-8''")[1])


def draw_all() -> None:
    """What the work process does."""
    for job_id in db.session.scalars(sa.select(Job.id)).all():
        jobs.do(job_id)


# In.


def test_several_files_are_taken_in_at_once_and_listed(world: World, secretary: Browser, upload: Upload):
    page = upload(secretary, PDF, ("做法.docx", made.docx()), ("台账.xlsx", made.xlsx()))

    assert page.alerts[0] == "已附上 3 个文件。"
    assert names(page) == [f"{name} 正在生成预览" for name in ("整改清单.pdf", "做法.docx", "台账.xlsx")]
    assert rows_of(Attachment, "name", "sha256", "size")[0] == ("整改清单.pdf", sha(PDF[1]), len(PDF[1]))


def test_good_ones_stay_when_others_are_refused_and_each_is_told_why(world: World, secretary: Browser, upload: Upload):
    page = upload(secretary, PDF, ("x.exe", b"MZ"), ("图.png", made.pdf()))

    assert page.status == 422
    assert page.errors == {
        "file": "x.exe：只能传图片（jpg、png）、PDF、Word（docx）和 Excel（xlsx）文件。 "
        "图.png：文件的内容不是 png，和后缀对不上。请用原来的软件另存为 png，不要只改后缀。"
    }
    assert names(page) == ["整改清单.pdf 正在生成预览"]


def test_a_form_without_a_file_says_so(world: World, secretary: Browser, upload: Upload):
    page = upload(secretary)

    assert (page.status, page.errors) == (422, {"file": "请先选要传的文件。附件都可以不传。"})


def test_the_same_file_once_more_is_the_one_that_is_there(world: World, secretary: Browser, upload: Upload):
    upload(secretary, PDF)
    upload(secretary, ("另一个名字.pdf", PDF[1]))

    assert rows_of(Attachment, "name") == [("整改清单.pdf",)]
    assert [action for (action,) in rows_of(AuditEvent, "action") if action.startswith("files.")] == ["files.attach"]


def test_a_fourth_file_is_refused(world: World, secretary: Browser, upload: Upload):
    page = upload(secretary, *((f"{n}.pdf", made.pdf(n)) for n in (1, 2, 3, 4)))

    assert (page.status, page.errors) == (422, {"file": "4.pdf：这里最多 3 个附件。要换的话，请先移除一个。"})


def test_a_photo_is_kept_without_its_place(world: World, secretary: Browser, upload: Upload):
    upload(secretary, ("现场.jpg", made.jpg(telling=True)))
    [(file_id, sha256)] = rows_of(Attachment, "id", "sha256")

    content = secretary.get(f"/files/{file_id}/file").content

    assert (made.PLACE in content, made.AUTHOR.encode() in content, sha(content)) == (False, False, sha256)


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(app: Flask, secretary: Browser, upload: Upload):
    page = upload(secretary, ("大.pdf", b"%PDF-" + bytes(20 * 2**20)))

    assert (page.status, page.errors) == (422, {"file": "大.pdf：文件超过 20 MB。请压缩图片，或拆成几份再传。"})
    assert list(store.incoming().iterdir()) == []


def test_a_request_that_is_too_large_is_told_so(world: World, secretary: Browser, upload: Upload):
    assert upload(secretary, ("大.pdf", bytes(25 * 2**20))).status == 413


def test_a_day_has_a_quota(world: World, secretary: Browser, upload: Upload):
    builders.attachment(world.report("water", "2026Q3"))
    with db.engine.begin() as connection:
        connection.execute(sa.update(Attachment).values(size=200 * 2**20))

    page = upload(secretary, PDF)
    with db.engine.begin() as connection:
        connection.execute(sa.update(Attachment).values(added_at=world.now - timedelta(hours=24)))
    next_day = upload(secretary, PDF)

    assert page.errors == {"file": "整改清单.pdf：您一天最多传 200 MB，今天已经传满。请明天再传，或压缩后再传。"}
    assert next_day.alerts[0] == "已附上 1 个文件。"


def test_a_script_gets_the_list_or_the_reason(world: World, secretary: Browser):
    def send(content: bytes) -> Page:
        values = MultiDict(
            [("csrf_token", secretary.csrf_token()), ("bare", "yes"), ("file", (BytesIO(content), "a.pdf"))]
        )
        return secretary.send("POST", path, data=values, headers={"HX-Request": "true"})

    path = f"/files/of/report/{world.report('water', '2026Q4').id}/add"
    good, bad = send(PDF[1]), send(b"%PDF-")

    assert (good.status, [str(found) for found in good.all("//div/@id")]) == (200, ["attachments"])
    assert (bad.status, bad.text) == (422, "文件不完整，可能没有传完或已损坏。请重新导出后再传。")


# Out.


def test_a_download_is_a_sandboxed_attachment_under_its_chinese_name(world: World, secretary: Browser, upload: Upload):
    page = upload(secretary, PDF)
    page = secretary.get(page.links["下载整改清单.pdf"])

    assert (page.content, name_of(page)) == (PDF[1], "整改清单.pdf")
    assert page.headers["Content-Disposition"].startswith("attachment; ")
    assert [
        page.headers[name]
        for name in ("Content-Type", "Content-Security-Policy", "Cache-Control", "X-Content-Type-Options")
    ] == [*("application/pdf", SANDBOX, "no-store", "nosniff")]
    assert "ETag" not in page.headers


def test_what_was_changed_in_the_store_is_never_sent(world: World, secretary: Browser, upload: Upload):
    upload(secretary, PDF)
    [(file_id, sha256)] = rows_of(Attachment, "id", "sha256")
    place = store.store()
    place.put(place.bring(BytesIO(PDF[1].replace(b"test", b"tent"))), store.content_key(sha256))

    pages = [
        secretary.get(path)
        for path in (f"/files/{file_id}/file", secretary.get(f"/files/{file_id}").links["附件"] + "/all")
    ]

    assert [(page.status, page.reason[:7]) for page in pages] == [(409, "文件校验失败：")] * 2
    assert not any(b"%PDF" in page.content for page in pages)
    damaged = [row for row in rows_of(AuditEvent, "action", "object_type", "object_id") if row[0] == "files.damaged"]
    assert damaged == [("files.damaged", "attachment", file_id)] * 2


def test_what_is_gone_from_the_store_is_told_the_same_way(world: World, secretary: Browser, upload: Upload):
    upload(secretary, PDF)
    [(file_id, sha256)] = rows_of(Attachment, "id", "sha256")
    store.store().drop(store.content_key(sha256))

    assert secretary.get(f"/files/{file_id}/file").reason[:7] == "文件校验失败："


def test_all_of_them_come_in_one_zip_with_a_listing(world: World, secretary: Browser, upload: Upload):
    upload(secretary, PDF, ("整改清单.PDF", made.pdf()), ("附件清单.txt.docx", made.docx()))
    page = secretary.click("全部附件")

    with zipfile.ZipFile(BytesIO(page.content)) as archive:
        listing = archive.read("附件清单.txt").decode("utf-8-sig").splitlines()
        assert archive.namelist() == ["整改清单.pdf", "整改清单（2）.PDF", "附件清单.txt.docx", "附件清单.txt"]
        assert archive.read("整改清单.pdf") == PDF[1]
    assert (name_of(page), listing[0]) == ("2026年第四季度报告的附件.zip", "2026年第四季度报告的附件")
    assert listing[1] == f"整改清单.pdf\t{len(PDF[1])} 字节\t2026-11-23 10:00\t水处党支部书记\tSHA-256 {sha(PDF[1])}"


def test_a_preview_is_drawn_by_the_work_process_and_shown_as_pictures_and_text(
    world: World, secretary: Browser, upload: Upload
):
    page = upload(secretary, PDF, ("做法.docx", made.docx()), ("照.jpg", made.jpg()))
    before = secretary.get(page.links["整改清单.pdf"])
    draw_all()

    pdf, word, photo = (secretary.get(page.links[name]) for name in ("整改清单.pdf", "做法.docx", "照.jpg"))

    assert "正在生成预览，几秒就好。" in before.main
    assert [str(src) for src in pdf.all("//main//img/@src")] == [f"{pdf.path}/pages/1"]
    assert "一、主要做法 党员带头巡河。 河段 ｜ 次数" in word.main
    drawn = [secretary.get(str(shown.all("//main//img/@src")[0])) for shown in (pdf, photo)]
    assert [(page.headers["Content-Type"], page.content[:3]) for page in drawn] == [
        ("image/png", b"\x89PN"),
        ("image/jpeg", b"\xff\xd8\xff"),
    ]
    assert secretary.get(f"{pdf.path}/pages/2").status == 404


def test_a_file_that_cannot_be_drawn_says_so_and_can_still_be_fetched(world: World, secretary: Browser, upload: Upload):
    elsewhere = {name.replace("document.xml", "main.xml"): part for name, part in made.word_parts().items()}
    types = elsewhere["[Content_Types].xml"].replace(b"document.xml", b"main.xml")
    odd = made.packed(elsewhere | {"[Content_Types].xml": types})
    page = upload(secretary, ("怪.docx", odd))
    draw_all()

    shown = secretary.get(page.links["怪.docx"])

    assert rows_of(FilePreview, "state", order_by="sha256") == [(PreviewState.FAILED,)]
    assert shown.one("//section[@id='preview']//p").text == "这个文件做不成预览，可以下载原件看。"
    assert secretary.click("下载原件").content == odd


def test_a_file_is_removed_from_a_draft_with_its_row(world: World, secretary: Browser, upload: Upload):
    upload(secretary, PDF)
    page = secretary.submit("移除整改清单.pdf")

    assert (page.alerts[0], names(page), rows_of(Attachment, "id")) == ("已移除这个附件。", [], [])


# With the report.


def submit(world: World, secretary: Browser) -> Page:
    secretary.get(f"/reports/{world.report('water', '2026Q4').id}/edit")
    fixes = {f"fixes-{n}-status": "going_on" for n in range(2)}
    return secretary.submit("检查并提交", fixes, confirmed=True)


def test_no_report_needs_an_attachment(world: World, secretary: Browser):
    page = submit(world, secretary)

    assert page.alerts[0] == "已提交给机关党委，这是第 1 稿。"
    assert "十一、附件 无。会议记录见本支部记录本。" in page.main


def test_the_editor_leads_to_the_attachments_and_keeps_what_was_typed(world: World, secretary: Browser):
    secretary.get(f"/reports/{world.report('water', '2026Q4').id}/edit")
    page = secretary.submit("添加、移除附件", tasks="刚写的一句。")

    assert page.h1 == "2026年第四季度报告的附件"
    assert world.report("water", "2026Q4").draft["fields"]["tasks"] == "刚写的一句。"


def test_a_submission_fixes_the_attachments_by_their_hash(
    world: World, secretary: Browser, office: Browser, upload: Upload
):
    upload(secretary, PDF)
    page = submit(world, secretary)
    report_id = world.report("water", "2026Q4").id

    [(file_id, fixed)] = rows_of(Attachment, "id", "fixed_at")
    content = db.session.scalars(sa.select(ReportRevision.content).where(ReportRevision.report_id == report_id)).one()
    assert content["attachments"] == [
        {"id": file_id, "name": "整改清单.pdf", "size": len(PDF[1]), "sha256": sha(PDF[1])}
    ]
    assert fixed == world.now
    assert "整改清单.pdf" in page.links
    assert upload(secretary, ("晚了.pdf", made.pdf())).reason == "这份报告已提交，附件不能再增减。"
    assert office.get(f"/files/{file_id}/file").content == PDF[1]
    assert office.get(f"/reports/{report_id}/print").links["整改清单.pdf"] == f"/files/{file_id}"


def test_what_an_earlier_submission_holds_stays_when_it_is_removed_later(
    world: World, secretary: Browser, office: Browser, upload: Upload
):
    upload(secretary, PDF)
    submit(world, secretary)
    report_id = world.report("water", "2026Q4").id
    office.get(f"/reports/{report_id}")
    office.submit("退回", {"reason": "换一份清单。"}, within="退回修改")
    secretary.get(f"/files/of/report/{report_id}")
    secretary.submit("移除整改清单.pdf")
    upload(secretary, ("新清单.pdf", made.pdf()))

    seen = {
        who: names(browser.get(f"/files/of/report/{report_id}"))
        for who, browser in (("mine", secretary), ("office", office))
    }
    new = rows_of(Attachment, "id")[-1][0]
    assert seen == {"mine": ["新清单.pdf 正在生成预览"], "office": []}
    assert office.get(f"/files/{new}").status == 404  # not handed in yet
    submit(world, secretary)
    assert office.get(f"/reports/{report_id}/revisions/1").links["整改清单.pdf"]
    assert office.get(office.get(f"/reports/{report_id}/revisions/1").links["整改清单.pdf"]).status == 200
    assert "新清单.pdf" in office.get(f"/reports/{report_id}").links


def test_a_list_of_30_asks_the_database_as_often_as_one_of_3(world: World, secretary: Browser, statements: Statements):
    report, counts = world.report("water", "2026Q4"), []
    for first, last in ((0, 3), (3, 30)):
        for n in range(first, last):
            builders.attachment(report, f"{n}.pdf", b"content %d" % n)
        with statements() as said:
            page = secretary.get(f"/files/of/report/{report.id}")
        counts.append((len(page.rows()), len(said)))

    assert counts == [(3, counts[0][1]), (30, counts[0][1])]
    assert counts[0][1] <= 12


def test_an_owner_nobody_knows_is_not_found(world: World, office: Browser):
    assert [office.get(path).status for path in ("/files/of/reports/1", "/files/of/x/1", "/files/of/report/x")] == [
        404
    ] * 3


@pytest.mark.parametrize("who", ["instructor", "office", "leader"])
def test_readers_are_offered_nothing_to_change(world: World, sign_in: SignIn, who: str):
    report = world.report("water", "2026Q3")
    builders.attachment(report)

    page = sign_in(who).get(f"/files/of/report/{report.id}")

    assert (names(page), page.buttons, page.all("//input[@type='file']")) == (["现场.png"], [], [])
