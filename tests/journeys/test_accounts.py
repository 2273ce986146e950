"""Every account of the demo signs in and sees a home page without a fault."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tiejun_awards.setup.demo import ACCOUNTS


def test_every_account_signs_in_and_sees_a_home_page_without_a_fault(visit: Visit):
    visitor = visit(1440)

    for username, post in ACCOUNTS:
        visitor.sign_in(username)
        expect(visitor.page.locator(".page-head p")).to_contain_text(post)
        visitor.press("退出")
        visitor.page.wait_for_url("**/sign-in")

    assert visitor.complaints == []
