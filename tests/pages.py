"""The browser of the tests, and what holds for every page whichever test fetches it.

``Browser`` is one person's browser: ``get(path)``, ``submit(button, field=value)``, which finds the button on the page it is at,
fills its form as a browser would (hidden fields, what is checked and selected, the button's own name) and follows redirects,
``click(link)``. Each answers with a ``Page``.

Each answer on the way is checked by ``check_response`` (headers, cookies), each HTML page by ``check_page``, each piece of a page
by ``check_fragment``. An answer of 500 fails the test unless ``browser.may_fail`` is set.
"""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from lxml import html
from lxml.html import HtmlElement
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tiejun_awards.shared import clock
from tiejun_awards.shared.db import db

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SANDBOX = "sandbox; default-src 'none'"
"""Of what people brought: bytes that are opened do nothing."""
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"

ENGLISH = re.compile(
    r"\b(None|nan|undefined|Traceback|CSRF|Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Internal Server Error"
    r"|This field|Not a valid|Invalid|Field (must|cannot)|must be|The requested URL|The server|The browser|Redirecting)\b"
)
_HAN = "[一-鿿]"
HALF_WIDTH = re.compile(rf"{_HAN}[,;:!?](?!//)|[,;:!?]{_HAN}|{_HAN}\.{_HAN}|{_HAN}\(|\){_HAN}|\({_HAN}|{_HAN}\)")
"""Punctuation of Latin type set against a Chinese character."""

Values = Mapping[str, Any]


