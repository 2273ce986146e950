"""The ``flask --app wsgi …`` commands. Thin: each calls a service and says in a sentence what came of it."""

from __future__ import annotations

import sys
import tomllib
from datetime import datetime, time
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from config import Config

from . import serving
from .accounts import desk
from .ballots import services as ballots
from .files import services as files
from .oversight import services as oversight
from .ratings import verifying
from .setup import console, demo, first_run
from .setup.rules import read_answers
from .shared import audit, checkpoints, clock, migrating, trail
from .shared.access import table_as_text
from .shared.db import back_up, db
from .shared.errors import Refused


def install(app: Flask, config: Config) -> None:
    """Hang the commands onto the application."""
    app.cli.add_command(_database_commands())
    app.cli.add_command(_audit_commands())
    app.cli.add_command(_rating_commands())
    app.cli.add_command(_file_commands())
    app.cli.add_command(_ballot_commands())
    app.cli.add_command(_account_commands())

    @app.cli.command("permissions")
    def permissions() -> None:
        """Print the permission table."""
        click.echo(table_as_text(), nl=False)

    @app.cli.command("seed")
    @click.option("--demo", "wanted", is_flag=True, required=True, help="演示数据")
    @click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="演示数据以哪一天为今天")
    def seed(wanted: bool, today: datetime | None) -> None:
        """Fill an empty database with demo data of one day."""
        if not config.demo:
            raise click.ClickException("生产模式不能装演示数据。")
        day = today.date() if today else clock.day_of(clock.now())
        at = datetime.combine(day, time(10, 0), clock.SHANGHAI) if today else clock.now()
        if not demo.seed(at, password=config.demo_password):
            raise click.ClickException("数据库里已有数据，没有改动。")
        click.echo(f"已装入以 {day:%Y-%m-%d} 为今天的演示数据。")

    app.cli.add_command(_first_run_command(config))

    @app.cli.command("work")
    def work() -> None:
        """Do the long work: jobs, the audit sealer, daily housekeeping. Runs until it is told to end."""
        serving.work(app)

    @app.cli.command("serve")
    def serve() -> None:
        """Prepare the database, then run gunicorn and the work process until Ctrl-C or TERM."""
        sys.exit(serving.serve(app, config))


def _first_run_command(config: Config) -> click.Command:
    @click.command("first-run")
    @click.option("--answers", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="答案文件（toml）")
    @click.option("--code", "show_code", is_flag=True, help="显示网页上要填的安装码")
    @click.option("--slips", "again", is_flag=True, help="重印四张首次登录条（还没有人设过密码时）")
    @with_appcontext
    def first_run_command(answers: Path | None, show_code: bool, again: bool) -> None:
        """Set an empty production installation up: organiser, four people, their slips."""
        if config.demo:
            raise click.ClickException("演示模式已有演示数据，不用首次启用。")
        if not first_run.has_tables():
            raise click.ClickException("数据库里还没有表，请先运行 deploy/flask db upgrade。")
        if again:
            try:
                return console.print_slips(first_run.slips_again(at=clock.now()), config.public_url)
            except Refused as refused:
                raise click.ClickException(refused.sentence) from None
        if not first_run.is_waiting():
            raise click.ClickException("系统里已经有人，没有改动。首次启用只能做一次。")
        if show_code:
            return click.echo(f"{config.public_url}/first-run\n安装码 {first_run.setup_code(config.data_dir)}")
        texts = _answers_in(answers) if answers else console.ask_everything()
        return console.install_from(texts, config.data_dir, config.public_url)

    return first_run_command


def _answers_in(path: Path) -> dict[str, str]:
    try:
        texts, unknown = read_answers(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"答案文件读不懂，请改正：{error}") from None
    if unknown:
        raise click.ClickException("答案文件里有不认识的项：" + "、".join(unknown))
    return texts


def _database_commands() -> AppGroup:
    group = AppGroup("db", help="数据库结构")

    @group.command("upgrade")
    def upgrade() -> None:
        """Bring the database to the newest schema."""
        migrating.upgrade(db.engine)

    @group.command("downgrade")
    @click.argument("revision")
    def downgrade(revision: str) -> None:
        """Go back to an earlier schema."""
        migrating.downgrade(db.engine, revision)

    @group.command("revision")
    @click.option("-m", "message", required=True)
    def revision(message: str) -> None:
        """Write the next migration from what the models say."""
        migrating.write_revision(db.engine, message)

    @group.command("backup")
    @click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
    def backup(target: Path) -> None:
        """Copy a running SQLite database to a file."""
        back_up(target)
        click.echo(f"已备份到 {target}。")

    return group


