"""registered steps."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "registered_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("slot", sa.String(length=80), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "self_assessment",
                "survey",
                "review",
                "discipline",
                "personnel",
                "tie_vote",
                "notice",
                "approval",
                name="step_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.String(length=60), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("place_name", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("result", sa.String(length=500), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_because", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(kind = 'notice') = (until IS NOT NULL)", name="notices_end"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because = '')", name="withdrawn_steps_say_why"),
        sa.CheckConstraint("kind <> 'approval' OR (number <> '' AND body <> '')", name="approvals_have_a_number"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmers_are_dated"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (slot IS NOT NULL)", name="withdrawn_steps_leave_a_slot"),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> entered_by", name="two_people_confirm"),
        sa.CheckConstraint("until IS NULL OR until >= held_on", name="notices_end_after_they_start"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name="step_confirmer_fk"),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("registered_step_entered_by_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="step_organiser_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("registered_step_pk")),
        sa.UniqueConstraint("slot", name="one_step_a_kind"),
    )
    with op.batch_alter_table("registered_step", schema=None) as batch_op:
        batch_op.create_index("registered_step_subject_ix", ["subject", "subject_id"], unique=False)
        batch_op.create_index("registered_step_waiting_ix", ["organiser_id", "kind", "confirmed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("registered_step", schema=None) as batch_op:
        batch_op.drop_index("registered_step_waiting_ix")
        batch_op.drop_index("registered_step_subject_ix")

    op.drop_table("registered_step")