class FreshClient(FlaskClient):
    """A client whose requests share nothing with the test but the clock: no application context, hence no session of the database.

    What the test had read is given up first, so that it reads afterwards what the request changed.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
            db.session().info.pop("remembered", None)
        moment = clock.now()
        kwargs.setdefault("buffered", True)

        def send() -> TestResponse:
            with clock.stopped_at(moment):
                return super(FreshClient, self).open(*args, **kwargs)

        return contextvars.Context().run(send)


class Page:
    """One answer, read."""

    def __init__(self, response: TestResponse, path: str) -> None:
        self.response = response
        self.status = response.status_code
        self.path = path
        self.headers = response.headers
        self.is_html = response.mimetype == "text/html"

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.path} {self.h1 if self.is_html else self.response.mimetype}>"

    @property
    def html(self) -> str:
        """The answer as it was sent."""
        return self.response.get_data(as_text=True)

    @property
    def content(self) -> bytes:
        """The answer's bytes: a file."""
        return self.response.get_data()

    @cached_property
    def tree(self) -> HtmlElement:
        return html.fromstring(self.html or "<html></html>")

    @property
    def title(self) -> str:
        return words(self.tree.findtext(".//title") or "")

    @property
    def h1(self) -> str:
        found = self.tree.findall(".//h1")
        return said(found[0]) if found else ""

    @cached_property
    def text(self) -> str:
        """What can be read on the page."""
        return said(self.tree)

    @property
    def main(self) -> str:
        """What can be read in its main part."""
        return said(self.one("//main"))

    @property
    def alerts(self) -> list[str]:
        """The messages on the page."""
        return [said(found) for found in self.all("//*[contains(concat(' ', @class, ' '), ' alert ')]")]

    @property
    def reason(self) -> str:
        """The sentence of a page that says no."""
        return said(self.one("//main//h1/following-sibling::p[1]"))

    @property
    def errors(self) -> dict[str, str]:
        """The sentences beside fields: field name -> sentence."""
        found = {}
        for control in self.all("//*[@aria-invalid='true']"):
            for target in (control.get("aria-describedby") or "").split():
                if target.endswith("-error"):
                    found[control.get("name") or control.get("id") or ""] = said(self.by_id(target))
        return found

    @property
    def links(self) -> dict[str, str]:
        """The links: words -> address; of several with the same words, the first."""
        found: dict[str, str] = {}
        for link in self.all("//a[@href]"):
            found.setdefault(name_of(link), link.get("href", ""))
        return found

    @property
    def buttons(self) -> list[str]:
        """The words on the buttons that send a form, outside the head of the page."""
        return [name_of(found) for found in self.all("//main//button") if found.get("type", "submit") == "submit"]

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields of the main part, as it would be sent (of several fields with one name, the last)."""
        found: dict[str, str] = {}
        for form in self.all("//main//form"):
            found |= dict(filled(form, self.tree).items(multi=True))
        return {name: value for name, value in found.items() if name not in ("csrf_token", "key")}

    def rows(self, table: int = 0) -> list[list[str]]:
        """The body of a table, as the words of its cells."""
        bodies = self.all("//main//table")[table].findall(".//tbody/tr")
        return [[said(cell) for cell in row if cell.tag in ("td", "th")] for row in bodies]

    @property
    def heads(self) -> list[list[str]]:
        """The heads of the tables."""
        return [[said(cell) for cell in found.findall(".//thead/tr/th")] for found in self.all("//main//table")]

    def all(self, xpath: str) -> list[HtmlElement]:
        return list(self.tree.xpath(xpath))

    def one(self, xpath: str) -> HtmlElement:
        found = self.all(xpath)
        assert len(found) == 1, f"{len(found)} of {xpath} on {self!r}"
        return found[0]

    def by_id(self, wanted: str) -> HtmlElement:
        return self.one(f"//*[@id='{wanted}']")


class Browser:
    """One person's browser. ``page`` is where it is."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.client: FlaskClient = app.test_client()
        self.page: Page | None = None
        self.may_fail = False
        self._csrf = ("", "")  # (cookie, token)

    def hold(self, token: str, name: str = "session") -> None:
        """Hold a cookie: that of the session, unless another name is given."""
        self.client.set_cookie(name, token, httponly=True, samesite="Lax")

    def cookie(self, name: str = "session") -> str:
        """What a cookie holds; nothing when there is none."""
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def get(self, path: str, **kwargs: Any) -> Page:
        """Open an address and follow where it leads."""
        return self._follow(self._send("GET", path, **kwargs))

    def click(self, link: str) -> Page:
        """Follow a link by its words."""
        assert self.page is not None
        assert link in self.page.links, f"no link “{link}” on {self.page!r}: {list(self.page.links)}"
        return self.get(urljoin(self.page.path, self.page.links[link]))

    def submit(self, button: str, fields: Values | None = None, /, *, within: str = "", **more: Any) -> Page:
        """Press a button of the page after filling in some fields of its form.

        ``button`` is its words; ``within`` some words of the row, panel or form it stands in, where there are several. A field is
        filled by its name: text, an option's value, True or False for a box, a list for several, None to leave it out.
        """
        assert self.page is not None, "open a page first"
        pressed = self._button(self.page, button, within)
        form = form_of(pressed, self.page.tree)
        values = filled(form, self.page.tree, pressed)
        for name, value in {**(fields or {}), **more}.items():
            fill_in(form, self.page.tree, values, name, value)
        method = (pressed.get("formmethod") or form.get("method") or "get").upper()
        action = urljoin(self.page.path, pressed.get("formaction") or form.get("action") or self.page.path)
        if method == "GET":
            return self.get(urlsplit(action).path, query_string=values)
        return self.post(action, values)

    def post(self, path: str, data: Values | None = None, /, *, csrf: bool = False, **kwargs: Any) -> Page:
        """Send values to an address, no page asked; ``csrf`` adds the token of this browser."""
        values = MultiDict(data or {})
        if csrf:
            values["csrf_token"] = self.csrf_token()
        return self._follow(self._send("POST", path, data=values, **kwargs))

    def send(self, method: str, path: str, **kwargs: Any) -> Page:
        """Send a request and follow nothing."""
        return self._send(method, path, **kwargs)

    def csrf_token(self) -> str:
        """The token of this browser's forms: read from a page once for each session."""
        cookie = self.cookie()
        if cookie and self._csrf[0] == cookie:
            return self._csrf[1]
        page = self._send("GET", "/feedback" if cookie else "/sign-in")
        if page.status == 302:  # the session has ended
            page = self._send("GET", "/sign-in")
        token = str(page.all("//input[@name='csrf_token']/@value")[0])
        self._csrf = (cookie, token)
        return token

    def sign_in(self, username: str, password: str) -> Page:
        """Sign in through the page."""
        self.get("/sign-in")
        return self.submit("登录", username=username, password=password)

    def sign_out(self) -> Page:
        """Sign out by the button at the top."""
        return self.submit("退出")

    def _button(self, page: Page, wanted: str, within: str) -> HtmlElement:
        buttons = page.all("//button[not(@type) or @type='submit'] | //input[@type='submit']")
        exact = [button for button in buttons if name_of(button) == wanted]
        found = exact or [button for button in buttons if wanted in name_of(button)]
        if within:
            found = [button for button in found if any(within in said(outer) for outer in surroundings(button))]
        assert len(found) == 1, (
            f"{len(found)} buttons “{wanted}” on {page!r}: {[name_of(button) for button in buttons]}"
        )
        assert found[0].get("disabled") is None, f"“{wanted}” cannot be pressed on {page!r}"
        return found[0]

    def _send(self, method: str, path: str, **kwargs: Any) -> Page:
        response = self.client.open(path, method=method, **kwargs)
        page = Page(response, response.request.full_path.rstrip("?"))
        assert page.status != 500 or self.may_fail, f"{method} {path} failed; the log below says how"
        check_response(page)
        a_file = path.startswith("/static/") and page.status < 400
        if page.is_html and page.status // 100 != 3 and method not in ("HEAD", "OPTIONS") and not a_file:
            piece = "HX-Request" in kwargs.get("headers", {})
            (check_fragment if piece else check_page)(page)
        return page

    def _follow(self, page: Page) -> Page:
        for _ in range(5):
            if page.status not in (301, 302, 303):
                break
            where = urlsplit(page.headers["Location"])
            assert where.netloc in ("", "localhost"), f"{page!r} leads away to {page.headers['Location']}"
            page = self._send("GET", where.path + (f"?{where.query}" if where.query else ""))
        self.page = page
        return page


