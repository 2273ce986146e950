"""What the reports hold of somebody: what he handed in and reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from ..accounts.exports import shown
from ..accounts.rules import DataSheet
from ..shared.access import Actor
from ..shared.db import db
from ..shared.digests import canonical
from ..shared.periods import Quarter
from .models import Report, ReportReview, ReportRevision


def my_data(actor: Actor) -> DataSheet:
    """His revisions as they were handed in, the drafts he saved last, and his reviews."""
    handed_in = db.session.execute(
        sa.select(Report, ReportRevision)
        .join(ReportRevision, ReportRevision.report_id == Report.id)
        .where(ReportRevision.submitted_by == actor.person_id)
        .options(joinedload(Report.branch))
        .order_by(ReportRevision.submitted_at)
    ).all()
    drafts = db.session.scalars(
        sa.select(Report)
        .where(Report.saved_by == actor.person_id)
        .options(joinedload(Report.branch))
        .order_by(Report.saved_at)
    ).all()
    reviews = db.session.execute(
        sa.select(Report, ReportReview)
        .join(ReportReview, ReportReview.report_id == Report.id)
        .where(ReportReview.by == actor.person_id)
        .options(joinedload(Report.branch))
        .order_by(ReportReview.at)
    ).all()
    rows = [("提交", *_which(report), shown(made.submitted_at), canonical(made.content)) for report, made in handed_in]
    rows += [("存稿", *_which(report), shown(report.saved_at), canonical(report.draft)) for report in drafts]
    rows += [("审阅", *_which(report), shown(made.at), made.reason) for report, made in reviews]
    return DataSheet("季度报告", ("做了什么", "党支部", "季度", "时间", "内容"), rows)


def _which(report: Report) -> tuple[str, str]:
    return report.branch.name, Quarter.from_code(report.quarter).label
