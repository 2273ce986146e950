"""Work that takes long: a row written in the verb's own transaction, done by ``flask work``.

huey is only told after the commit, and the work process also sweeps for rows nobody told it of: a killed
process neither loses a job nor does it twice, since only the one who turns ``queued`` into ``running`` does it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column

from . import clock
from .access import Actor, Place
from .db import Base, choice, db, writing
from .labels import Labelled

log = logging.getLogger(__name__)

RESULTS_KEPT = timedelta(days=7)


class JobState(Labelled):
    """Where a job is."""

    QUEUED = "queued", "排队"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "没有完成"


class Job(Base):
    """One piece of long work, asked for by one person."""

    __tablename__ = "job"
    __table_args__ = (
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_a_percentage"),
        sa.CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended_jobs_are_dated"),
        sa.Index("job_state_ix", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(120))
    arguments: Mapped[dict[str, Any]]
    person_id: Mapped[int]
    organiser_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(choice(JobState, "job_states"), default=JobState.QUEUED)
    progress: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(sa.String(200), default="")
    file_key: Mapped[str] = mapped_column(sa.String(64), default="")
    file_name: Mapped[str] = mapped_column(sa.String(120), default="")
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def place(self) -> Place:
        """Where it lies: with the one who asked for it."""
        return Place(self.organiser_id, person_id=self.person_id)


@dataclass(frozen=True, slots=True)
class Product:
    """What a job leaves behind: a file to fetch, and a sentence."""

    message: str
    file_name: str = ""
    content: bytes = b""


Work = Callable[[dict[str, Any], Callable[[int], None]], Product]
"""(arguments, progress in percent) -> Product. Reads only; whatever it must write it does by a use case."""

_kinds: dict[str, Work] = {}


def job_kind(kind: str) -> Callable[[Work], Work]:
    """Name a function as the work of one kind of job."""

    def register(work: Work) -> Work:
        _kinds[kind] = work
        return work

    return register


def ask_for(session: Session, actor: Actor, kind: str, title: str, **arguments: Any) -> Job:
    """Add a job to the transaction under way; huey hears of it after the commit."""
    if kind not in _kinds:
        raise ValueError(f"no such kind of job: {kind}")
    job = Job(
        kind=kind,
        title=title,
        arguments=arguments,
        person_id=actor.person_id,
        organiser_id=actor.organiser_id,
        made_at=actor.at,
    )
    session.add(job)
    session.flush()
    session.info.setdefault("asked_jobs", []).append(job.id)
    return job


def install(app: Flask, *, data_dir: Path, redis_url: str) -> None:
    """Give the application its queue: huey on a SQLite file of its own, or on Redis."""
    data_dir.mkdir(parents=True, exist_ok=True)
    queue: Huey = (
        RedisHuey("tiejun", url=redis_url)
        if redis_url
        else SqliteHuey("tiejun", filename=str(data_dir / "huey.db"), results=False)
    )

    def hear(job_id: int) -> None:
        with app.app_context():
            do(job_id)

    app.extensions["huey"] = queue
    app.extensions["hear_of_job"] = queue.task(name="do")(hear)


@event.listens_for(Session, "after_commit")
def _tell_huey(session: Session) -> None:
    for job_id in session.info.pop("asked_jobs", ()):
        try:
            current_app.extensions["hear_of_job"](job_id)
        except Exception:  # the sweep finds the row: the queue may be down, the verb has happened
            log.exception("huey was not told of job %s", job_id)


@event.listens_for(Session, "after_rollback")
def _forget_asked(session: Session) -> None:
    session.info.pop("asked_jobs", None)


def do(job_id: int) -> None:
    """Do one job, unless somebody else has taken it."""
    with writing() as session:
        taken = session.execute(
            sa.update(Job).where(Job.id == job_id, Job.state == JobState.QUEUED).values(state=JobState.RUNNING)
        )
        if not taken.rowcount:  # type: ignore[attr-defined]
            return
    job = db.session.get_one(Job, job_id)
    kind, arguments = job.kind, dict(job.arguments)
    db.session.rollback()
    try:
        product = _kinds[kind](arguments, lambda percent: _set(job_id, progress=min(99, max(0, percent))))
        db.session.rollback()
        key = _keep(product)
        _set(
            job_id,
            state=JobState.DONE,
            progress=100,
            message=product.message,
            file_key=key,
            file_name=product.file_name,
            ended_at=clock.now(),
        )
    except Exception:
        log.exception("job %s (%s) failed", job_id, kind)
        db.session.rollback()
        _set(
            job_id,
            state=JobState.FAILED,
            message="没有完成，内容没有改变。请再试一次；仍不行请联系系统管理员。",
            ended_at=clock.now(),
        )


def _set(job_id: int, **values: Any) -> None:
    db.session.rollback()
    with writing() as session:
        session.execute(sa.update(Job).where(Job.id == job_id).values(**values))


def result_path(file_key: str) -> Path:
    """Where the file of a finished job lies."""
    return Path(current_app.config["DATA_DIR"]) / "results" / file_key


def _keep(product: Product) -> str:
    if not product.file_name:
        return ""
    key = secrets.token_hex(32)
    path = result_path(key)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(product.content)
    return key


def resume_interrupted() -> int:
    """At the start of the one work process: what was running when the last one died runs again."""
    with writing() as session:
        result = session.execute(
            sa.update(Job).where(Job.state == JobState.RUNNING).values(state=JobState.QUEUED, progress=0)
        )
        return int(result.rowcount)  # type: ignore[attr-defined]


def sweep(now: datetime) -> int:
    """Do the queued jobs huey was never told of (older than ten seconds); remove results past their time."""
    db.session.rollback()
    forgotten = db.session.scalars(
        sa.select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.made_at < now - timedelta(seconds=10))
        .order_by(Job.id)
    ).all()
    db.session.rollback()
    for job_id in forgotten:
        do(job_id)
    folder = Path(current_app.config["DATA_DIR"]) / "results"
    for path in folder.glob("*") if folder.exists() else ():
        if path.stat().st_mtime < (now - RESULTS_KEPT).timestamp():
            path.unlink(missing_ok=True)
    return len(forgotten)