# Forms as a browser reads them.


def form_of(control: HtmlElement, tree: HtmlElement) -> HtmlElement:
    """The form a control belongs to: the one it names, or the one around it."""
    if control.get("form"):
        return tree.xpath(f"//form[@id='{control.get('form')}']")[0]
    around = list(control.iterancestors("form"))
    assert around, f"“{name_of(control)}” belongs to no form"
    return around[0]


def controls(form: HtmlElement, tree: HtmlElement) -> list[HtmlElement]:
    """The fields of a form, those outside that name it included; none of a <template>."""
    own = f"[@form='{form.get('id')}']" if form.get("id") else "[false()]"
    inside = form.xpath(".//input[not(@form)] | .//select[not(@form)] | .//textarea[not(@form)]")
    outside = tree.xpath(f"//input{own} | //select{own} | //textarea{own}")
    return [control for control in [*inside, *outside] if not list(control.iterancestors("template"))]


def filled(form: HtmlElement, tree: HtmlElement, pressed: HtmlElement | None = None) -> MultiDict[str, str]:
    """What a browser would send when ``pressed`` is pressed and nothing is typed."""
    values: MultiDict[str, str] = MultiDict()
    for control in controls(form, tree):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or control.get("disabled") is not None:
            continue
        if control.tag == "textarea":
            # A browser drops the one line end after the tag.
            text = re.sub(r"^\r?\n", "", control.text or "").replace("\r\n", "\n")
            values.add(name, text.replace("\n", "\r\n"))
        elif control.tag == "select":
            chosen = control.xpath(".//option[@selected]") or control.xpath(".//option")[:1]
            for option in chosen:
                values.add(name, option.get("value", said(option)))
        elif kind in ("checkbox", "radio"):
            if control.get("checked") is not None:
                values.add(name, control.get("value", "on"))
        elif kind not in ("submit", "button", "reset", "image", "file"):
            values.add(name, control.get("value", ""))
    if pressed is not None and pressed.get("name"):
        values.add(pressed.get("name", ""), pressed.get("value", ""))
    return values


