"""first tables."""

import sqlalchemy as sa
from alembic import op

from tiejun_awards.shared.db import UTCDateTime, immutability_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

IMMUTABLE = ("audit_event", "audit_seal", "feedback", "report_review", "report_revision")


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("ok", "denied", name="audit_outcomes", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_event_pk")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("audit_event_actor_id_ix"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("audit_event_at_ix"), ["at"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("idempotency_key_pk")),
    )
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("idempotency_key_made_at_ix"), ["made_at"], unique=False)

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("seeded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name="one_installation"),
        sa.PrimaryKeyConstraint("id", name=op.f("installation_pk")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                name="job_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state IN ('done', 'failed')) = (ended_at IS NOT NULL)", name="ended_jobs_are_dated"),
        sa.CheckConstraint("progress BETWEEN 0 AND 100", name="progress_is_a_percentage"),
        sa.PrimaryKeyConstraint("id", name=op.f("job_pk")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("job_state_ix", ["state"], unique=False)

    op.create_table(
        "organiser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "department", "city", name="organiser_levels", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("filing_number", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["organiser.id"], name=op.f("organiser_parent_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("organiser_pk")),
        sa.UniqueConstraint("code", name=op.f("organiser_code_uq")),
    )
    op.create_table(
        "audit_seal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("audit_seal_event_id_fk")),
        sa.PrimaryKeyConstraint("seq", name=op.f("audit_seal_pk")),
        sa.UniqueConstraint("event_id", name=op.f("audit_seal_event_id_uq")),
    )
    op.create_table(
        "day_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("whole_year", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.Column("entered_name", sa.String(length=80), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_because", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_because = '')",
            name="withdrawals_have_a_reason",
        ),
        sa.CheckConstraint("number <> ''", name="notices_have_a_number"),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name="notices_are_of_our_time"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("day_notice_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("day_notice_pk")),
    )
    op.create_table(
        "party_organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "group",
                "committee",
                "general_branch",
                "branch",
                name="party_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "branch_kind",
            sa.Enum(
                "serving",
                "retired",
                "joint",
                "temporary",
                name="branch_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("probationary", sa.Integer(), nullable=False),
        sa.Column("committee_size", sa.Integer(), nullable=False),
        sa.Column("party_groups", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'branch') = (branch_kind IS NOT NULL)", name="only_branches_have_a_kind"),
        sa.CheckConstraint("committee_size >= 0 AND party_groups >= 0", name="bodies_are_not_negative"),
        sa.CheckConstraint("members >= 0 AND probationary >= 0", name="members_are_not_negative"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name="party_org_organiser_fk"),
        sa.ForeignKeyConstraint(["parent_id"], ["party_organisation.id"], name="party_org_parent_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("party_organisation_pk")),
        sa.UniqueConstraint("code", name=op.f("party_organisation_code_uq")),
    )
    with op.batch_alter_table("party_organisation", schema=None) as batch_op:
        batch_op.create_index(
            "party_org_order_ix", ["organiser_id", "kind", "position", "founded_on", "ended_on"], unique=False
        )

    op.create_table(
        "report_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("told_due", sa.Date(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(quarter) = 6", name="quarters_are_codes"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("report_period_organiser_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_period_pk")),
        sa.UniqueConstraint("organiser_id", "quarter", name="one_period_a_quarter"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "office",
                "dispatched",
                "enforcement",
                "institution",
                "city",
                "ningdong",
                "county",
                name="unit_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("kind_unconfirmed", sa.Boolean(), nullable=False),
        sa.Column("other_names", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="units_end_after_they_start"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("unit_organiser_id_fk")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("unit_parent_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("unit_pk")),
        sa.UniqueConstraint("code", name=op.f("unit_code_uq")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("unit_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "branch_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="services_end_after_they_start"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("branch_unit_branch_id_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("branch_unit_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("branch_unit_pk")),
        sa.UniqueConstraint("branch_id", "unit_id", "starts_on", name="one_start_a_day"),
    )
    with op.batch_alter_table("branch_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("branch_unit_branch_id_ix"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("branch_unit_unit_id_ix"), ["unit_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("username_key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=160), nullable=False),
        sa.Column("large_text", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", UTCDateTime(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("person_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("person_organiser_id_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("person_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("person_pk")),
        sa.UniqueConstraint("username_key", name=op.f("person_username_key_uq")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("person_branch_id_ix"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("person_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "special_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["day_notice.id"], name=op.f("special_day_notice_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("special_day_pk")),
        sa.UniqueConstraint("notice_id", "day", name="one_line_a_day"),
    )
    op.create_table(
        "carried_form",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("carried_form_person_id_fk")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("carried_form_pk")),
    )
    with op.batch_alter_table("carried_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("carried_form_made_at_ix"), ["made_at"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("text <> ''", name="feedback_says_something"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("feedback_organiser_id_fk")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("feedback_written_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("feedback_pk")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("feedback_organiser_id_ix"), ["organiser_id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "accepted",
                name="report_states",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("first_submitted_at", UTCDateTime(), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("return_reason", sa.String(length=500), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_reports_are_dated"),
        sa.CheckConstraint("(state = 'draft') = (submitted_at IS NULL)", name="submitted_reports_are_dated"),
        sa.CheckConstraint("(state = 'returned') = (return_reason <> '')", name="returned_reports_say_why"),
        sa.CheckConstraint("(submitted_at IS NULL) = (revisions = 0)", name="submissions_are_revisions"),
        sa.CheckConstraint("length(quarter) = 6", name="report_quarters_are_codes"),
        sa.CheckConstraint("submitted_at IS NULL OR submitted_at >= first_submitted_at", name="first_comes_first"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("report_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("report_organiser_id_fk")),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("report_saved_by_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_pk")),
        sa.UniqueConstraint("branch_id", "quarter", name="one_report_a_quarter"),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(
            "report_list_ix",
            [sa.literal_column("quarter DESC"), "branch_id", "organiser_id", "state", "first_submitted_at"],
            unique=False,
        )
        batch_op.create_index("report_state_ix", ["state", "organiser_id", "quarter", "branch_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "staff",
                "liaison",
                "secretary",
                "instructor",
                "supervisor",
                "judge",
                "clerk",
                "discipline",
                "office",
                "second",
                "poll_watcher",
                "vote_counter",
                "leader",
                "system_admin",
                "security_admin",
                "auditor",
                name="roles",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("organiser_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(role = 'clerk') = (unit_id IS NOT NULL)", name="clerks_name_a_unit"),
        sa.CheckConstraint(
            "(role IN ('liaison', 'secretary', 'instructor', 'supervisor')) = (branch_id IS NOT NULL)",
            name="branch_posts_name_a_branch",
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="terms_end_after_they_start"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("role_grant_branch_id_fk")),
        sa.ForeignKeyConstraint(["organiser_id"], ["organiser.id"], name=op.f("role_grant_organiser_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("role_grant_person_id_fk")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("role_grant_unit_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("role_grant_pk")),
        sa.UniqueConstraint(
            "person_id", "role", "organiser_id", "branch_id", "unit_id", "starts_on", name="one_post_a_start"
        ),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("role_grant_branch_id_ix"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("role_grant_person_id_ix"), ["person_id"], unique=False)

    op.create_table(
        "sign_in_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="ended_sessions_say_why"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("sign_in_session_person_id_fk")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sign_in_session_pk")),
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("sign_in_session_person_id_ix"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("sign_in_session_seen_at_ix"), ["seen_at"], unique=False)

    op.create_table(
        "life_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "general_meeting",
                "committee",
                "group_meeting",
                "lecture",
                "party_day",
                "life_meeting",
                "appraisal",
                name="record_kinds",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.CheckConstraint("attended IS NULL OR (attended >= 0 AND attended <= expected)", name="attendance_fits"),
        sa.ForeignKeyConstraint(["branch_id"], ["party_organisation.id"], name=op.f("life_record_branch_id_fk")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("life_record_report_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("life_record_pk")),
    )
    with op.batch_alter_table("life_record", schema=None) as batch_op:
        batch_op.create_index("life_record_branch_ix", ["branch_id", "held_on"], unique=False)
        batch_op.create_index("life_record_report_ix", ["report_id", "kind"], unique=False)

    op.create_table(
        "report_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.CheckConstraint("verdict = 'accept' OR reason <> ''", name="refusals_give_a_reason"),
        sa.CheckConstraint("verdict IN ('accept', 'return', 'reopen')", name="verdicts"),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("report_review_by_fk")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_review_report_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_review_pk")),
    )
    with op.batch_alter_table("report_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("report_review_report_id_ix"), ["report_id"], unique=False)

    op.create_table(
        "report_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_revision_report_id_fk")),
        sa.ForeignKeyConstraint(["submitted_by"], ["person.id"], name="revision_submitter_fk"),
        sa.PrimaryKeyConstraint("id", name=op.f("report_revision_pk")),
        sa.UniqueConstraint("report_id", "number", name="revisions_are_numbered"),
    )
    dialect = op.get_bind().dialect.name
    for table in IMMUTABLE:
        for statement in immutability_ddl(dialect, table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("report_revision")
    with op.batch_alter_table("report_review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("report_review_report_id_ix"))

    op.drop_table("report_review")
    with op.batch_alter_table("life_record", schema=None) as batch_op:
        batch_op.drop_index("life_record_report_ix")
        batch_op.drop_index("life_record_branch_ix")

    op.drop_table("life_record")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("sign_in_session_seen_at_ix"))
        batch_op.drop_index(batch_op.f("sign_in_session_person_id_ix"))

    op.drop_table("sign_in_session")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("role_grant_person_id_ix"))
        batch_op.drop_index(batch_op.f("role_grant_branch_id_ix"))

    op.drop_table("role_grant")
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index("report_state_ix")
        batch_op.drop_index("report_list_ix")

    op.drop_table("report")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("feedback_organiser_id_ix"))

    op.drop_table("feedback")
    with op.batch_alter_table("carried_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("carried_form_made_at_ix"))

    op.drop_table("carried_form")
    op.drop_table("special_day")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("person_organiser_id_ix"))
        batch_op.drop_index(batch_op.f("person_branch_id_ix"))

    op.drop_table("person")
    with op.batch_alter_table("branch_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("branch_unit_unit_id_ix"))
        batch_op.drop_index(batch_op.f("branch_unit_branch_id_ix"))

    op.drop_table("branch_unit")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("unit_organiser_id_ix"))

    op.drop_table("unit")
    op.drop_table("report_period")
    with op.batch_alter_table("party_organisation", schema=None) as batch_op:
        batch_op.drop_index("party_org_order_ix")

    op.drop_table("party_organisation")
    op.drop_table("day_notice")
    op.drop_table("audit_seal")
    op.drop_table("organiser")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("job_state_ix")

    op.drop_table("job")
    op.drop_table("installation")
    with op.batch_alter_table("idempotency_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("idempotency_key_made_at_ix"))

    op.drop_table("idempotency_key")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("audit_event_at_ix"))
        batch_op.drop_index(batch_op.f("audit_event_actor_id_ix"))

    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
