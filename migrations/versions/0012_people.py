"""people."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TERMS = (
    "(revoked_at IS NULL AND (ends_on IS NULL OR ends_on >= starts_on)) "
    "OR (revoked_at IS NOT NULL AND ends_on IS NOT NULL AND ends_on < starts_on)"
)
ACTING = "NOT acting OR (role = 'secretary' AND ends_on IS NOT NULL AND reason <> '')"
FROM_AN_ENTRY = (
    "(call_id IS NULL) = (entry_id IS NULL) AND (call_id IS NULL) = (notice_from IS NULL) "
    "AND (call_id IS NULL) = (notice_to IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "head_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("sheet", sa.String(length=20), nullable=False),
        sa.Column("head", sa.String(length=60), nullable=False),
        sa.Column("meaning", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("head_mapping_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("head_mapping_pk")),
        sa.UniqueConstraint("organiser_id", "source", "sheet", "head", name="one_meaning_a_head"),
    )
    op.create_table(
        "former_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("name <> ''", name="former_names_are_written"),
        sa.CheckConstraint("(unit_id IS NULL) <> (organisation_id IS NULL)", name="names_are_of_one_thing"),
        sa.ForeignKeyConstraint(["organisation_id"], ["party_organisation.id"], name="former_name_party_fk"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("former_name_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("former_name_pk")),
    )
    with op.batch_alter_table("former_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("former_name_organisation_id_ix"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("former_name_unit_id_ix"), ["unit_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("only_sheet", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "checking",
                "checked",
                "writing",
                "done",
                "dropped",
                name="import_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state IN ('done', 'dropped')) = (content IS NULL)", name="ended_imports_keep_no_file"),
        sa.CheckConstraint("(state IN ('done', 'dropped')) = (ended_at IS NOT NULL)", name="ended_imports_are_dated"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("import_run_job_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("import_run_organiser_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("import_run_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_run_pk")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("import_run_organiser_id_ix"), ["organiser_id"], unique=False)

    dialect = op.get_bind().dialect.name
    with op.batch_alter_table("honour") as batch_op:
        for column in ("call_id", "entry_id"):
            batch_op.alter_column(column, existing_type=sa.Integer(), nullable=True)
        for column in ("notice_from", "notice_to"):
            batch_op.alter_column(column, existing_type=sa.Date(), nullable=True)
        batch_op.create_check_constraint("honours_come_from_an_entry", FROM_AN_ENTRY)
    if dialect == "sqlite":
        for statement in immutability_ddl(dialect, "honour"):
            op.execute(statement)

    for table in ("party_organisation", "person", "unit"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column("version", existing_type=sa.Integer(), server_default=None)

    with op.batch_alter_table("role_grant") as batch_op:
        batch_op.add_column(sa.Column("acting", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("reason", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("revoked_at", UTCDateTime(), nullable=True))
    with op.batch_alter_table("role_grant") as batch_op:
        batch_op.alter_column("acting", existing_type=sa.Boolean(), server_default=None)
        batch_op.alter_column("reason", existing_type=sa.String(length=200), server_default=None)
        batch_op.drop_constraint("terms_end_after_they_start", type_="check")
        batch_op.create_check_constraint("terms_end_after_they_start", TERMS)
        batch_op.create_check_constraint("acting_has_a_term_and_a_reason", ACTING)


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DELETE FROM role_grant WHERE revoked_at IS NOT NULL")
    with op.batch_alter_table("role_grant") as batch_op:
        batch_op.drop_constraint("acting_has_a_term_and_a_reason", type_="check")
        batch_op.drop_constraint("terms_end_after_they_start", type_="check")
        batch_op.create_check_constraint("terms_end_after_they_start", "ends_on IS NULL OR ends_on >= starts_on")
        for column in ("revoked_at", "reason", "acting"):
            batch_op.drop_column(column)

    for table in ("unit", "person", "party_organisation"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("version")

    # What was imported cannot be told in the older schema: the triggers make way for its rows.
    for trigger in ("honour_no_update", "honour_no_delete") if dialect == "sqlite" else ("honour_no_change",):
        op.execute(f"DROP TRIGGER {trigger}" + ("" if dialect == "sqlite" else " ON honour"))
    op.execute("DELETE FROM honour WHERE call_id IS NULL")
    with op.batch_alter_table("honour") as batch_op:
        batch_op.drop_constraint("honours_come_from_an_entry", type_="check")
        for column in ("notice_from", "notice_to"):
            batch_op.alter_column(column, existing_type=sa.Date(), nullable=False)
        for column in ("call_id", "entry_id"):
            batch_op.alter_column(column, existing_type=sa.Integer(), nullable=False)
    if dialect == "sqlite":
        for statement in immutability_ddl(dialect, "honour"):
            op.execute(statement)
    else:
        op.execute(next(each for each in immutability_ddl(dialect, "honour") if "honour_no_change" in each))

    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("import_run_organiser_id_ix"))

    op.drop_table("import_run")
    with op.batch_alter_table("former_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("former_name_unit_id_ix"))
        batch_op.drop_index(batch_op.f("former_name_organisation_id_ix"))

    op.drop_table("former_name")
    op.drop_table("head_mapping")
