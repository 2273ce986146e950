"""What the console of the server helps with when no page does."""

from __future__ import annotations

import re

from flask import Flask

from tests import builders
from tests.accounts.test_slips import use
from tests.builders import World, rows_of
from tests.pages import Browser
from tiejun_awards.accounts import factors
from tiejun_awards.accounts.models import SecondFactor
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import writing


def test_a_slip_from_the_console_sets_a_password(app: Flask, world: World, visitor: Browser):
    said = app.test_cli_runner().invoke(args=["accounts", "slip", "System_Admin"])

    code = re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){6}", said.output)
    assert code is not None
    assert use(visitor, code[0], "system_admin").path == "/"
    assert ("accounts.slip_by_console", "系统") in rows_of(AuditEvent, "action", "actor_name")


def test_a_lost_second_step_is_let_go_from_the_console(app: Flask, world: World):
    with writing() as session:
        factors.enrol(session, world.person("system_admin").id, b"x" * 20, 1, world.now)

    said = app.test_cli_runner().invoke(args=["accounts", "drop-two-step", "system_admin"])

    assert (said.exit_code, builders.count(SecondFactor)) == (0, 0)
    assert rows_of(AuditEvent, "action")[-1] == ("accounts.drop_factor_by_console",)


def test_an_account_nobody_has_is_named(app: Flask, world: World):
    for command in ("slip", "drop-two-step"):
        said = app.test_cli_runner().invoke(args=["accounts", command, "nobody"])
        assert (said.exit_code, "没有可以登录的账号“nobody”。" in said.output) == (1, True)
