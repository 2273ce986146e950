"""Kept by their content: swept when nothing stands on them, the same in a bucket; the scanner; what the database refuses."""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests import builders
from tests.builders import World, rows_of
from tests.files import made
from tests.files.conftest import Upload
from tests.pages import Browser
from tests.together import at_once
from tiejun_awards.files import queries, scanning, services, store
from tiejun_awards.files.models import Attachment, FilePreview
from tiejun_awards.shared.audit import AuditEvent
from tiejun_awards.shared.db import db, writing
from tiejun_awards.shared.errors import Refused


def stored(app: Flask) -> set[str]:
    root = Path(app.config["DATA_DIR"]) / "uploads"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


LONG_AFTER, LONG_BEFORE = builders.NOW + timedelta(days=36_500), builders.NOW - timedelta(days=3_650)
"""The disk's clock goes on while that of the tests stands still."""


# Sweeping.


def test_the_sweep_removes_what_no_row_stands_on_and_only_that(app: Flask, world: World):
    kept = builders.attachment(world.report("water", "2026Q3"))
    place = store.store()
    orphan = "f" * 64
    place.put(place.bring(BytesIO(b"orphan")), store.content_key(orphan))
    place.put(place.bring(BytesIO(b"drawn")), store.preview_key(orphan, 1))
    place.bring(BytesIO(b"half an upload"))
    (store.incoming() / "left").mkdir()
    (store.incoming() / "left" / "upload").write_bytes(b"x")

    fresh = services.sweep(LONG_BEFORE)
    removed = services.sweep(LONG_AFTER)

    assert (fresh, removed) == (0, 3)
    assert stored(app) == {store.content_key(kept.sha256), store.preview_key(kept.sha256, 1)}
    assert list(store.incoming().iterdir()) == []


def test_a_removed_draft_file_goes_with_the_next_sweep(app: Flask, world: World, secretary: Browser, upload: Upload):
    upload(secretary, ("a.pdf", made.pdf()))
    secretary.submit("移除a.pdf")

    services.sweep(LONG_AFTER)

    assert (stored(app), rows_of(FilePreview, "sha256", order_by="sha256")) == (set(), [])


def test_a_content_is_kept_as_long_as_one_of_two_owners_stands_on_it(
    app: Flask, world: World, upload: Upload, secretary: Browser
):
    upload(secretary, ("a.pdf", made.pdf()))
    same = builders.attachment(world.report("air", "2026Q2"), "b.pdf", made.pdf())
    secretary.get(f"/files/of/report/{world.report('water', '2026Q4').id}")
    secretary.submit("移除a.pdf")

    services.sweep(LONG_AFTER)

    assert store.content_key(same.sha256) in stored(app)


def test_every_stored_content_is_read_and_the_damaged_ones_are_named(app: Flask, world: World):
    good, bad = (builders.attachment(world.report(branch, "2026Q3")) for branch in ("water", "own"))
    path = Path(app.config["DATA_DIR"]) / "uploads" / store.content_key(bad.sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"!")

    told = app.test_cli_runner().invoke(args=["files", "check"])

    assert services.damaged() == (2, [bad.sha256])
    assert (told.exit_code, told.output.strip()) == (2, f"附件有问题：2 个里有 1 个校验失败：{bad.sha256}")
    assert good.sha256 != bad.sha256


def test_two_uploads_of_the_last_place_at_once_leave_three(app: Flask, world: World):
    report = world.report("water", "2026Q4")
    for n in (1, 2):
        builders.attachment(report, f"{n}.pdf", made.pdf(n), fixed=False)
    kind = queries.owners["report"]

    def attach(pages: int) -> Callable[[], Any]:
        def call() -> Any:
            actor, owner = world.actor("secretary"), world.report("water", "2026Q4")
            limits: dict[str, Any] = {"most": 2**20, "old_formats": False, "clamd": ""}
            with services.taken_in(BytesIO(made.pdf(pages)), f"{pages}.pdf", **limits) as upload:
                return services.attach(actor, owner, kind, upload).name

        return call

    found = at_once(app, attach(3), attach(4))

    assert sorted(type(each).__name__ for each in found) == ["Refused", "str"]
    assert builders.count(Attachment) == 3


def test_nothing_half_stays_when_the_verb_fails(app: Flask, world: World):
    limits: dict[str, Any] = {"most": 2**20, "old_formats": False, "clamd": ""}
    with pytest.raises(RuntimeError), services.taken_in(BytesIO(made.pdf()), "a.pdf", **limits):
        raise RuntimeError

    assert (stored(app), list(store.incoming().iterdir())) == (set(), [])


# In a bucket: fsspec's memory stands for it.


