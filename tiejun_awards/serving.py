"""``flask serve`` and ``flask work``: the processes of an installation and how they end."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app

from config import Config, ConfigRefused

from .accounts import services as accounts
from .ballots.tellers import sweep_box
from .files import services as files
from .imports import services as imports
from .messages import mailing, reminding
from .messages import services as messages
from .oversight.services import verify_daily
from .reports.due import remember_due_days
from .setup import demo, first_run
from .shared import audit, checkpoints, clock, jobs, migrating
from .shared.db import db
from .shared.use_case import forget_old_keys

log = logging.getLogger(__name__)

SEAL_EVERY = 2.0  # seconds between two runs of the sealer
SWEEP_EVERY = 5.0
VERIFY_EVERY = 600.0  # seconds between two looks whether the day's verification is due
REMIND_EVERY = 120.0
TIDY_EVERY = timedelta(hours=1)


def serve(app: Flask, config: Config) -> int:
    """Migrate, seed an empty demo, start gunicorn and the work process; end both together. The exit code."""
    with app.app_context():
        migrating.upgrade(db.engine)
        if config.demo and demo.seed(clock.now(), password=config.demo_password):
            click.echo("已装入演示数据。")
        waiting = not config.demo and first_run.is_waiting()
        db.engine.dispose()
    _greet(config)
    if waiting:
        code = first_run.setup_code(config.data_dir)
        click.echo(f"还没有人可以登录。首次启用：打开 {config.public_url}/first-run，填安装码 {code}")
    children = [_start(_gunicorn(config), config), _start(_worker(), config)]
    return _until_one_ends(children)


def refuse_demo_data(app: Flask, config: Config) -> None:
    """Raise ConfigRefused for a production start on a database that holds demo data."""
    if config.demo:
        return
    with app.app_context():
        holds = demo.is_demo()
        db.engine.dispose()
    if holds:
        raise ConfigRefused(
            "这个数据库里是演示数据，生产模式不能使用：请换一个空的数据库（DATABASE_URL）或数据目录（DATA_DIR）。"
        )


def _greet(config: Config) -> None:
    where = config.public_url or f"http://{config.host}:{config.port}"
    lines = [f"铁军建设管理：{where}"]
    if config.demo:
        lines += ["演示账号（密码都是 " + config.demo_password + "）："]
        lines += [f"  {username:12} {post}" for username, post in demo.ACCOUNTS]
    click.echo("\n".join(lines))


def _gunicorn(config: Config) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--bind", f"{config.host}:{config.port}"),
        *("--workers", str(config.web_workers), "--worker-class", "gthread", "--threads", "8"),
        *("--timeout", "60", "--graceful-timeout", "15", "--max-requests", "20000", "--max-requests-jitter", "2000"),
        *("--log-level", "warning", "--no-control-socket", "--preload"),
    ]


def _worker() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi", "work"]


def _start(command: list[str], config: Config) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=Path(__file__).resolve().parent.parent, env=config.child_environment())


def _until_one_ends(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait; when a signal comes or one child ends, end the other. 0 after a signal, else the child's code."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not ending.wait(0.2) and all(child.poll() is None for child in children):
        pass
    code = 0 if ending.is_set() else next((child.poll() or 0 for child in children if child.poll() is not None), 0)
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
    return code


def work(app: Flask) -> None:
    """The work process: huey's consumer on the main thread, the sealer and the sweep on their own."""
    logging.basicConfig(level=logging.WARNING)
    with app.app_context():
        jobs.resume_interrupted()
        db.session.remove()
    stop = threading.Event()
    loops = [
        _loop(app, stop, SEAL_EVERY, _seal),
        _loop(app, stop, SWEEP_EVERY, _sweep()),
        _loop(app, stop, VERIFY_EVERY, _verify),
        _loop(app, stop, REMIND_EVERY, lambda now: remind(app, now)),  # of its own: a mail server may keep it waiting
    ]
    consumer = app.extensions["huey"].create_consumer(
        workers=1, periodic=False, initial_delay=0.1, max_delay=1.0, check_worker_health=True
    )
    try:
        consumer.run()
    finally:
        stop.set()
        for loop in loops:
            loop.join(5)


def _loop(app: Flask, stop: threading.Event, every: float, once: Callable[[datetime], None]) -> threading.Thread:
    def run() -> None:
        while not stop.wait(every):
            with app.app_context():
                try:
                    once(clock.now())
                except Exception:
                    log.exception("%s failed; tried again in %s s", once, every)
                finally:
                    db.session.remove()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _seal(now: datetime) -> None:
    while audit.seal_pending():
        pass
    checkpoints.sign_if_due(
        now, key_file=Path(current_app.config["AUDIT_KEY"]), copy_to=Path(current_app.config["AUDIT_CHECKPOINTS"])
    )


def _verify(now: datetime) -> None:
    here = Path(current_app.config["AUDIT_CHECKPOINTS"])
    try:
        key = checkpoints.public_key(Path(current_app.config["AUDIT_KEY"]))
        elsewhere = checkpoints.read_file(here) if here.exists() else []
    except checkpoints.Unreadable:
        key, elsewhere = None, []
    verify_daily(now, key, elsewhere)


def _sweep() -> Callable[[datetime], None]:
    tidied: list[datetime] = []

    def once(now: datetime) -> None:
        jobs.sweep(now)
        if not tidied or now - tidied[-1] >= TIDY_EVERY:
            tidied[:] = [now]
            tidy(now)

    return once


def remind(app: Flask, now: datetime) -> None:
    """The reminders that are due, and, where a mail server is configured, the mails about messages."""
    reminding.remind(now)
    if app.config["SMTP"] is not None:
        mailing.send_mails(now, app.config["SMTP"], app.config["PUBLIC_URL"] or "请用平时的地址打开系统")


def tidy(now: datetime) -> None:
    """The hourly housekeeping: due days people can see, yesterday's keys, old sessions, carried text and messages, files of no row,
    imports nobody confirmed, opened boxes."""
    remember_due_days(now)
    forget_old_keys(now)
    accounts.forget_old(now)
    messages.forget_old(now)
    files.sweep(now)
    imports.forget_old(now)
    sweep_box()
