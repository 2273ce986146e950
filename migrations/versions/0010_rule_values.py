"""rule values, and 创建示范 as a form of recognition."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

FORMS = ("selected", "elected", "praised", "commended")


def upgrade() -> None:
    op.create_table(
        "rule_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_name", sa.String(length=80), nullable=False),
        sa.CheckConstraint("key <> '' AND reason <> ''", name="rule_changes_say_why"),
        sa.CheckConstraint("value = '' OR source <> ''", name="rule_values_have_a_source"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("rule_value_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_value_pk")),
    )
    with op.batch_alter_table("rule_value", schema=None) as batch_op:
        batch_op.create_index("rule_value_organiser_ix", ["organiser_id", "key"], unique=False)
    for statement in immutability_ddl(op.get_bind().dialect.name, "rule_value"):
        op.execute(statement)
    _honours((*FORMS, "demonstrated"))
    _forms((*FORMS, "demonstrated"), "form NOT IN ('commended', 'demonstrated') OR approval_ref <> ''")


def downgrade() -> None:
    op.execute("UPDATE award_call SET form = 'praised' WHERE form = 'demonstrated'")
    _honours(FORMS)
    _forms(FORMS, "form <> 'commended' OR approval_ref <> ''")
    op.drop_table("rule_value")


def _honours(values: tuple[str, ...]) -> None:
    """The same of what was published. SQLite makes the table anew and drops its triggers."""
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table("honour", schema=None) as batch_op:
        batch_op.drop_constraint("honour_forms", type_="check")
        batch_op.create_check_constraint("honour_forms", f"form IN ({listed})")
    if op.get_bind().dialect.name == "sqlite":
        for statement in immutability_ddl("sqlite", "honour"):
            op.execute(statement)


def _forms(values: tuple[str, ...], approved: str) -> None:
    """Say which forms there are, and which of them need an approval."""
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table("award_call", schema=None) as batch_op:
        batch_op.drop_constraint("recognition_forms", type_="check")
        batch_op.drop_constraint("commendations_are_approved", type_="check")
        batch_op.create_check_constraint("recognition_forms", f"form IN ({listed})")
        batch_op.create_check_constraint("commendations_are_approved", approved)
