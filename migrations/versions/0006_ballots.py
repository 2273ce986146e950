"""ballots."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IMMUTABLE = ("poll_count", "poll_tracker")
TABLES = (
    "ballot_key",
    "poll",
    "paper_count",
    "poll_count",
    "poll_envelope",
    "poll_slip",
    "poll_teller",
    "poll_tracker",
    "poll_voter",
)


def upgrade() -> None:
    op.create_table(
        "ballot_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "mode",
            sa.Enum("two", "server", name="key_modes", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("first_person", sa.Integer(), nullable=True),
        sa.Column("second_person", sa.Integer(), nullable=True),
        sa.Column("first_public", sa.String(length=60), nullable=False),
        sa.Column("second_public", sa.String(length=60), nullable=False),
        sa.Column("first_file", sa.String(length=20), nullable=False),
        sa.Column("second_file", sa.String(length=20), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("destroyed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(mode = 'two') = (first_person IS NOT NULL)", name="two_keys_have_holders"),
        sa.CheckConstraint("mode = 'two' OR second_public = ''", name="servers_hold_one_key"),
        sa.ForeignKeyConstraint(["first_person"], ["person.id"], name=op.f("ballot_key_first_person_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("ballot_key_organiser_id_fk")),
        sa.ForeignKeyConstraint(["second_person"], ["person.id"], name=op.f("ballot_key_second_person_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("ballot_key_pk")),
    )
    with op.batch_alter_table("ballot_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ballot_key_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "poll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_title", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "closed",
                "counted",
                "void",
                name="poll_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "approve", "choose", "grade", name="poll_kinds", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("recusal", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("group_name", sa.String(length=60), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=16), nullable=False),
        sa.Column("by_account", sa.Boolean(), nullable=False),
        sa.Column("by_slip", sa.Boolean(), nullable=False),
        sa.Column("by_paper", sa.Boolean(), nullable=False),
        sa.Column(
            "key_mode",
            sa.Enum("two", "server", name="poll_key_modes", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("runoff_of", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("counted_at", UTCDateTime(), nullable=True),
        sa.Column("slips_issued", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("sealed_root", sa.String(length=64), nullable=False),
        sa.Column("envelopes", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'void') = (void_reason <> '')", name="void_polls_say_why"),
        sa.CheckConstraint("state <> 'counted' OR counted_at IS NOT NULL", name="counted_polls_are_dated"),
        sa.CheckConstraint("state IN ('draft', 'void') OR expected >= 5", name="secrecy_needs_five"),
        sa.CheckConstraint("state IN ('draft', 'void') OR key_id IS NOT NULL", name="open_polls_have_a_key"),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'counted') OR closed_at IS NOT NULL", name="closed_polls_are_dated"
        ),
        sa.CheckConstraint("by_account OR by_slip OR by_paper", name="polls_have_a_way_in"),
        sa.CheckConstraint("opens_at < closes_at", name="polls_close_after_they_open"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("poll_confirmed_by_fk")),
        sa.ForeignKeyConstraint(["key_id"], ["ballot_key.id"], name=op.f("poll_key_id_fk")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("poll_made_by_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("poll_organiser_id_fk")),
        sa.ForeignKeyConstraint(["runoff_of"], ["poll.id"], name=op.f("poll_runoff_of_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("poll_pk")),
    )
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.create_index("poll_organiser_ix", ["organiser_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("poll_series_ix"), ["series"], unique=False)

    op.create_table(
        "paper_count",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("paper_count_person_id_fk")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("paper_count_poll_id_fk")),
        sa.PrimaryKeyConstraint("poll_id", "person_id", name=op.f("paper_count_pk")),
    )
    op.create_table(
        "poll_count",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=1), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.CheckConstraint("ballots > 0", name="counts_are_of_something"),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_count_poll_id_fk")),
        sa.PrimaryKeyConstraint("poll_id", "item", "mark", name=op.f("poll_count_pk")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_envelope",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("tracker", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_envelope_poll_id_fk")),
        sa.PrimaryKeyConstraint("poll_id", "tracker", name=op.f("poll_envelope_pk")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_slip",
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_slip_poll_id_fk")),
        sa.PrimaryKeyConstraint("mac", name=op.f("poll_slip_pk")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("poll_slip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("poll_slip_poll_id_ix"), ["poll_id"], unique=False)

    op.create_table(
        "poll_teller",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "poll_watcher",
                "vote_counter",
                name="tellers_watch_or_count",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("poll_teller_person_id_fk")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_teller_poll_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("poll_teller_pk")),
        sa.UniqueConstraint("poll_id", "person_id", name="one_duty_a_teller"),
    )
    with op.batch_alter_table("poll_teller", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("poll_teller_person_id_ix"), ["person_id"], unique=False)

    op.create_table(
        "poll_tracker",
        sa.Column("tracker", sa.String(length=16), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_tracker_poll_id_fk")),
        sa.PrimaryKeyConstraint("tracker", "poll_id", name=op.f("poll_tracker_pk")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("poll_tracker", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("poll_tracker_poll_id_ix"), ["poll_id"], unique=False)

    op.create_table(
        "poll_voter",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.Column("recused", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("poll_voter_person_id_fk")),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name=op.f("poll_voter_poll_id_fk")),
        sa.PrimaryKeyConstraint("poll_id", "person_id", name=op.f("poll_voter_pk")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("poll_voter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("poll_voter_person_id_ix"), ["person_id"], unique=False)

    op.execute(
        "DELETE FROM sign_in_session"
    )  # everybody signs in again: their sessions hold no count of wrong passwords
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reauth_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reauth_failures", sa.Integer(), nullable=False))

    for table in IMMUTABLE:
        for statement in immutability_ddl(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_column("reauth_failures")
        batch_op.drop_column("reauth_at")

    for table in reversed(TABLES):
        op.drop_table(table)