def fill_in(form: HtmlElement, tree: HtmlElement, values: MultiDict[str, str], name: str, value: Any) -> None:
    """Type into a field, choose an option, tick a box: only what the page offers."""
    found = [control for control in controls(form, tree) if control.get("name") == name]
    assert found, (
        f"no field “{name}” in the form; there are {sorted({c.get('name', '') for c in controls(form, tree)})}"
    )
    control, kind = found[0], found[0].get("type", "text")
    offered = []
    if control.tag == "select":
        offered = [option.get("value", said(option)) for option in control.xpath(".//option")]
    elif kind in ("checkbox", "radio"):
        offered = [other.get("value", "on") for other in found]
    values.poplist(name)
    if value is None or value is False:
        return
    chosen: Iterable[str] = [offered[0]] if value is True else value if isinstance(value, list) else [str(value)]
    for choice in chosen:
        assert not offered or choice in offered, f"“{name}” does not offer “{choice}” but {offered}"
        values.add(name, choice)


def surroundings(control: HtmlElement) -> list[HtmlElement]:
    """What a reader sees a button within: its form, row, item, panel."""
    found = [
        outer
        for outer in control.iterancestors()
        if outer.tag in ("form", "tr", "li", "section", "article", "fieldset")
    ]
    return found + [outer for outer in control.iterancestors("div") if "panel" in outer.get("class", "")]


def words(text: str) -> str:
    """A text with its white space made single."""
    return " ".join(text.split())


def said(element: HtmlElement) -> str:
    """What can be read in an element; nothing of templates and scripts, and of notes that show when one points at them."""
    parts: list[str] = []

    def take(node: HtmlElement) -> None:
        if not isinstance(node.tag, str) or node.tag in ("template", "script", "head"):
            return
        if node.get("role") == "tooltip":
            return
        apart = "" if node.tag in _INLINE else " "
        parts.extend((apart, node.text or ""))
        for child in node:
            take(child)
            parts.append(child.tail or "")
        parts.append(apart)

    take(element)
    return words("".join(parts))


_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "svg", "time", "use"}
)


def name_of(control: HtmlElement) -> str:
    """What a control is called: its label for the ear, or its words."""
    return control.get("aria-label") or said(control) or control.get("value", "")


# What holds for every answer.


def check_response(page: Page) -> None:
    """The headers and cookies of any answer."""
    where = repr((page.status, page.path))
    path = urlsplit(page.path).path
    brought = page.status == 200 and re.match(r"^/files/(\d+/(file|pages/\d+)|of/\w+/\d+/all)$", path)
    expected = {**HEADERS, "Content-Security-Policy": SANDBOX} if brought else HEADERS
    assert {name: page.headers.get(name) for name in HEADERS} == expected, where
    kept = (
        FOR_EVER if path.startswith("/static/vendor/") else FOR_AN_HOUR if path.startswith("/static/") else "no-store"
    )
    assert page.headers.get("Cache-Control") == (kept if page.status < 400 else "no-store"), where
    assert "Server" not in page.headers, where
    for cookie in page.headers.getlist("Set-Cookie"):
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= flags, f"{where}: {cookie}"
        assert not any(flag.startswith("domain") for flag in flags), f"{where}: {cookie}"
    if page.status in (301, 302, 303, 307, 308):
        where_to = urlsplit(page.headers["Location"])
        assert where_to.netloc in ("", "localhost"), f"{where} leads away to {where_to.geturl()}"


def check_page(page: Page) -> None:
    """What holds for every page people read. Raises AssertionError naming all that is wrong."""
    wrong = [f"{name}: {what}" for name, check in PAGE_CHECKS.items() for what in check(page)]
    assert not wrong, "\n".join([f"{page!r}", *wrong])


def check_fragment(page: Page) -> None:
    """What holds for a piece of a page."""
    checks = ("ids", "inline", "english", "punctuation", "unrendered")
    wrong = [f"{name}: {what}" for name in checks for what in PAGE_CHECKS[name](page)]
    assert not wrong, "\n".join([f"{page!r}", *wrong])


