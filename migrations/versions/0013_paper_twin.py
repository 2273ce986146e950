"""paper twin."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("printed_at", UTCDateTime(), nullable=False),
        sa.Column("printed_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("digest = '' OR length(digest) = 64", name="blank_or_with_a_sha256"),
        sa.CheckConstraint("length(code) = 16", name="codes_have_sixteen_characters"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("paper_form_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("paper_form_organiser_id_fk")),
        sa.ForeignKeyConstraint(["printed_by"], ["person.id"], name=op.f("paper_form_printed_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("paper_form_pk")),
        sa.UniqueConstraint("code", name="codes_are_unique"),
        sa.UniqueConstraint("kind", "subject", "digest", name="same_content_same_code"),
    )
    op.create_table(
        "transcription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=True),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("lies_at", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "entered",
                "returned",
                "compared",
                "withdrawn",
                name="transcription_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=True),
        sa.Column("compared_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("became", sa.String(length=40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("replaced", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'compared') = (compared_at IS NOT NULL)", name="compared_papers_are_dated"),
        sa.CheckConstraint("(state IN ('entered', 'returned')) = (slot IS NOT NULL)", name="open_ones_hold_a_slot"),
        sa.CheckConstraint("(state IN ('returned', 'withdrawn')) = (reason <> '')", name="unfinished_papers_say_why"),
        sa.CheckConstraint("lies_at <> ''", name="originals_lie_somewhere"),
        sa.CheckConstraint("(compared_at IS NULL) = (compared_by IS NULL)", name="comparers_are_known"),
        sa.CheckConstraint("author_id <> entered_by", name="authors_do_not_transcribe"),
        sa.CheckConstraint("compared_by IS NULL OR compared_by <> author_id", name="authors_do_not_compare"),
        sa.CheckConstraint("compared_by IS NULL OR compared_by <> entered_by", name="two_people_compare"),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("transcription_author_id_fk")),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("transcription_branch_id_fk")),
        sa.ForeignKeyConstraint(["compared_by"], ["person.id"], name=op.f("transcription_compared_by_fk")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("transcription_entered_by_fk")),
        sa.ForeignKeyConstraint(["form_id"], ["paper_form.id"], name=op.f("transcription_form_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("transcription_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("transcription_pk")),
        sa.UniqueConstraint("slot", name="one_transcription_a_paper"),
    )
    with op.batch_alter_table("transcription", schema=None) as batch_op:
        batch_op.create_index("transcription_state_ix", ["state", "organiser_id", "branch_id"], unique=False)
        batch_op.create_index("transcription_subject_ix", ["kind", "subject"], unique=False)

    for statement in immutability_ddl(op.get_bind().dialect.name, "paper_form"):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("transcription", schema=None) as batch_op:
        batch_op.drop_index("transcription_subject_ix")
        batch_op.drop_index("transcription_state_ix")

    op.drop_table("transcription")
    op.drop_table("paper_form")
