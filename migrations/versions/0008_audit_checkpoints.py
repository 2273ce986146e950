"""Audit checkpoints, and indexes for the pages of the trail."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "audit_event_actor_ix": ["actor_id", "at"],
    "audit_event_did_ix": ["actor_id", "action", "at"],
    "audit_event_action_ix": ["action", "at"],
    "audit_event_object_ix": ["object_type", "object_id", "at"],
    "audit_event_organiser_ix": ["organiser_id", "at"],
    "audit_event_outcome_ix": ["outcome", "at"],
}


def upgrade() -> None:
    # Without batch mode: indexes alone need no new table, and its triggers stay.
    op.drop_index("audit_event_actor_id_ix", "audit_event")
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_event", columns)
    op.create_table(
        "audit_checkpoint",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_seal.seq"], name=op.f("audit_checkpoint_seq_fk")),
        sa.PrimaryKeyConstraint("seq", name=op.f("audit_checkpoint_pk")),
    )
    for statement in immutability_ddl(op.get_bind().dialect.name, "audit_checkpoint"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_checkpoint")
    for name in INDEXES:
        op.drop_index(name, "audit_event")
    op.create_index("audit_event_actor_id_ix", "audit_event", ["actor_id"])