def _frame(page: Page) -> list[str]:
    found = page.tree.findall(".//h1")
    wrong = [] if page.html.lstrip().lower().startswith("<!doctype html>") else ["no doctype"]
    if len(found) != 1:
        wrong.append(f"{len(found)} h1")
    elif not said(found[0]) or not page.title.startswith(said(found[0])):
        wrong.append(f"title “{page.title}” does not start with h1 “{said(found[0])}”")
    if page.tree.get("lang") != "zh-CN":
        wrong.append("lang is not zh-CN")
    if len(page.all("//main")) != 1:
        wrong.append("not one main")
    return wrong


def _unique_ids(page: Page) -> list[str]:
    ids = [str(found) for found in page.all("//@id")]
    return [f"{found} twice" for found in sorted({found for found in ids if ids.count(found) > 1})]


def _labels(page: Page) -> list[str]:
    wrong = []
    named = {label.get("for") for label in page.all("//label[@for]") if said(label) or label.xpath(".//*[@aria-label]")}
    for control in page.all("//input | //select | //textarea"):
        kind = control.get("type", "text")
        if kind in ("hidden", "submit", "button", "reset"):
            continue
        wrapped = any(said(label) for label in control.iterancestors("label"))
        label = control.get("aria-label") or control.get("aria-labelledby")
        if not (wrapped or label or (control.get("id") and control.get("id") in named)):
            wrong.append(f"{control.tag} {control.get('name')} has no label")
    wrong += [
        f"a button without words: {html.tostring(b, encoding='unicode')[:120]}"
        for b in page.all("//button")
        if not name_of(b)
    ]
    wrong += [f"a link without words: {link.get('href')}" for link in page.all("//a[@href]") if not name_of(link)]
    wrong += [f"an image without words: {image.get('src')}" for image in page.all("//img[not(@alt)]")]
    return wrong


def _targets(page: Page) -> list[str]:
    ids = {str(found) for found in page.all("//@id")}
    wrong = []
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for", "form", "list"):
        for value in page.all(f"//@{attribute}"):
            wrong += [f"{attribute} “{target}” is nowhere" for target in str(value).split() if target not in ids]
    wrong += [
        f"#{link[1:]} is nowhere" for link in page.all("//a/@href") if link.startswith("#") and link[1:] not in ids
    ]
    return wrong


def _csrf(page: Page) -> list[str]:
    posting = [form for form in page.all("//form") if (form.get("method") or "get").lower() == "post"]
    return [
        f"form {form.get('action')} carries no token"
        for form in posting
        if len([v for v in form.xpath(".//input[@name='csrf_token']/@value") if len(v) > 20]) != 1
    ]


def _inline(page: Page) -> list[str]:
    wrong = [f"<{found.tag}> written into the page" for found in page.all("//style | //script[not(@src)]")]
    wrong += [f"<{found.tag} style=…>" for found in page.all("//*[@style]")]
    wrong += [
        f"{name}="
        for found in page.all("//*")
        if isinstance(found.tag, str)
        for name in found.attrib
        if name.startswith("on")
    ]
    for address in [*page.all("//@href"), *page.all("//@src"), *page.all("//@action"), *page.all("//@formaction")]:
        if not re.match(r"^(/(?!/)|#|\?|data:,$|$)", str(address)):
            wrong.append(f"an address outside: {address}")
    return wrong


def _text_nodes(page: Page) -> list[str]:
    texts = page.all("//text()[not(ancestor::script)]")
    shown = page.all("//@aria-label | //@placeholder | //@title | //@alt | //@data-confirm")
    return [words(str(text)) for text in [*texts, *shown] if str(text).strip()]


def _english(page: Page) -> list[str]:
    return [text for text in _text_nodes(page) if ENGLISH.search(text)]


def _punctuation(page: Page) -> list[str]:
    return [text for text in _text_nodes(page) if HALF_WIDTH.search(text)]


def _unrendered(page: Page) -> list[str]:
    return [mark for mark in ("{{", "{%", "}}", "%}", "&lt;span", "&amp;nbsp", "&amp;quot") if mark in page.html]


PAGE_CHECKS: dict[str, Callable[[Page], list[str]]] = {
    "frame": _frame,
    "ids": _unique_ids,
    "labels": _labels,
    "targets": _targets,
    "csrf": _csrf,
    "inline": _inline,
    "english": _english,
    "punctuation": _punctuation,
    "unrendered": _unrendered,
}
