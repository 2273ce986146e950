"""attachments."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_preview",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "made",
                "none",
                "failed",
                name="preview_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("media", sa.String(length=20), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("outline", sa.JSON(), nullable=False),
        sa.CheckConstraint("pages = 0 OR state = 'made'", name="pages_are_of_made_ones"),
        sa.CheckConstraint("pages BETWEEN 0 AND total", name="drawn_pages_are_of_the_total"),
        sa.PrimaryKeyConstraint("sha256", name=op.f("file_preview_pk")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "jpg",
                "png",
                "pdf",
                "docx",
                "xlsx",
                "doc",
                "xls",
                "ofd",
                name="file_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum("kept", "quarantined", name="file_states", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("fixed_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("state = 'kept' OR fixed_at IS NULL", name="infected_ones_are_not_fixed"),
        sa.CheckConstraint("length(sha256) = 64", name="contents_have_a_sha256"),
        sa.CheckConstraint("removed_at IS NULL OR fixed_at IS NOT NULL", name="only_fixed_ones_are_kept"),
        sa.CheckConstraint("size > 0", name="no_file_is_empty"),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("attachment_added_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachment_pk")),
        sa.UniqueConstraint("owner_kind", "owner_id", "sha256", name="same_file_once_an_owner"),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index("attachment_quota_ix", ["added_by", "added_at"], unique=False)
        batch_op.create_index("attachment_sha256_ix", ["sha256"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("attachment_sha256_ix")
        batch_op.drop_index("attachment_quota_ix")

    op.drop_table("attachment")
    op.drop_table("file_preview")
