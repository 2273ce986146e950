"""accounts."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_slip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("first_use", "reset", name="slip_kinds", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("used_at IS NULL OR withdrawn_at IS NULL", name="used_slips_are_not_withdrawn"),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("sign_in_slip_issued_by_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("sign_in_slip_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_slip_pk")),
        sa.UniqueConstraint("code_hash", name=op.f("sign_in_slip_code_hash_uq")),
    )
    with op.batch_alter_table("sign_in_slip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("sign_in_slip_person_id_ix"), ["person_id"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mobile", sa.String(length=11), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("person_mobile_uq"), ["mobile"])


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("person_mobile_uq"), type_="unique")
        batch_op.drop_column("mobile")

    with op.batch_alter_table("sign_in_slip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("sign_in_slip_person_id_ix"))

    op.drop_table("sign_in_slip")
