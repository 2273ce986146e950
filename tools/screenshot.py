"""Draw docs/screenshot.png from a running demo: ``make run`` in one shell, ``make screenshot`` in another."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from config import Config

TARGET = Path(__file__).resolve().parent.parent / "docs" / "screenshot.png"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def main() -> int:
    """Sign in as the office and take the picture of the last quarter."""
    config = Config.from_env()
    browser_path = shutil.which("chromium")
    if browser_path is None:
        sys.stderr.write("没有找到 chromium。\n")
        return 1
    base = f"http://{config.host}:{config.port}"
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{base}/sign-in")
        page.fill("#username", "office")
        page.fill("#password", config.demo_password)
        page.click("main button.btn-primary")
        page.goto(f"{base}/quarters/")
        page.click("text=上一季度")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=str(TARGET))
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
