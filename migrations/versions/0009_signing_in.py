"""signing in: back-off, earlier passwords, the second step, slips of panels."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_throttle",
        sa.Column(
            "kind",
            sa.Enum("account", "address", name="tries_kinds", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.CheckConstraint("failures >= 0", name="failures_are_counted_up"),
        sa.PrimaryKeyConstraint("kind", "key_hash", name=op.f("sign_in_throttle_pk")),
    )
    with op.batch_alter_table("sign_in_throttle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("sign_in_throttle_since_ix"), ["since"], unique=False)

    op.create_table(
        "earlier_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=160), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("earlier_password_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("earlier_password_pk")),
    )
    with op.batch_alter_table("earlier_password", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("earlier_password_person_id_ix"), ["person_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("recovery_code_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("recovery_code_pk")),
        sa.UniqueConstraint("code_hash", name=op.f("recovery_code_code_hash_uq")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("recovery_code_person_id_ix"), ["person_id"], unique=False)

    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alg", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(asked_at IS NULL) = (asked_by IS NULL)", name="asked_resets_name_who_asked"),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("second_factor_asked_by_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("second_factor_person_id_fk")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("second_factor_pk")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_set_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("grace_used_at", UTCDateTime(), nullable=True))

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("duty", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("panel_id", sa.Integer(), nullable=True))
    op.execute("UPDATE sign_in_session SET duty = ''")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.alter_column("duty", existing_type=sa.String(length=10), nullable=False)

    with op.batch_alter_table("sign_in_slip", schema=None) as batch_op:
        batch_op.add_column(sa.Column("panel_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint("slip_kinds", type_="check")
        batch_op.create_check_constraint("slip_kinds", "kind IN ('first_use', 'reset', 'panel')")
        batch_op.create_check_constraint("slips_of_panels_name_one", "(kind = 'panel') = (panel_id IS NOT NULL)")
        batch_op.create_check_constraint("panel_slips_last_their_day", "kind <> 'panel' OR used_at IS NULL")


def downgrade() -> None:
    op.execute("DELETE FROM sign_in_slip WHERE kind = 'panel'")
    op.execute("DELETE FROM sign_in_session WHERE panel_id IS NOT NULL")
    with op.batch_alter_table("sign_in_slip", schema=None) as batch_op:
        batch_op.drop_constraint("panel_slips_last_their_day", type_="check")
        batch_op.drop_constraint("slips_of_panels_name_one", type_="check")
        batch_op.drop_constraint("slip_kinds", type_="check")
        batch_op.create_check_constraint("slip_kinds", "kind IN ('first_use', 'reset')")
        batch_op.drop_column("panel_id")

    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("panel_id")
        batch_op.drop_column("duty")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("grace_used_at")
        batch_op.drop_column("password_set_at")

    op.drop_table("second_factor")
    op.drop_table("recovery_code")
    op.drop_table("earlier_password")
    op.drop_table("sign_in_throttle")
