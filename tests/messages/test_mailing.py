"""E-mail against a mail server of thirty lines: what is in it, when it goes, and what a dead server does to it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from flask import Flask

from config import Config, ConfigRefused, Smtp
from tests import builders
from tests.builders import NOW, World, rows_of
from tiejun_awards import serving
from tiejun_awards.messages import mailing
from tiejun_awards.messages.models import Mail
from tiejun_awards.shared.clock import SHANGHAI
from tiejun_awards.shared.db import db, writing

LINK = "https://tiejun.example"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    refused: str = ""  # an address it does not take

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dialogue)
        self.taken: list[EmailMessage] = []

    @property
    def settings(self) -> Smtp:
        return Smtp("127.0.0.1", self.server_address[1], "tiejun@example.cn", tls="off")


class Dialogue(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast(Server, self.server)
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                server.taken.append(message_from_bytes(body, policy=policy.default))
            if word == b"RCPT" and server.refused and server.refused.encode() in line:
                self.wfile.write(b"550 nobody here\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def wants(world: World, who: str, address: str = "") -> None:
    person = world.person(who)
    with writing():
        person.email = address or f"{who}@example.cn"
        person.email_since = NOW - timedelta(days=1)


def send(smtp: Smtp, moment: datetime = NOW) -> int:
    db.session.rollback()
    return mailing.send_mails(moment, smtp, LINK)


DEAD = Smtp("127.0.0.1", 1, "tiejun@example.cn", tls="off")


def test_a_mail_says_that_something_waits_and_where_and_nothing_else(world: World, server: Server):
    wants(world, "secretary")
    builders.message(world.person("secretary"), "水生态环境处党支部：某件事。")

    assert send(server.settings) == 1

    [letter] = server.taken
    assert (letter["To"], letter["From"], letter["Subject"]) == (
        "secretary@example.cn",
        "tiejun@example.cn",
        "您有一件待办",
    )
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n") == (
        "您有一件待办，请登录系统查看：\nhttps://tiejun.example\n\n不想再收邮件，可以在“消息—邮件提醒”里关掉。\n"
    )


def test_one_mail_a_day_for_however_many_messages(world: World, server: Server):
    wants(world, "secretary")
    for number in range(3):
        builders.message(world.person("secretary"), f"第{number}句。")

    first = [send(server.settings), send(server.settings, NOW + timedelta(hours=1))]
    builders.message(world.person("secretary"), "后来的一句。", made_at=NOW + timedelta(hours=2))
    later = [send(server.settings, NOW + timedelta(hours=3)), send(server.settings, NOW + timedelta(days=1))]

    assert (first, later, len(server.taken)) == ([1, 0], [0, 1], 2)


def test_who_does_not_want_it_has_left_or_has_read_everything_gets_none(world: World, server: Server):
    for who in ("staff", "secretary", "liaison", "judge"):
        if who != "judge":
            wants(world, who)
        builders.message(world.person(who), read_at=NOW if who == "liaison" else None)
    leaving = world.person("staff")
    with writing():
        leaving.disabled_at = NOW

    send(server.settings)

    assert [letter["To"] for letter in server.taken] == ["secretary@example.cn"]


@pytest.mark.parametrize(
    "moment", [NOW.replace(hour=7), NOW.replace(hour=18), datetime(2026, 11, 28, 10, tzinfo=SHANGHAI)]
)
def test_no_mail_goes_outside_working_hours(world: World, server: Server, moment: datetime):
    wants(world, "secretary")
    builders.message(world.person("secretary"))

    assert (send(server.settings, moment), builders.count(Mail)) == (0, 0)


def test_a_dead_server_loses_nothing_and_is_asked_less_and_less(world: World, server: Server):
    wants(world, "secretary")
    builders.message(world.person("secretary"))

    tried = [send(DEAD, NOW + timedelta(minutes=minutes)) for minutes in (0, 1, 4, 5, 14, 15)]
    [(tries, next_at)] = rows_of(Mail, "tries", "next_at")
    gone = send(server.settings, NOW + timedelta(minutes=35))

    assert tried == [0] * 6
    assert (tries, next_at) == (3, NOW + timedelta(minutes=35))
    assert (gone, len(server.taken)) == (1, 1)
    assert rows_of(Mail, "sent_at", "given_up_at") == [(NOW + timedelta(minutes=35), None)]


def test_a_mail_given_up_makes_room_for_the_next_as_long_as_something_is_unread(world: World, server: Server):
    wants(world, "secretary")
    builders.message(world.person("secretary"))
    moment = NOW
    while builders.count(Mail) < 2:
        send(DEAD, moment)
        moment += timedelta(hours=1)
        assert moment < NOW + timedelta(days=30)

    assert rows_of(Mail, "tries")[0][0] == 13
    assert rows_of(Mail, "given_up_at")[0][0] is not None


def test_an_address_the_server_refuses_keeps_no_other_back(world: World, server: Server):
    server.refused = "secretary@example.cn"
    for who in ("secretary", "liaison"):
        wants(world, who)
        builders.message(world.person(who))

    assert send(server.settings) == 1
    assert [letter["To"] for letter in server.taken] == ["liaison@example.cn"]


def test_a_header_cannot_be_smuggled_in(world: World, server: Server):
    for address in ("a@example.cn\nBcc: b@example.cn", "a@example.cn\r\n\r\nbody"):
        with pytest.raises(ValueError, match=r"header|linefeed|newline"):
            mailing._letter(address, "tiejun@example.cn", LINK, NOW)


def test_the_work_process_reminds_and_mails_where_a_server_is_configured(
    app: Flask, world: World, server: Server, monkeypatch: pytest.MonkeyPatch
):
    wants(world, "secretary")
    builders.message(world.person("secretary"))

    serving.remind(app, NOW)
    monkeypatch.setitem(app.config, "SMTP", server.settings)
    serving.remind(app, NOW)

    assert len(server.taken) == 1


# The settings.


def config(tmp_path: Any, **environ: str) -> Config:
    return Config.from_env({"DATA_DIR": str(tmp_path), **environ})


def test_no_mail_server_is_the_default(tmp_path: Any):
    assert config(tmp_path).smtp is None


def test_the_settings_of_the_mail_server_are_read_and_its_password_is_not_shown(tmp_path: Any):
    found = config(tmp_path, SMTP_HOST="mail.cn", SMTP_FROM="t@mail.cn", SMTP_USER="t", SMTP_PASSWORD="secret").smtp

    assert found == Smtp("mail.cn", 587, "t@mail.cn", "starttls", "t", "secret")
    assert "secret" not in repr(config(tmp_path, SMTP_HOST="mail.cn", SMTP_FROM="t@mail.cn", SMTP_PASSWORD="secret"))


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "设了 SMTP_HOST 就要设 SMTP_FROM"),
        ({"SMTP_FROM": "a@b.cn\nBcc: c@d.cn"}, "设了 SMTP_HOST 就要设 SMTP_FROM"),
        ({"SMTP_FROM": "a@b.cn", "SMTP_TLS": "maybe"}, "SMTP_TLS 只能是"),
        ({"SMTP_FROM": "a@b.cn", "SMTP_TLS": "off", "SMTP_USER": "a"}, "明文"),
        ({"SMTP_FROM": "a@b.cn", "SMTP_PORT": "many"}, "SMTP_PORT 应当是数字"),
    ],
)
def test_settings_that_cannot_work_refuse_the_start(tmp_path: Any, environ: dict[str, str], sentence: str):
    with pytest.raises(ConfigRefused, match=sentence):
        config(tmp_path, SMTP_HOST="mail.cn", **environ)
