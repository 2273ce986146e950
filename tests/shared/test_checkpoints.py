"""Checkpoints: the chain is signed now and then, and a copy kept elsewhere shows what was cut off."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.shared.test_audit import Run, by_hand, happen, run  # noqa: F401
from tests.together import at_once
from tiejun_awards.shared import audit, checkpoints, trail
from tiejun_awards.shared.audit import AuditCheckpoint, AuditEvent, AuditSeal
from tiejun_awards.shared.checkpoints import Checkpoint, Unreadable
from tiejun_awards.shared.db import db
from tiejun_awards.shared.trail import Verdict

Sign = Callable[[datetime], Checkpoint | None]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def files(app: Flask) -> tuple[Path, Path]:
    """The key and the copy outside the database, not there yet."""
    paths = (Path(app.config["AUDIT_KEY"]), Path(app.config["AUDIT_CHECKPOINTS"]))
    for path in (*paths, paths[0].with_suffix(".pub")):
        path.unlink(missing_ok=True)
    return paths


@pytest.fixture
def sign(files: tuple[Path, Path]) -> Sign:
    """Seals what is pending, then signs if it is due."""

    def signed(at: datetime) -> Checkpoint | None:
        audit.seal_pending()
        return checkpoints.sign_if_due(at, key_file=files[0], copy_to=files[1])

    return signed


def events(number: int, at: datetime, action: str = "event") -> None:
    for each in range(number):
        happen(action if number == 1 else f"{action}.{each}", at)


def verified(now: datetime, files: tuple[Path, Path], *, elsewhere: bool = False) -> Verdict:
    db.session.rollback()
    copy = checkpoints.read_file(files[1]) if elsewhere else []
    return trail.verify(db.session(), now, key=checkpoints.public_key(files[0]), elsewhere=copy)


def test_the_chain_is_signed_at_first_after_five_minutes_and_never_without_something_new(sign: Sign, now: datetime):
    events(2, now)
    first = sign(now)
    again = sign(now + 9 * MINUTE)
    events(1, now + 9 * MINUTE)
    soon, later = sign(now + 4 * MINUTE), sign(now + 5 * MINUTE)

    assert [made and made.seq for made in (first, again, soon, later)] == [2, None, None, 3]


def test_five_hundred_events_or_an_action_that_asks_for_it_do_not_wait(
    sign: Sign, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checkpoints, "EVERY_EVENTS", 3)
    events(1, now)
    first = sign(now)
    events(2, now)
    few = sign(now)
    events(1, now)
    many = sign(now)
    events(1, now, "accounts.grant_post")
    asked = sign(now)

    assert [made and made.seq for made in (first, few, many, asked)] == [1, None, 4, 5]


def test_each_checkpoint_is_a_row_and_a_line_and_only_its_owner_reads_the_key(
    sign: Sign, now: datetime, files: tuple[Path, Path]
):
    events(3, now)

    made = sign(now)

    row = db.session.scalars(sa.select(AuditCheckpoint)).one()
    assert made == Checkpoint(row.seq, row.chain, row.at, row.key_id, row.signature)
    assert checkpoints.read_file(files[1]) == [made]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o400
    assert verified(now, files) == Verdict(events=3, sealed=3, checkpoints=1)


def test_without_the_file_outside_no_checkpoint_is_claimed(sign: Sign, now: datetime, files: tuple[Path, Path]):
    files[1].mkdir()
    events(1, now)

    with pytest.raises(OSError, match=r"checkpoints\.txt"):
        sign(now)

    files[1].rmdir()
    assert builders.count(AuditCheckpoint) == 0


def test_two_who_sign_at_once_make_one_checkpoint(app: Flask, sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(2, now)
    audit.seal_pending()
    checkpoints.signing_key(files[0])

    at_once(app, *[lambda: checkpoints.sign_if_due(now, key_file=files[0], copy_to=files[1])] * 3)

    assert builders.count(AuditCheckpoint) == 1
    assert len(checkpoints.read_file(files[1])) == 1


CUT = (
    "DELETE FROM audit_checkpoint WHERE seq > 2",
    "DELETE FROM audit_seal WHERE seq > 2",
    "DELETE FROM audit_event WHERE id > (SELECT event_id FROM audit_seal WHERE seq = 2)",
)


def test_a_cut_tail_is_seen_only_with_the_copy_kept_elsewhere(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(2, now)
    sign(now)
    events(3, now)
    sign(now + 6 * MINUTE)

    by_hand(*CUT)

    assert verified(now, files).code == 0
    found = verified(now, files, elsewhere=True)
    assert (found.code, found.reason) == (2, "尾部被截断：检查点记到第 5 环，封存链只到第 2 环，少了第 3 至 5 环")


def test_a_tail_cut_below_a_checkpoint_that_stayed_is_seen(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(5, now)
    sign(now)

    by_hand(*CUT[1:])

    assert verified(now, files).reason == "尾部被截断：检查点记到第 5 环，封存链只到第 2 环，少了第 3 至 5 环"


def test_a_past_made_anew_with_its_whole_chain_does_not_fit_the_checkpoints(
    sign: Sign, now: datetime, files: tuple[Path, Path]
):
    events(4, now)
    sign(now)
    rows = list(db.session.execute(sa.select(AuditSeal.seq, AuditSeal.event_id).order_by(AuditSeal.seq)))
    event = db.session.get_one(AuditEvent, rows[1].event_id)
    db.session.expunge(event)
    event.action = "another"
    chain, leaves = (
        audit.CHAIN_START,
        dict(db.session.execute(sa.select(AuditEvent.id, AuditEvent.leaf)).tuples().all()),
    )
    leaves[event.id] = audit.leaf_of(event)
    statements = [f"UPDATE audit_event SET action = 'another', leaf = '{leaves[event.id]}' WHERE id = {event.id}"]
    for seq, event_id in rows:
        chain = audit.link(chain, leaves[event_id])
        statements.append(f"UPDATE audit_seal SET chain = '{chain}' WHERE seq = {seq}")

    by_hand(*statements)

    found = verified(now, files)
    assert (found.code, found.first_bad, found.reason) == (2, rows[3].event_id, "封存链第 4 环与检查点不符")


@pytest.mark.parametrize(
    "change", ["signature = replace(signature, substr(signature, 1, 8), '00000000')", "key_id = 'x'"]
)
def test_a_changed_checkpoint_is_not_signed(sign: Sign, now: datetime, files: tuple[Path, Path], change: str):
    events(1, now)
    sign(now)

    by_hand(f"UPDATE audit_checkpoint SET {change}")

    assert verified(now, files).reason == "第 1 环的检查点签名不对"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE audit_event SET at = '2020-01-01 00:00:00.000000' WHERE id = {third}", "事件内容被改动"),
        ("DELETE FROM audit_event WHERE id = {third}", "已封存的事件不见了"),
        (
            "UPDATE audit_seal SET event_id = -seq; UPDATE audit_seal SET event_id = CASE seq WHEN 3 THEN {fourth} "
            "WHEN 4 THEN {third} ELSE {third} - 3 + seq END",
            "封存链对不上",
        ),
        (
            "UPDATE audit_seal SET seq = seq + 100 WHERE seq > 3; UPDATE audit_seal SET seq = seq - 99 WHERE seq > 100",
            "封存链第 4 环缺失",
        ),
    ],
    ids=["clock", "deleted", "reordered", "inserted"],
)
def test_what_is_done_by_hand_is_found(
    sign: Sign, now: datetime, files: tuple[Path, Path], statement: str, reason: str
):
    events(5, now)
    sign(now)
    first = db.session.scalars(sa.select(sa.func.min(AuditEvent.id))).one()

    by_hand(*statement.format(third=first + 2, fourth=first + 3).split("; "))

    found = verified(now, files)
    assert (found.code, found.reason) == (2, reason)


def test_verification_may_begin_after_a_seal(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(5, now)
    sign(now)
    first = db.session.scalars(sa.select(sa.func.min(AuditEvent.id))).one()
    by_hand(f"UPDATE audit_event SET action = 'x' WHERE id = {first + 1}")
    db.session.rollback()

    found = [trail.verify(db.session(), now, since=since).first_bad for since in (0, 1, 2, 3)]

    assert found == [first + 1, first + 1, None, None]
    assert trail.verify(db.session(), now, since=9).reason == "封存链没有第 9 环"


def test_without_the_public_key_nothing_is_said_to_be_sure(sign: Sign, now: datetime):
    events(1, now)
    sign(now)

    found = trail.verify(db.session(), now)

    assert (found.code, found.undecided) == (3, "没有检查点的公钥，签名没有核对")


def test_a_copy_whose_lines_are_not_signed_decides_nothing(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(1, now)
    sign(now)
    line = checkpoints.read_file(files[1])[0].line
    files[1].write_text(line[:-4] + "0000\n", "ascii")

    found = verified(now, files, elsewhere=True)

    assert (found.code, found.undecided) == (3, "给出的检查点文件里有签名不对的行，不能作依据")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "检查点文件 copy.txt 里没有检查点"),
        ("# public\n", "检查点文件 copy.txt 里没有检查点"),
        ("v1 2 chain\n", "检查点文件 copy.txt 里没有检查点"),
        ("v2 2 a 2026-11-23T02:00:00+00:00 k s\n", "检查点文件 copy.txt 里没有检查点"),
        ("中文\n", "检查点文件 copy.txt 读不到"),
    ],
)
def test_a_file_that_is_none_is_refused_by_a_sentence(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "copy.txt"
    path.write_text(content, "utf-8")

    with pytest.raises(Unreadable, match=sentence):
        checkpoints.read_file(path)


def test_the_command_ends_with_3_where_it_cannot_be_said(sign: Sign, now: datetime, run: Run, tmp_path: Path):  # noqa: F811
    events(1, now)
    sign(now)

    found = run("audit", "verify", "--checkpoint", str(tmp_path / "none"))

    assert found == (3, "", "无法判断：检查点文件 none 读不到。\n")


def test_the_command_names_the_lost_tail(
    sign: Sign,
    now: datetime,
    files: tuple[Path, Path],
    run: Run,  # noqa: F811
    tmp_path: Path,
):
    events(2, now)
    sign(now)
    events(3, now)
    sign(now + 6 * MINUTE)
    copy = tmp_path / "copy.txt"
    copy.write_bytes(files[1].read_bytes())
    by_hand(*CUT)
    assert run("audit", "verify")[0] == 2  # by the file of the same machine
    files[1].unlink()

    assert run("audit", "verify")[0] == 0
    assert run("audit", "verify", "--checkpoint", str(copy)) == (
        2,
        "",
        "审计日志有问题：尾部被截断：检查点记到第 5 环，封存链只到第 2 环，少了第 3 至 5 环。\n",
    )


def test_a_detail_that_says_a_thing_twice_is_found(sign: Sign, now: datetime, files: tuple[Path, Path]):
    # Databases and Python would not read the same out of it.
    happen("oversight.saw", now)
    sign(now)
    number = db.session.scalars(sa.select(AuditEvent.id)).one()

    by_hand(f"""UPDATE audit_event SET detail = '{{"词": "别的", "词": "值"}}' WHERE id = {number}""")

    assert verified(now, files).reason == "事件内容被改动"


def test_a_trail_that_was_emptied_is_seen_by_the_file_of_the_same_machine(
    sign: Sign,
    now: datetime,
    files: tuple[Path, Path],
    run: Run,  # noqa: F811
):
    events(3, now)
    sign(now)

    by_hand("DELETE FROM audit_checkpoint", "DELETE FROM audit_seal", "DELETE FROM audit_event")

    assert run("audit", "verify")[0] == 2
    files[1].unlink()
    assert run("audit", "verify") == (3, "", "无法判断：库里还没有任何记录，也没有检查点可以比对。\n")


def test_a_line_somebody_else_wrote_into_the_copy_is_no_evidence(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(1, now)
    sign(now)
    line = checkpoints.read_file(files[1])[0].line.split()
    with files[1].open("a") as file:
        file.write(" ".join([line[0], "9", *line[2:]]) + "\n")

    assert verified(now, files, elsewhere=True).code == 3


def test_half_a_line_is_passed_over_and_the_next_one_begins_anew(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(1, now)
    sign(now)
    with files[1].open("a") as file:
        file.write("v1 7 half")
    events(1, now)
    sign(now + 6 * MINUTE)

    assert [each.seq for each in checkpoints.read_file(files[1])] == [1, 2]
    assert verified(now, files, elsewhere=True).code == 0


def test_a_public_key_that_was_lost_is_written_again(sign: Sign, now: datetime, files: tuple[Path, Path]):
    events(1, now)
    sign(now)
    files[0].with_suffix(".pub").unlink()
    events(1, now)
    sign(now + 6 * MINUTE)

    assert verified(now, files).code == 0