def _audit_commands() -> AppGroup:
    group = AppGroup("audit", help="审计日志")

    @group.command("seal")
    def seal() -> None:
        """Append what is not sealed yet to the chain."""
        click.echo(f"封存了 {audit.seal_pending()} 条。")

    @group.command("verify")
    @click.option("--checkpoint", "file", type=click.Path(path_type=Path), help="另一台机器上保存的检查点文件")
    @click.option("--since", type=click.IntRange(min=0), default=0, help="从第几环之后核对（之前的不再重算）")
    def verify(file: Path | None, since: int) -> None:
        """Exit 0 when the trail holds, 2 naming the first bad event or the lost tail, 3 when it cannot be said."""
        try:
            here = Path(current_app.config["AUDIT_CHECKPOINTS"])
            elsewhere = checkpoints.read_file(file or here) if file or here.exists() else []
            key = _checkpoint_key(needed=bool(elsewhere))
        except checkpoints.Unreadable as error:
            click.echo(f"无法判断：{error}。", err=True)
            sys.exit(3)
        verdict = trail.verify(db.session(), clock.now(), key=key, elsewhere=elsewhere, since=since)
        if verdict.reason:
            event = f"第 {verdict.first_bad} 号事件，" if verdict.first_bad is not None else ""
            click.echo(f"审计日志有问题：{event}{verdict.reason}。", err=True)
        elif verdict.undecided:
            click.echo(f"无法判断：{verdict.undecided}。", err=True)
        else:
            click.echo(
                f"审计日志完好：{verdict.events} 条，已封存 {verdict.sealed} 条，检查点 {verdict.checkpoints} 个。"
            )
        sys.exit(verdict.code)

    @group.command("who-saw")
    @click.option("--person", required=True, help="姓名、账号，或推荐表上的姓名")
    @click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起")
    def who_saw(person: str, since: datetime) -> None:
        """Say who opened pages about a person since a day."""
        found = oversight.who_saw(person, since.date())
        for event in found:
            click.echo(f"{clock.here(event.at):%Y-%m-%d %H:%M}  {event.actor_name}  {oversight.label_of(event.action)}")
        if not found:
            click.echo("没有人看过。")

    return group


def _checkpoint_key(*, needed: bool) -> Ed25519PublicKey | None:
    try:
        return checkpoints.public_key(Path(current_app.config["AUDIT_KEY"]))
    except checkpoints.Unreadable:
        if needed:
            raise
        return None


def _rating_commands() -> AppGroup:
    group = AppGroup("ratings", help="星级评定")

    @group.command("verify")
    @click.argument("year", type=int)
    @click.option("--organiser", "code", default="", help="只核对这个主办党组织（代码）")
    def verify(year: int, code: str) -> None:
        """Work the published cycles of a year out again. Exit 0 equal, 2 when one differs, 3 when there is none."""
        cycles = verifying.verify(year, code)
        if not cycles:
            click.echo(f"{year}年度没有公布过的星级评定。", err=True)
            sys.exit(3)
        for cycle in cycles:
            if not cycle.differences:
                click.echo(f"{cycle.organiser}{cycle.title}：{cycle.branches} 个支部，重算一致。")
            for difference in cycle.differences:
                click.echo(f"{cycle.organiser}{cycle.title}：{difference}。", err=True)
        if any(cycle.differences for cycle in cycles):
            sys.exit(2)

    return group


def _file_commands() -> AppGroup:
    group = AppGroup("files", help="附件")

    @group.command("check")
    def check() -> None:
        """Read every stored file; exit 0 when all are what came in, 2 naming those that are not."""
        count, bad = files.damaged()
        if not bad:
            click.echo(f"附件完好：{count} 个。")
            return
        click.echo(f"附件有问题：{count} 个里有 {len(bad)} 个校验失败：" + "、".join(bad), err=True)
        sys.exit(2)

    @group.command("sweep")
    def sweep() -> None:
        """Remove what no row stands on, an hour after it was written."""
        click.echo(f"清理了 {files.sweep(clock.now())} 个。")

    return group


def _ballot_commands() -> AppGroup:
    group = AppGroup("ballots", help="测评票决")

    @group.command("void-after-restore")
    def void_after_restore() -> None:
        """After restoring a backup: declare votes under way void."""
        titles = ballots.void_after_restore(clock.now())
        click.echo(f"作废了 {len(titles)} 次进行中的投票。" + "".join(f"\n  {title}" for title in titles))

    return group


def _account_commands() -> AppGroup:
    group = AppGroup("accounts", help="账号登录（页面上办不了的时候）")

    @group.command("slip")
    @click.argument("username")
    def slip(username: str) -> None:
        """Print a slip of an account: its holder sets a password by it, within seven days."""
        try:
            click.echo(
                f"登录码：{desk.slip_by_console(username, clock.now())}\n打开 /slip 页面，写账号和登录码，自己设密码。"
            )
        except Refused as refused:
            raise click.ClickException(refused.sentence) from refused

    @group.command("drop-two-step")
    @click.argument("username")
    def drop_two_step(username: str) -> None:
        """Let go the second step of an account whose phone and recovery codes are lost."""
        try:
            desk.drop_factor_by_console(username, clock.now())
        except Refused as refused:
            raise click.ClickException(refused.sentence) from refused
        click.echo("两步登录已解除，下次只用密码登录。")

    return group
