"""nominations."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=30), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "selected",
                "elected",
                "praised",
                "commended",
                name="recognition_forms",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("suggest_by", sa.Date(), nullable=False),
        sa.Column("recommend_by", sa.Date(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("per_unit", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("approval_ref", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "announced",
                "published",
                name="call_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'draft') = (announced_at IS NULL)", name="announced_calls_are_dated"),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_calls_are_dated"),
        sa.CheckConstraint("form <> 'commended' OR approval_ref <> ''", name="commendations_are_approved"),
        sa.CheckConstraint("state = 'draft' OR number <> ''", name="announced_calls_are_numbered"),
        sa.CheckConstraint("opens_on <= suggest_by AND suggest_by <= recommend_by", name="call_days_are_in_order"),
        sa.CheckConstraint("quota BETWEEN 1 AND 999 AND per_unit BETWEEN 1 AND 9", name="calls_have_seats"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="calls_are_of_our_time"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("award_call_organiser_id_fk")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("award_call_saved_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("award_call_pk")),
    )
    with op.batch_alter_table("award_call", schema=None) as batch_op:
        batch_op.create_index("award_call_list_ix", ["organiser_id", "year", "programme"], unique=False)

    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "submitted", name="recommendation_states", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("studied_on", sa.Date(), nullable=True),
        sa.Column("notice_from", sa.Date(), nullable=True),
        sa.Column("notice_to", sa.Date(), nullable=True),
        sa.Column("notice_place", sa.String(length=60), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name="sent_recommendations_are_dated"),
        sa.CheckConstraint("state = 'draft' OR studied_on IS NOT NULL", name="units_study_before_they_send"),
        sa.CheckConstraint("(notice_from IS NULL) = (notice_to IS NULL)", name="unit_notices_end"),
        sa.CheckConstraint("notice_to IS NULL OR notice_to >= notice_from", name="unit_notices_end_later"),
        sa.ForeignKeyConstraint(["call_id"], ["award_call.id"], name=op.f("recommendation_call_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("recommendation_organiser_id_fk")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("recommendation_saved_by_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("recommendation_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("recommendation_pk")),
        sa.UniqueConstraint("call_id", "unit_id", name="one_recommendation_a_unit"),
    )
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("recommendation_unit_id_ix"), ["unit_id"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("nominator_id", sa.Integer(), nullable=False),
        sa.Column("nominee", sa.String(length=40), nullable=False),
        sa.Column("nominee_key", sa.String(length=80), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "same_unit",
                "across",
                "served",
                "other",
                name="relations",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("deeds", sa.String(length=2000), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("suggested_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.CheckConstraint("nominee_key <> ''", name="suggestions_name_somebody"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (gone = 0)", name="withdrawn_ones_make_room"),
        sa.ForeignKeyConstraint(["call_id"], ["award_call.id"], name=op.f("suggestion_call_id_fk")),
        sa.ForeignKeyConstraint(["nominator_id"], ["person.id"], name=op.f("suggestion_nominator_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("suggestion_organiser_id_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("suggestion_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("suggestion_pk")),
        sa.UniqueConstraint(
            "call_id", "nominator_id", "unit_id", "nominee_key", "gone", name="one_suggestion_a_colleague"
        ),
        sa.UniqueConstraint("code", name=op.f("suggestion_code_uq")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index("suggestion_nominator_ix", ["nominator_id", "call_id"], unique=False)
        batch_op.create_index("suggestion_unit_ix", ["call_id", "unit_id", "nominee_key"], unique=False)

    op.create_table(
        "suggestion_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["award_call.id"], name=op.f("suggestion_draft_call_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("suggestion_draft_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("suggestion_draft_pk")),
        sa.UniqueConstraint("call_id", "person_id", name="one_draft_a_person"),
    )
    op.create_table(
        "declined_suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("nominee", sa.String(length=40), nullable=False),
        sa.Column("nominee_key", sa.String(length=80), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "seats",
                "scope",
                "term",
                "had",
                "own_wish",
                "studied",
                name="unit_reasons",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["recommendation_id"], ["recommendation.id"], name="declined_recommendation_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("declined_suggestion_pk")),
        sa.UniqueConstraint("recommendation_id", "nominee_key", name="one_reason_a_nominee"),
    )
    op.create_table(
        "nomination_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("nominee", sa.String(length=40), nullable=False),
        sa.Column("nominee_key", sa.String(length=80), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recommended",
                "shortlisted",
                "awarded",
                "ended",
                name="entry_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "end_reason",
            sa.Enum(
                "seats",
                "scope",
                "conditions",
                "papers",
                "had",
                "own_wish",
                "studied",
                name="end_reasons",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("reviewed_at", UTCDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.Integer(), nullable=True),
        sa.Column("ground", sa.String(length=500), nullable=False),
        sa.Column("deeds", sa.String(length=1500), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name="ended_entries_say_why"),
        sa.CheckConstraint("state = 'recommended' OR reviewed_at IS NOT NULL", name="reviews_are_dated"),
        sa.CheckConstraint("(reviewed_at IS NULL) = (reviewed_by IS NULL)", name="reviews_have_a_reviewer"),
        sa.CheckConstraint("position >= 1", name="orders_begin_with_one"),
        sa.ForeignKeyConstraint(["call_id"], ["award_call.id"], name=op.f("nomination_entry_call_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="entry_organiser_fk"),
        sa.ForeignKeyConstraint(["recommendation_id"], ["recommendation.id"], name="entry_recommendation_fk"),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name="entry_reviewer_fk"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("nomination_entry_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("nomination_entry_pk")),
        sa.UniqueConstraint("recommendation_id", "nominee_key", name="entries_name_somebody_once"),
        sa.UniqueConstraint("recommendation_id", "position", name="entries_are_ordered"),
    )
    with op.batch_alter_table("nomination_entry", schema=None) as batch_op:
        batch_op.create_index(
            "entry_call_ix", ["call_id", "organiser_id", "state", "unit_id", "position"], unique=False
        )
        batch_op.create_index("entry_waiting_ix", ["organiser_id", "state", "call_id", "unit_id"], unique=False)

    op.create_table(
        "honour",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("programme", sa.String(length=30), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "selected",
                "elected",
                "praised",
                "commended",
                name="honour_forms",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("nominee", sa.String(length=40), nullable=False),
        sa.Column("post", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("notice_from", sa.Date(), nullable=False),
        sa.Column("notice_to", sa.Date(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=False),
        sa.Column("deeds", sa.String(length=1500), nullable=False),
        sa.CheckConstraint("number <> '' AND body <> ''", name="honours_have_a_decision"),
        sa.ForeignKeyConstraint(["call_id"], ["award_call.id"], name=op.f("honour_call_id_fk")),
        sa.ForeignKeyConstraint(["entry_id"], ["nomination_entry.id"], name=op.f("honour_entry_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("honour_organiser_id_fk")),
        sa.ForeignKeyConstraint(["published_by"], ["person.id"], name=op.f("honour_published_by_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("honour_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("honour_pk")),
        sa.UniqueConstraint("code", name=op.f("honour_code_uq")),
        sa.UniqueConstraint("entry_id", name=op.f("honour_entry_id_uq")),
    )
    with op.batch_alter_table("honour", schema=None) as batch_op:
        batch_op.create_index("honour_list_ix", ["organiser_id", "year", "programme", "unit_id"], unique=False)

    for statement in immutability_ddl(op.get_bind().dialect.name, "honour"):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("honour", schema=None) as batch_op:
        batch_op.drop_index("honour_list_ix")

    op.drop_table("honour")
    with op.batch_alter_table("nomination_entry", schema=None) as batch_op:
        batch_op.drop_index("entry_waiting_ix")
        batch_op.drop_index("entry_call_ix")

    op.drop_table("nomination_entry")
    op.drop_table("declined_suggestion")
    op.drop_table("suggestion_draft")
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index("suggestion_unit_ix")
        batch_op.drop_index("suggestion_nominator_ix")

    op.drop_table("suggestion")
    with op.batch_alter_table("recommendation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("recommendation_unit_id_ix"))

    op.drop_table("recommendation")
    with op.batch_alter_table("award_call", schema=None) as batch_op:
        batch_op.drop_index("award_call_list_ix")

    op.drop_table("award_call")
