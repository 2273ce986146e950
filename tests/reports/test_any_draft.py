"""Reading whatever is typed: it never fails, and what it understands keeps within every limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tiejun_awards.reports import drafts
from tiejun_awards.reports.drafts import MOST_RECORDS, RECORD_FIELDS, Context, Draft, read
from tiejun_awards.reports.sections import FIELDS, SECTIONS
from tiejun_awards.shared.periods import Quarter

anything = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["3", "-1", "1.5", "１２", "12/12", "11月12日", "2026-04-08", "done", "committee", "党课", "\x00", "🙂"]
    ),
    st.text("0123456789-/.年月日 ", max_size=12),
)
rows = st.lists(st.dictionaries(st.sampled_from([*RECORD_FIELDS, "more"]), anything), max_size=MOST_RECORDS + 3)
fixes = st.lists(st.dictionaries(st.sampled_from(["status", "how"]), anything), max_size=5)
fields = st.dictionaries(st.one_of(st.sampled_from(list(FIELDS)), st.text(max_size=5)), anything)
typed_drafts = st.builds(Draft, fields, rows.map(tuple), fixes.map(tuple), st.booleans())
contexts = st.builds(
    Context,
    st.builds(Quarter, st.integers(2000, 2100), st.integers(1, 4)),
    st.lists(st.text(min_size=1, max_size=20), max_size=4).map(tuple),
    st.integers(0, 2_000),
    st.dates(),
)


def names(count: int, problems: Sequence[str]) -> set[str]:
    """Every name a finding may stand beside."""
    found = {*FIELDS, "total", "records", "confirmed"}
    found |= {f"records-{index}-{name}" for index in range(count) for name in RECORD_FIELDS}
    return found | {f"fixes-{index}-{name}" for index in range(len(problems)) for name in ("status", "how")}


@given(typed_drafts, contexts)
def test_reading_never_fails_and_every_finding_names_a_field_and_says_a_sentence(typed: Draft, context: Context):
    reading = read(typed, context)

    assert {finding.field for finding in reading.findings} <= names(len(typed.records), context.earlier_problems)
    assert {finding.section for finding in reading.findings} <= {section.number for section in SECTIONS}
    assert all(finding.sentence.endswith("。") for finding in reading.findings)
    assert [finding.section for finding in reading.findings] == sorted(finding.section for finding in reading.findings)
    assert reading.of_field("nowhere") == ""
    assert all(reading.of_field(finding.field) for finding in reading.findings)


@given(typed_drafts, contexts)
def test_what_is_read_keeps_within_every_limit(typed: Draft, context: Context):
    reading = read(typed, context)

    assert all(0 <= number <= 99_999 for number in reading.counts.values())
    for record in reading.records:
        assert record.held_on in context.quarter
        assert record.held_on <= context.today
        assert 1 <= drafts.characters(record.topic) <= 60
        assert drafts.characters(record.page) <= 20
        assert (record.attended is None) == (record.expected is None)
        assert record.attended is None or 0 <= record.attended <= (record.expected or 0)


@given(typed_drafts)
def test_a_draft_comes_back_from_where_it_is_stored_as_it_was_typed(typed: Draft):
    stored: dict[str, Any] = typed.as_json()

    assert Draft.from_json(stored) == typed
    assert Draft.from_json(stored).as_json() == stored
