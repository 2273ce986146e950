"""The demo's paper: the retired members' branch hands in one quarter in writing; the office transcribes, the second hand compares."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ..papers import services as papers
from ..papers.rules import Entry
from ..reports.drafts import Draft
from ..reports.models import Report
from ..reports.paper_form import sections, values_of
from ..shared.access import Actor
from ..shared.periods import Quarter
from .demo_data import Branch

LIES_AT = "机关党委季度报告卷，离退休党支部"


def on_paper(branch: Branch, quarter: Quarter, asked: Quarter) -> bool:
    """Whether this report of the story came on paper."""
    return branch.kind == "retired" and quarter == asked.previous().previous()


def hand_in(report: Report, draft: Draft, *, author_id: int, signed_on: date, typist: Actor, reader: Actor) -> None:
    """A signed paper, typed by one and compared by the other an hour later."""
    entry = Entry(signed_on, author_id, LIES_AT, values_of(draft))
    made = papers.transcribe(typist, report.branch, "report", f"{report.branch_id}-{report.quarter}", entry)
    later = replace(reader, at=typist.at + timedelta(hours=1))
    papers.compare(later, made, signed_on=signed_on, alike=range(len(sections(()))), version=made.version)
