"""messages."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "report",
                "rating",
                "selection",
                "suggestion",
                "confirm",
                "reminder",
                name="message_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("substr(path, 1, 1) = '/'", name="messages_lead_somewhere"),
        sa.CheckConstraint("text <> ''", name="messages_say_something"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("message_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pk")),
        sa.UniqueConstraint("person_id", "kind", "subject", "day", name="one_message_a_day"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("message_made_at_ix"), ["made_at"], unique=False)
        batch_op.create_index("message_unread_ix", ["person_id", "read_at"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name="three_reminders_at_most"),
        sa.CheckConstraint("stage BETWEEN 1 AND 3", name="reminders_have_three_moments"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("reminder_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("reminder_pk")),
        sa.UniqueConstraint("organiser_id", "batch", "thing_id", "day", name="one_reminder_a_day"),
        sa.UniqueConstraint("organiser_id", "batch", "thing_id", "number", name="each_reminder_goes_once"),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("reminder_sent_at_ix"), ["sent_at"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("given_up_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="sent_mails_are_not_given_up"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("mail_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_pk")),
        sa.UniqueConstraint("person_id", "day", name="one_mail_a_day"),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("mail_waiting_ix", ["sent_at", "given_up_at", "next_at"], unique=False)

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("email_since", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("email_since")
        batch_op.drop_column("email")

    op.drop_table("mail")
    op.drop_table("reminder")
    op.drop_table("message")
