"""Long work: neither lost nor done twice, whoever dies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests import builders
from tests.builders import World
from tests.together import at_once
from tiejun_awards.organisers.models import Organiser
from tiejun_awards.shared import clock, jobs
from tiejun_awards.shared.access import Actor, Permission, Place
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import Refused
from tiejun_awards.shared.jobs import Job, JobState, Product, ask_for, job_kind
from tiejun_awards.shared.use_case import use_case

done: list[dict[str, Any]] = []


@job_kind("tests.file")
def make_file(arguments: dict[str, Any], said: Callable[[int], None]) -> Product:
    """Work of the tests."""
    done.append(arguments)
    said(arguments.get("percent", 50))
    if arguments.get("dies"):
        raise SystemExit  # as a killed process: nothing after this line happens
    if arguments.get("fails"):
        raise ValueError("broken")
    return Product("文件已做好。", arguments.get("name", ""), b"content")


@use_case(Permission.ENTER_DAYS)
def order(actor: Actor, organiser: Organiser, /, *, then_fail: bool = False, **arguments: Any) -> Job:
    """A verb that asks for work."""
    job = ask_for(db.session(), actor, "tests.file", "做一份文件", **arguments)
    if then_fail:
        raise Refused("不做了。")
    return job


Ask = Callable[..., Job]


@pytest.fixture
def ask(world: World, app: Flask) -> Iterator[Ask]:
    done.clear()
    huey = app.extensions["huey"]
    huey.flush()
    office, department = world.actor("office"), world.organiser("department")
    yield lambda **arguments: order(office, department, **arguments)
    huey.flush()


def job_as_it_is(job: Job) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job.id)


def state(job: Job) -> tuple[str, int, str, datetime | None]:
    now = job_as_it_is(job)
    return now.state.label, now.progress, now.message, now.ended_at


def test_a_job_is_a_row_of_its_verb_and_huey_hears_of_it_afterwards(ask: Ask, app: Flask, world: World):
    job = ask(name="a.xlsx")

    assert state(job) == ("排队", 0, "", None)
    assert job.place == Place(world.organiser("department").id, person_id=world.person("office").id)
    huey = app.extensions["huey"]
    assert len(huey) == 1
    huey.execute(huey.dequeue())
    assert (state(job), done) == (("完成", 100, "文件已做好。", builders.NOW), [{"name": "a.xlsx"}])


def test_a_verb_that_is_refused_asks_for_nothing(ask: Ask, app: Flask):
    with pytest.raises(Refused):
        ask(then_fail=True)
    ask()

    assert (builders.count(Job), len(app.extensions["huey"])) == (1, 1)


def test_a_job_whose_queue_is_down_is_done_by_the_sweep(
    ask: Ask, app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patched:
        patched.setattr(app.extensions["huey"].storage, "filename", "/nowhere/huey.db")
        app.extensions["huey"].storage.close()
        job = ask()

    swept = [jobs.sweep(now + timedelta(seconds=seconds)) for seconds in (10, 11, 12)]

    assert (swept, len(done), state(job)[0]) == ([0, 1, 0], 1, "完成")


def test_a_job_whose_process_was_killed_is_done_once_after_the_next_start(ask: Ask, now: datetime):
    job = ask(dies=True)
    with pytest.raises(SystemExit):
        jobs.do(job.id)
    interrupted = state(job)[:2]

    swept = jobs.sweep(now + timedelta(minutes=1))
    resumed = jobs.resume_interrupted(), state(job)[:2]

    assert (interrupted, swept, resumed) == (("进行中", 50), 0, (1, ("排队", 0)))
    with pytest.raises(SystemExit):
        jobs.sweep(now + timedelta(minutes=1))
    assert len(done) == 2


def test_a_job_told_twice_is_done_once(ask: Ask, app: Flask):
    job = ask()

    at_once(app, *[lambda: jobs.do(job.id)] * 3)
    jobs.do(job.id)

    assert (len(done), state(job)[0]) == (1, "完成")


def test_a_job_that_fails_says_so_and_what_to_do(ask: Ask):
    job = ask(fails=True)

    jobs.do(job.id)

    sentence = "没有完成，内容没有改变。请再试一次；仍不行请联系系统管理员。"
    assert state(job) == ("没有完成", 50, sentence, builders.NOW)


@pytest.mark.parametrize(("percent", "shown"), [(-5, 0), (30, 30), (100, 99), (250, 99)])
def test_progress_is_a_percentage_and_whole_only_at_the_end(ask: Ask, percent: int, shown: int):
    job = ask(percent=percent, fails=True)

    jobs.do(job.id)

    assert state(job)[1] == shown


def test_work_nobody_knows_is_a_mistake(world: World):
    with pytest.raises(ValueError, match=r"^no such kind of job: tests\.unknown$"):
        ask_for(db.session(), world.actor("office"), "tests.unknown", "x")


def test_the_file_of_a_job_lies_under_a_name_nobody_guesses_and_goes_after_a_week(ask: Ask, now: datetime):
    job = ask(name="报告情况.xlsx")
    jobs.do(job.id)
    found = job_as_it_is(job)
    path = jobs.result_path(found.file_key)
    made = path.read_bytes(), found.file_name, len(found.file_key), oct(path.parent.stat().st_mode & 0o777)
    os.utime(path, (now.timestamp(), now.timestamp()))

    jobs.sweep(now + timedelta(days=7))
    kept = path.exists()
    jobs.sweep(now + timedelta(days=7, seconds=1))

    assert made == (b"content", "报告情况.xlsx", 64, "0o700")
    assert (kept, path.exists()) == (True, False)


def test_a_job_without_a_file_leaves_none(ask: Ask):
    job = ask()

    jobs.do(job.id)

    assert (job_as_it_is(job).file_key, job_as_it_is(job).state) == ("", JobState.DONE)


def test_jobs_end_at_the_moment_of_the_clock(ask: Ask, now: datetime):
    job = ask()
    later = now + timedelta(minutes=3)

    with clock.stopped_at(later):
        jobs.do(job.id)

    assert state(job)[3] == later
