"""我的数据: everything the system holds about the one who asks, as one workbook."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..documents import xlsx
from ..shared import audit
from ..shared.access import Actor
from ..shared.clock import here
from ..shared.db import db, note
from .models import Person, RoleGrant, SecondFactor, SignInSession, SignInSlip
from .rules import DataSheet, MyData

providers: list[MyData] = []
"""Handed in by app.py: what the features above hold of somebody."""


def my_data(actor: Actor) -> bytes:
    """An .xlsx file with a sheet for each kind of thing. That it was fetched is one line of the trail."""
    own = [_account(actor), _posts(actor), _sessions(actor), _slips(actor)]
    sheets = [*own, *(provide(actor) for provide in providers)]
    note(lambda session: audit.record(session, actor, "accounts.my_data", at=actor.at))
    return xlsx.build_book([(sheet.title, sheet.heads, sheet.rows) for sheet in sheets])


def shown(moment: Any) -> str:
    """A moment as these sheets write it."""
    return f"{here(moment):%Y-%m-%d %H:%M}" if moment else ""


def _account(actor: Actor) -> DataSheet:
    person = db.session.get_one(Person, actor.person_id)
    factor = db.session.get(SecondFactor, person.id)
    rows = [
        ("账号", person.username),
        ("姓名", person.name),
        ("手机号", person.mobile or ""),
        ("主办党组织", person.organiser.name),
        ("单位", person.unit.name if person.unit else ""),
        ("党支部", person.branch.name if person.branch else ""),
        ("建立时间", shown(person.made_at)),
        ("密码设定时间", shown(person.password_set_at)),
        ("两步登录启用时间", shown(factor.enrolled_at) if factor else "没有启用"),
        ("大字版", "是" if person.large_text else "否"),
    ]
    return DataSheet("账号", ("项目", "内容"), rows)


def _posts(actor: Actor) -> DataSheet:
    grants = db.session.scalars(
        sa.select(RoleGrant).where(RoleGrant.person_id == actor.person_id).order_by(RoleGrant.starts_on, RoleGrant.id)
    )
    rows = [(grant.role.label, grant.starts_on, grant.ends_on) for grant in grants]
    return DataSheet("任职", ("职务", "起", "止"), rows)


def _sessions(actor: Actor) -> DataSheet:
    found = db.session.scalars(
        sa.select(SignInSession).where(SignInSession.person_id == actor.person_id).order_by(SignInSession.made_at)
    )
    rows = [(shown(row.made_at), shown(row.seen_at), row.address, shown(row.ended_at) or "没有退出") for row in found]
    return DataSheet("登录记录", ("登录", "最近使用", "网络地址", "结束"), rows)


def _slips(actor: Actor) -> DataSheet:
    found = db.session.scalars(
        sa.select(SignInSlip).where(SignInSlip.person_id == actor.person_id).order_by(SignInSlip.issued_at)
    )
    rows = [(row.kind.label, shown(row.issued_at), shown(row.expires_at), shown(row.used_at)) for row in found]
    return DataSheet("登录条", ("用途", "打印", "有效至", "用掉"), rows)