def test_a_bucket_keeps_and_checks_like_a_folder(app: Flask):
    place = store.Store("memory://bucket/uploads")
    content = b"content of a bucket"
    sha256 = hashlib.sha256(content).hexdigest()
    place.put(place.bring(BytesIO(content)), store.content_key(sha256))

    with place.checked(sha256) as opened:
        assert opened.read() == content
    assert [key for key, _ in place.old("content", LONG_AFTER)] == [store.content_key(sha256)]
    assert list(place.old("content", LONG_BEFORE)) == []
    place.put(place.bring(BytesIO(b"changed")), store.content_key(sha256))
    with pytest.raises(store.Damaged):
        place.checked(sha256)
    place.drop(store.content_key(sha256))
    place.drop(store.content_key(sha256))
    with pytest.raises(store.Damaged):
        place.checked(sha256)


# The scanner.


@contextmanager
def clamd(folder: Path, answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A scanner that answers everybody the same, at a socket; what it was sent."""
    address, sent = str(folder / "clamd.sock"), []
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()

    def serve() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while length := struct.unpack(">I", stream.read(4))[0]:
                content += stream.read(length)
            sent.append(content)
            connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield address, sent
    thread.join(5)
    server.close()


@pytest.mark.parametrize(("answer", "virus"), [(b"stream: OK\0", ""), (b"stream: Eicar-Test FOUND\0", "Eicar-Test")])
def test_the_scanner_sees_the_whole_file_and_is_understood(tmp_path: Path, answer: bytes, virus: str):
    content = os.urandom(200_000)
    with clamd(tmp_path, answer) as (address, sent):
        assert scanning.scan(BytesIO(content), address) == virus
    assert sent == [content]


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"nonsense"])
def test_a_scanner_that_does_not_answer_lets_nothing_in(tmp_path: Path, answer: bytes):
    with clamd(tmp_path, answer) as (address, _), pytest.raises(Refused, match=r"^病毒检查现在没有应答"):
        scanning.scan(BytesIO(b"x"), address)


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1"])
def test_a_scanner_that_is_down_lets_nothing_in(address: str):
    with pytest.raises(Refused, match=r"^病毒检查现在没有应答"):
        scanning.scan(BytesIO(b"x"), address)


def test_an_infected_file_is_shut_away_and_never_served(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World, secretary: Browser, upload: Upload
):
    with clamd(tmp_path, b"stream: Eicar-Test FOUND\0") as (address, _):
        monkeypatch.setitem(app.config, "CLAMD", address)
        page = upload(secretary, ("a.pdf", made.pdf()))
    [(file_id, sha256)] = rows_of(Attachment, "id", "sha256")

    assert page.status == 422
    assert page.errors["file"].startswith("a.pdf：病毒检查发现这个文件带病毒，已经隔离")
    assert page.rows()[0][0] == "a.pdf 带病毒，已隔离"
    assert stored(app) == {f"quarantine/{sha256}"}
    assert [secretary.get(f"/files/{file_id}{path}").status for path in ("", "/file", "/pages/1")] == [404] * 3
    [detail] = db.session.scalars(sa.select(AuditEvent.detail).where(AuditEvent.action == "files.attach")).all()
    assert detail["virus"] == "Eicar-Test"


def test_with_the_scanner_down_nothing_is_taken_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch, world: World, secretary: Browser, upload: Upload
):
    monkeypatch.setitem(app.config, "CLAMD", "/nowhere/clamd.sock")

    page = upload(secretary, ("a.pdf", made.pdf()))

    assert page.errors["file"].startswith("a.pdf：病毒检查现在没有应答，文件没有收下。")
    assert (stored(app), rows_of(Attachment, "id")) == (set(), [])


# For objections.


def test_a_stripped_copy_of_an_attachment_names_nobody(app: Flask, world: World):
    attachment = builders.attachment(world.report("water", "2026Q3"), "a.docx", made.docx())

    copy = services.stripped_copy(world.actor("secretary"), attachment)

    assert copy[:2] == b"PK"
    assert made.AUTHOR.encode() not in copy


# What the database refuses.


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"size": 0}, "no_file_is_empty"),
        ({"sha256": "short"}, "contents_have_a_sha256"),
        ({"fixed_at": None, "removed_at": builders.NOW}, "only_fixed_ones_are_kept"),
        ({"state": "quarantined"}, "infected_ones_are_not_fixed"),
        ({"kind": "exe"}, "file_kinds"),
    ],
)
def test_the_database_refuses_what_cannot_be(world: World, values: dict[str, Any], name: str):
    builders.attachment(world.report("water", "2026Q3"))
    table = sa.table("attachment", *(sa.column(column) for column in values))

    with pytest.raises(sa.exc.IntegrityError, match=name), writing() as session:
        session.execute(sa.update(table).values(**values))


def test_an_owner_holds_a_content_once(world: World):
    first = builders.attachment(world.report("water", "2026Q3"))
    values = {
        column.name: getattr(first, column.name) for column in Attachment.__table__.columns if column.name != "id"
    }

    with pytest.raises(sa.exc.IntegrityError, match=r"same_file_once_an_owner|attachment.owner_kind"):
        builders.add(Attachment(**values))
