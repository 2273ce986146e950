"""Lists of people as .xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..documents.sheets import workbook
from ..shared.access import Actor
from . import people_queries
from .models import Person


def people_file(actor: Actor, filters: Mapping[str, str]) -> tuple[str, bytes]:
    """(file name, content) of the list under the page's filters. Telephone numbers stay masked."""
    _, lines = people_queries.page_of(actor, filters, "unit", False)
    heads = ("姓名", "账号", "手机", "单位", "党支部", "现任职务", "状态")
    rows = [
        (
            *(line.name, line.username, line.mobile, line.unit, line.branch),
            *("；".join(line.posts), "停用" if line.disabled else "在用"),
        )
        for line in lines
    ]
    return "人员名单.xlsx", workbook("人员", heads, rows)


def sign_ins_file(rows: Sequence[tuple[Person, bool]]) -> bytes:
    """Accounts, each with whether it uses the second step: who has not set a password yet can be asked for it."""
    heads = ("账号", "姓名", "所在", "密码", "两步登录")
    lines = [
        (
            person.username,
            person.name,
            person.where,
            "设了" if person.password_hash else "还没有设",
            "启用" if uses else "",
        )
        for person, uses in rows
    ]
    return workbook("登录管理", heads, lines)


def unused_file(actor: Actor) -> tuple[str, bytes]:
    """(file name, content) of the accounts nobody used for ninety days."""
    _, lines = people_queries.unused(actor)
    heads = ("姓名", "账号", "主办党组织", "建立日期", "最后一次使用", "现任职务")
    rows = [
        (line.name, line.username, line.organiser, line.made_on, line.last or "没有用过", "；".join(line.posts))
        for line in lines
    ]
    return "九十天未使用的账号.xlsx", workbook("未使用的账号", heads, rows)
