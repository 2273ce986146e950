"""Attachments at a browser: several at once with their progress, dropped, cancelled, refused, by keyboard; without JavaScript as well."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.files import made
from tests.journeys.conftest import Visit
from tests.journeys.writing import open_editor, saved

DROP = """async ([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  const box = document.querySelector("[data-upload]");
  for (const kind of ["dragenter", "dragover", "drop"])
    box.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def files(folder: Path) -> dict[str, Path]:
    contents = {"清单.pdf": made.pdf(2), "做法.docx": made.docx(), "改名的.pdf": made.docx(), "现场.jpg": made.jpg(6)}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


@pytest.mark.parametrize(("width", "username"), [(1440, "secretary12"), (390, "secretary15")])
def test_files_are_attached_while_the_report_is_being_written(visit: Visit, tmp_path: Path, width: int, username: str):
    made_files = files(tmp_path)
    secretary = visit(width)
    secretary.sign_in(username)
    open_editor(secretary)
    page = secretary.page
    secretary.refusals = {422}
    secretary.field("tasks").fill("一边写，一边传。")
    saved(secretary)

    page.locator("#file").set_input_files([made_files["清单.pdf"], made_files["改名的.pdf"]])
    expect(page.locator("#attachments")).to_contain_text("清单.pdf")
    expect(page.locator(".uploads li")).to_have_count(1)
    expect(page.locator(".uploads li")).to_contain_text("文件的内容不是 pdf，和后缀对不上。")
    expect(page.locator("[data-upload-camera]")).to_be_visible(visible=width < 500)
    secretary.look()
    page.locator(".uploads button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".uploads li")).to_have_count(0)

    page.evaluate(DROP, ["做法.docx", list(made.docx())])
    expect(page.locator("#attachments")).to_contain_text("做法.docx")
    assert secretary.field("tasks").input_value() == "一边写，一边传。"
    page.locator("#attachments").get_by_role("link", name="清单.pdf", exact=True).click()
    expect(page.locator("#preview img")).to_have_count(2)
    expect(page.locator("#preview img").first).to_have_js_property("naturalWidth", 1200)
    secretary.look()

    secretary.follow("附件")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="移除清单.pdf").click()
    expect(secretary.alert()).to_have_text("已移除这个附件。")
    secretary.look()


def test_an_upload_can_be_cancelled_and_sent_again_after_the_network_broke(visit: Visit, tmp_path: Path):
    made_files = files(tmp_path)
    secretary = visit()
    secretary.sign_in("secretary13")
    open_editor(secretary)
    page = secretary.page
    secretary.press("添加、移除附件")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(
        "**/files/of/report/*/add",
        hold,
    )

    page.locator("#file").set_input_files(made_files["清单.pdf"])
    page.get_by_role("button", name="取消上传清单.pdf").click()
    expect(page.locator(".uploads li")).to_have_count(0)
    expect(page.locator("#attachments")).to_have_text("还没有附件。")

    page.unroute("**/files/of/report/*/add")
    secretary.refusals = {0}
    secretary.context.set_offline(True)
    page.locator("#file").set_input_files(made_files["现场.jpg"])
    expect(page.locator(".uploads li")).to_contain_text("网络断了，没有传上去。")
    secretary.context.set_offline(False)
    secretary.complaints[:] = [each for each in secretary.complaints if "ERR_INTERNET_DISCONNECTED" not in each]
    page.get_by_role("button", name="再传一次").click()
    expect(page.locator("#attachments")).to_contain_text("现场.jpg")
    secretary.look()


def test_without_javascript_the_form_is_a_plain_one(visit: Visit, tmp_path: Path):
    made_files = files(tmp_path)
    secretary = visit(390, javascript=False)
    secretary.go("/sign-in")
    secretary.fill_in_sign_in("secretary14")
    secretary.page.locator(".todo a").first.click()
    if "/begin/" in secretary.page.url:
        secretary.page.locator("main button").first.click()
    secretary.refusals = {422}
    secretary.press("添加、移除附件")

    secretary.page.locator("#file").set_input_files([made_files["做法.docx"], made_files["改名的.pdf"]])
    secretary.press("上传")

    expect(secretary.page.locator("#file-error")).to_contain_text("改名的.pdf：文件的内容不是 pdf")
    expect(secretary.page.locator("#attachments")).to_contain_text("做法.docx")
    secretary.look()
