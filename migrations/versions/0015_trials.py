"""trials."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "confirmed",
                "refused",
                name="trial_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("refused_because", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_trials_are_dated"),
        sa.CheckConstraint("(state = 'refused') = (refused_because <> '')", name="refused_trials_say_why"),
        sa.CheckConstraint("reason <> ''", name="trials_have_a_reason"),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="deciders_of_trials_are_dated"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_people_decide_on_trials"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("rating_trial_asked_by_fk")),
        sa.ForeignKeyConstraint(["cycle_id"], ["rating_cycle.id"], name=op.f("rating_trial_cycle_id_fk")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("rating_trial_decided_by_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="rating_trial_organiser_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("rating_trial_pk")),
    )
    with op.batch_alter_table("rating_trial", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("rating_trial_cycle_id_ix"), ["cycle_id"], unique=False)
        batch_op.create_index("rating_trial_waiting_ix", ["organiser_id", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rating_trial", schema=None) as batch_op:
        batch_op.drop_index("rating_trial_waiting_ix")
        batch_op.drop_index(batch_op.f("rating_trial_cycle_id_ix"))

    op.drop_table("rating_trial")
