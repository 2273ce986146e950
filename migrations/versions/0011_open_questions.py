"""open questions."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                name="question_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(length=60), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_answers_are_dated"),
        sa.CheckConstraint(
            "(state = 'confirmed') = (decided_on IS NOT NULL AND document <> '' AND decided_by <> '')",
            name="confirmed_answers_have_papers",
        ),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="answer_confirmers_are_named"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("open_question_confirmed_by_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("open_question_organiser_id_fk")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("open_question_written_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("open_question_pk")),
        sa.UniqueConstraint("organiser_id", "key", name="one_answer_a_question"),
    )


def downgrade() -> None:
    op.drop_table("open_question")
