"""The first start in a terminal: every answer is checked at once and asked again, defaults are taken by Enter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..shared import clock
from ..shared.dates import chinese_date
from ..shared.errors import Refused
from . import first_run, rules
from .first_run import Slip
from .sections import DEFAULTS, ORGANISER, PEOPLE, QUESTIONS, SEATS, UNITS, Asked, Kind

_LISTED_ABOVE = frozenset(f"{seat.key}_unit" for seat in SEATS[1:])
"""Choices as long as a page, listed for the first person already."""


def install_from(texts: rules.Texts, data_dir: Path, public_url: str) -> None:
    """Do it with these answers, and print the slips. Raises ClickException naming everything that is wrong."""
    wrong = rules.faults(texts)
    if wrong:
        raise click.ClickException(
            "没有启用，请先改好：" + "".join(f"\n  {key(name)}：{wrong[name]}" for name in wrong)
        )
    try:
        slips = first_run.begin(texts, at=clock.now(), data_dir=data_dir)
    except Refused as refused:
        raise click.ClickException(refused.sentence) from None
    print_slips(slips, public_url)


def key(name: str) -> str:
    """A name as an answers file writes it: “office.username”."""
    return name.replace("_", ".", 1)


def print_slips(slips: Sequence[Slip], public_url: str) -> None:
    """The slips as text, shown once."""
    click.echo("\n首次登录条（只显示这一次，请抄下或打印后当面交给本人）")
    for slip in slips:
        lines = (
            f"{slip.posts}　{slip.name}",
            f"  账号        {slip.username}",
            f"  首次登录码  {slip.code}",
            f"  打开 {public_url}，在登录页点“有登录条”；{chinese_date(slip.until)}前用一次有效",
        )
        click.echo("\n" + "-" * 60 + "\n" + "\n".join(lines))
    click.echo("-" * 60)


def ask_everything() -> dict[str, str]:
    """Ask section by section; the answers, checked."""
    texts = dict(DEFAULTS)
    click.echo("首次启用：写明主办党组织和最少的四个人。直接回车就用方括号里的默认值。")
    _section("一、主办党组织", ORGANISER, texts)
    _section("二、单位", UNITS, texts)
    for seat in SEATS:
        _section(f"三、四个人：{seat.title}（{seat.who}）", PEOPLE[seat.key], texts)
    if _yes(f"\n{len(QUESTIONS)} 个待定事项都先用建议稿吗（以后在系统里逐项确认）", default=True):
        return texts
    for question in QUESTIONS.values():
        _section(f"四、待定事项 {question.number}：{question.title}（{question.decides}决定）", question.parts, texts)
    return texts


def _section(heading: str, group: Sequence[Asked], texts: dict[str, str]) -> None:
    click.echo(f"\n{heading}")
    while True:
        for asked in group:
            if asked.name.endswith("_unit") and not texts["units_load"]:
                continue  # there is nothing to choose from
            texts[asked.name] = _ask(asked, texts)
        wrong = rules.faults(texts)
        mine = [asked.name for asked in group if asked.name in wrong]
        if not mine:
            return
        for name in mine:
            click.echo(f"  {wrong[name]}", err=True)


def _ask(asked: Asked, texts: dict[str, str]) -> str:
    if asked.kind is Kind.YES:
        return "yes" if _yes(f"  {asked.label}", default=texts[asked.name] == "yes") else ""
    if asked.kind is Kind.CHOICE and asked.name in _LISTED_ABOVE:
        click.echo("    代码见上面的单位表")
    elif asked.kind is Kind.CHOICE:
        for value, words in asked.choices:
            if value:
                click.echo(f"    {value:12} {words}")
    label = f"  {asked.label}{'（可不填）' if asked.optional else ''}"
    while True:
        text = str(click.prompt(label, default=texts[asked.name], show_default=bool(texts[asked.name]))).strip()
        alone = rules.fault_of(asked, text)
        between = rules.faults_between({**texts, asked.name: text}).get(asked.name, "")
        if not (alone or between):
            return text
        click.echo(f"    {alone or between}", err=True)


def _yes(label: str, *, default: bool) -> bool:
    while True:
        text = str(click.prompt(f"{label} [y/n]", default="y" if default else "n", show_default=False)).strip().lower()
        if text in ("y", "yes", "是", "n", "no", "否"):
            return text in ("y", "yes", "是")
        click.echo("    请答 y 或 n。", err=True)
