"""ratings."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name="standards_have_a_digest"),
        sa.CheckConstraint("version >= 1", name="versions_start_at_one"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("standard_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("standard_pk")),
        sa.UniqueConstraint("organiser_id", "version", name="standards_are_numbered"),
    )
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("closed_at IS NULL OR opened_at IS NOT NULL", name="closed_panels_were_open"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("panel_organiser_id_fk")),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name=op.f("panel_standard_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("panel_pk")),
    )
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("panel_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "pilot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_number", sa.String(length=60), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(ended_on IS NULL) = (end_number = '')", name="ended_pilots_have_a_number"),
        sa.CheckConstraint("number <> ''", name="pilots_have_a_number"),
        sa.CheckConstraint("(ended_on IS NULL) = (slot IS NOT NULL)", name="ended_pilots_leave_their_slot"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="pilots_end_after_they_start"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("pilot_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("pilot_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pilot_pk")),
        sa.UniqueConstraint("slot", name="one_spell_a_branch"),
    )
    with op.batch_alter_table("pilot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("pilot_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "star_holding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.CheckConstraint("number <> ''", name="holdings_have_a_number"),
        sa.CheckConstraint("star >= 0 AND star <= 5", name="stars_go_to_five"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("star_holding_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("star_holding_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("star_holding_pk")),
        sa.UniqueConstraint("branch_id", "year", name="one_star_a_year"),
    )
    with op.batch_alter_table("star_holding", schema=None) as batch_op:
        batch_op.create_index("star_holding_year_ix", ["organiser_id", "year", "star"], unique=False)

    op.create_table(
        "rating_cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_quarter", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "drafted",
                "announced",
                "scoring",
                "closed",
                "published",
                name="cycle_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standard_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("ground", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("judges", sa.Integer(), nullable=False),
        sa.Column("fewest_sheets", sa.Integer(), nullable=False),
        sa.Column("drafted_at", UTCDateTime(), nullable=False),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("scoring_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'drafted') = (announced_at IS NULL)", name="announced_cycles_are_dated"),
        sa.CheckConstraint("(state = 'drafted') = (number = '')", name="announced_cycles_have_a_number"),
        sa.CheckConstraint("(state = 'drafted') = (panel_id IS NULL)", name="announced_cycles_have_a_panel"),
        sa.CheckConstraint("(state = 'published') = (digest <> '')", name="published_cycles_are_frozen"),
        sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_cycles_are_dated"),
        sa.CheckConstraint(
            "(state IN ('closed', 'published')) = (closed_at IS NOT NULL)", name="closed_cycles_are_dated"
        ),
        sa.CheckConstraint("(state IN ('closed', 'published')) = (method <> '')", name="closed_cycles_have_a_method"),
        sa.CheckConstraint("length(last_quarter) = 6", name="cycles_end_with_a_quarter"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("rating_cycle_organiser_id_fk")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("rating_cycle_panel_id_fk")),
        sa.ForeignKeyConstraint(["standard_id"], ["standard.id"], name=op.f("rating_cycle_standard_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("rating_cycle_pk")),
        sa.UniqueConstraint("organiser_id", "year", name="one_cycle_a_year"),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name="seats_count_from_one"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("seat_panel_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("seat_person_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("seat_pk")),
        sa.UniqueConstraint("panel_id", "number", name="one_judge_a_number"),
        sa.UniqueConstraint("panel_id", "person_id", name="one_seat_a_judge"),
    )
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("seat_person_id_ix"), ["person_id"], unique=False)

    op.create_table(
        "cycle_branch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.Column("new", sa.Boolean(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("tie_place", sa.Integer(), nullable=False),
        sa.Column("own_words", sa.String(length=500), nullable=False),
        sa.Column("verified_at", UTCDateTime(), nullable=True),
        sa.Column("verified_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name="verified_branches_are_dated"),
        sa.CheckConstraint("previous >= -1 AND previous <= 5", name="previous_stars_are_stars"),
        sa.CheckConstraint("tie_place >= 0", name="tie_places_count_from_one"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("cycle_branch_branch_id_fk")),
        sa.ForeignKeyConstraint(["cycle_id"], ["rating_cycle.id"], name=op.f("cycle_branch_cycle_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="cycle_branch_organiser_fk"),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name="cycle_branch_verifier_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("cycle_branch_pk")),
        sa.UniqueConstraint("cycle_id", "branch_id", name="one_place_in_a_cycle"),
    )
    with op.batch_alter_table("cycle_branch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("cycle_branch_branch_id_ix"), ["branch_id"], unique=False)
        batch_op.create_index("cycle_branch_order_ix", ["cycle_id", "position"], unique=False)

    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "branch",
                "unit",
                "declared",
                name="recusal_grounds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("ground <> 'declared' OR reason <> ''", name="declared_recusals_say_why"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("recusal_branch_id_fk")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("recusal_seat_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("recusal_pk")),
        sa.UniqueConstraint("seat_id", "branch_id", name="one_recusal_a_branch"),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("recusal_branch_id_ix"), ["branch_id"], unique=False)

    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "confirmed", "signed", name="sheet_states", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(state = 'open') = (confirmed_at IS NULL)", name="confirmed_sheets_are_dated"),
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_sheets_are_dated"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("sheet_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("sheet_organiser_id_fk")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("sheet_panel_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("sheet_person_id_fk")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("sheet_seat_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("sheet_pk")),
        sa.UniqueConstraint("seat_id", "branch_id", name="one_sheet_a_judge_and_branch"),
    )
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.create_index("sheet_panel_ix", ["panel_id", "branch_id", "state"], unique=False)
        batch_op.create_index("sheet_person_ix", ["person_id", "state"], unique=False)

    op.create_table(
        "branch_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_branch_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bonus",
                "deduction",
                "bar",
                "exempt",
                name="entry_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("basis <> ''", name="entries_have_a_basis"),
        sa.CheckConstraint("value >= 0", name="entries_are_not_negative"),
        sa.ForeignKeyConstraint(["cycle_branch_id"], ["cycle_branch.id"], name="branch_entry_place_fk"),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("branch_entry_entered_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("branch_entry_pk")),
        sa.UniqueConstraint("cycle_branch_id", "code", name="one_entry_a_code"),
    )
    op.create_table(
        "line_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_branch_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.CheckConstraint("value >= 0 AND value <= most", name="values_fit_their_line"),
        sa.ForeignKeyConstraint(["cycle_branch_id"], ["cycle_branch.id"], name=op.f("line_value_cycle_branch_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("line_value_pk")),
        sa.UniqueConstraint("cycle_branch_id", "line", name="one_value_a_line"),
    )
    op.create_table(
        "mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("cases", sa.JSON(), nullable=False),
        sa.CheckConstraint("value % 50 = 0", name="marks_are_half_points"),
        sa.CheckConstraint("value >= 0 AND value <= most", name="marks_fit_their_line"),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("mark_sheet_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("mark_pk")),
        sa.UniqueConstraint("sheet_id", "line", name="one_mark_a_line"),
    )
    op.create_table(
        "standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("cycle_branch_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.Column("previous", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("bonus", sa.Integer(), nullable=False),
        sa.Column("deducted", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("by_total", sa.Integer(), nullable=False),
        sa.Column("star", sa.Integer(), nullable=False),
        sa.Column("undecided", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("judged_lines", sa.JSON(), nullable=False),
        sa.CheckConstraint("star >= 0 AND star <= 5", name="standing_stars_go_to_five"),
        sa.CheckConstraint("total >= 0", name="totals_are_not_negative"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("standing_branch_id_fk")),
        sa.ForeignKeyConstraint(["cycle_branch_id"], ["cycle_branch.id"], name=op.f("standing_cycle_branch_id_fk")),
        sa.ForeignKeyConstraint(["cycle_id"], ["rating_cycle.id"], name=op.f("standing_cycle_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("standing_pk")),
        sa.UniqueConstraint("cycle_branch_id", name="one_standing_a_branch"),
    )
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("standing_branch_id_ix"), ["branch_id"], unique=False)
        batch_op.create_index("standing_cycle_ix", ["cycle_id", "position", "star"], unique=False)
    for statement in immutability_ddl(op.get_bind().dialect.name, "standard"):
        op.execute(statement)


def downgrade() -> None:
    with op.batch_alter_table("standing", schema=None) as batch_op:
        batch_op.drop_index("standing_cycle_ix")
        batch_op.drop_index(batch_op.f("standing_branch_id_ix"))

    op.drop_table("standing")
    op.drop_table("mark")
    op.drop_table("line_value")
    op.drop_table("branch_entry")
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.drop_index("sheet_person_ix")
        batch_op.drop_index("sheet_panel_ix")

    op.drop_table("sheet")
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("recusal_branch_id_ix"))

    op.drop_table("recusal")
    with op.batch_alter_table("cycle_branch", schema=None) as batch_op:
        batch_op.drop_index("cycle_branch_order_ix")
        batch_op.drop_index(batch_op.f("cycle_branch_branch_id_ix"))

    op.drop_table("cycle_branch")
    with op.batch_alter_table("seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("seat_person_id_ix"))

    op.drop_table("seat")
    op.drop_table("rating_cycle")
    with op.batch_alter_table("star_holding", schema=None) as batch_op:
        batch_op.drop_index("star_holding_year_ix")

    op.drop_table("star_holding")
    with op.batch_alter_table("pilot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("pilot_organiser_id_ix"))

    op.drop_table("pilot")
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("panel_organiser_id_ix"))

    op.drop_table("panel")
    op.drop_table("standard")
