"""``db.one_transaction``: all of it or nothing, and afterwards sessions are what they were."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from tests.builders import count
from tiejun_awards.organisers.models import Level, Organiser
from tiejun_awards.shared.db import db, one_transaction, writing


def begin(code: str) -> None:
    with writing() as session:
        session.add(Organiser(code=code, name=code, level=Level.DEPARTMENT))


def begin_two_and_fail() -> None:
    with one_transaction():
        begin("a")
        begin("b")
        assert count(Organiser) == 2
        raise KeyboardInterrupt


def test_what_was_written_before_an_interruption_is_gone(app: Flask):
    with pytest.raises(KeyboardInterrupt):
        begin_two_and_fail()

    assert count(Organiser) == 0


def test_a_refused_verb_undoes_itself_only(app: Flask):
    with one_transaction():
        begin("a")
        with pytest.raises(DBAPIError):
            begin("a")
        begin("b")

    assert list(db.session.scalars(sa.select(Organiser.code).order_by(Organiser.id))) == ["a", "b"]


def test_afterwards_a_session_reads_and_only_writing_writes(app: Flask):
    with one_transaction():
        begin("a")

    begin("b")
    assert count(Organiser) == 2
    with pytest.raises(DBAPIError):
        db.session.execute(sa.delete(Organiser))
