"""One person at a browser, who watches every page: what the console says, what the policy refuses, what axe finds, what overflows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
LOOK = """async () => {
  const rules = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] };
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id} (${one.impact}): ` + one.nodes.map((node) => node.html).join(" | ").slice(0, 400));
}"""
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
}"""
BUILD = """() => [location.pathname.replace(/[0-9]+/g, "0"), ...Array.from(document.body.querySelectorAll("*"), (one) =>
  one.tagName + one.className + one.getAttributeNames() + Boolean(one.textContent.trim()))].join()"""
"""How a page is built, whatever it says: one that is built alike was looked at by axe already."""

HEIGHT = {1440: 900, 390: 844}

_SEEN: set[str] = set()

expect.set_options(timeout=15_000)


class Visitor:
    """A browser of its own. ``complaints`` gathers what no page may do; the fixture asserts at the end that it is empty."""

    def __init__(self, chromium: Browser, url: str, password: str, width: int, *, javascript: bool) -> None:
        self.url, self.password, self.width, self.javascript = url, password, width, javascript
        self.complaints: list[str] = []
        self.refusals: set[int] = set()
        """Statuses this visitor expects to meet: the browser writes each of them into its console."""
        self.context = chromium.new_context(
            viewport={"width": width, "height": HEIGHT[width]},
            java_script_enabled=javascript,
            has_touch=width < 500,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.context.set_default_timeout(15_000)
        self.context.expose_binding("report_violation", lambda _source, text: self.complaints.append(f"policy: {text}"))
        self.context.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (e) => window.report_violation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        expected = [f"the server responded with a status of {status} " for status in self.refusals]
        if not any(text in message.text for text in expected):
            self.complaints.append(f"console: {message.text} {message.location}")

    def close(self) -> None:
        self.context.close()

    # Looking at a page.

    def look(self) -> None:
        """Everything that holds for every page."""
        page, where = self.page, f"{self.width}px {self.page.url.removeprefix(self.url)}"
        page.wait_for_load_state()
        room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if room[0] > room[1]:
            self.complaints.append(f"overflow: {where} is {room[0]} wide")
        if not self.javascript:
            return
        build = f"{self.width} {page.evaluate(BUILD)}"
        if build not in _SEEN:
            _SEEN.add(build)
            page.evaluate(AXE + "; 0")
            self.complaints += [f"axe: {where}: {found}" for found in page.evaluate(LOOK)]

    # Going about.

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)
        self.look()

    def sign_in(self, username: str) -> None:
        """Sign in and arrive at home."""
        if not self.page.url.endswith("/sign-in"):
            self.go("/sign-in")
        self.fill_in_sign_in(username)
        expect(self.page.locator("h1")).to_contain_text("今天")
        self.look()

    def fill_in_sign_in(self, username: str) -> None:
        self.page.get_by_label("账号").fill(username)
        self.page.get_by_label("密码").fill(self.password)
        self.page.get_by_role("button", name="登录").click()

    def press(self, words: str, *, within: Locator | None = None) -> None:
        """Press the button with these words."""
        (within or self.page).get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        """Follow the link with these words, and look at where it leads."""
        self.page.get_by_role("link", name=words, exact=True).first.click()
        self.look()

    def paste(self, text: str) -> None:
        """Paste into the field that has the focus, as from Excel."""
        self.page.evaluate(PASTE, text)

    def alert(self) -> Locator:
        """The message of the page."""
        return self.page.locator("#page-status .alert")

    def field(self, name: str) -> Locator:
        """A field by its name."""
        return self.page.locator(f"[name='{name}']")

    def focused(self) -> dict[str, Any]:
        """What has the focus: its name, its words, its place in the page, and whether one can see that it has it."""
        script = """() => {
          const at = document.activeElement, look = getComputedStyle(at);
          const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
          return { name: at.getAttribute("name") || "", words: (at.getAttribute("aria-label") || at.textContent || "").trim().slice(0, 40),
                   order: Array.prototype.indexOf.call(document.querySelectorAll("*"), at), seen: ring || look.boxShadow !== "none" };
        }"""
        found: dict[str, Any] = self.page.evaluate(script)
        return found
