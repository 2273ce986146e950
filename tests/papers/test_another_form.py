"""A second kind of form is handed in from above; nothing of the paper twin knows the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pytest

from tests.builders import World
from tests.papers import made
from tiejun_awards.organisation.models import PartyOrganisation
from tiejun_awards.papers import queries, services
from tiejun_awards.papers.rules import Entry, Field, Offer, PaperForm, Section, Signed, State, Subject
from tiejun_awards.shared.access import Actor, Role
from tiejun_awards.shared.db import db
from tiejun_awards.shared.errors import Missing


class WordsForm:
    """A branch's own words of a year, kept nowhere but here."""

    kind = "words"
    title = "支部自述"

    def __init__(self) -> None:
        self.handed_in: list[Signed] = []

    def subject(self, key: str, actor: Actor) -> Subject:
        branch = db.session.get(PartyOrganisation, int(key)) if key.isdigit() else None
        if branch is None:
            raise Missing
        authors = queries.authors_of(Role.SECRETARY, branch.id, date(2026, 1, 1))
        section = Section("一、自述", (Field("words", "自述", "long", limit=300),))
        about = f"{branch.name}2026年度自述"
        return Subject(self.kind, key, branch, about, "2026", date(2026, 1, 1), None, authors, (section,), {})

    def offered(self, actor: Actor, text: str, most: int) -> Sequence[Offer]:
        return [Offer("1", "自述", None)][:most]

    def may_write(self, actor: Actor, subject: Subject) -> bool:
        return False

    def may_read(self, actor: Actor, subject: Subject) -> bool:
        return False

    def faults(self, subject: Subject, values: Mapping[str, str], signed_on: date) -> dict[str, str]:
        return {} if values.get("words") else {"words": "请写一句。"}

    def hand_in(self, actor: Actor, subject: Subject, paper: Signed) -> str:
        self.handed_in.append(paper)
        return "自述"


@pytest.fixture
def words() -> Iterator[WordsForm]:
    form = WordsForm()
    kept: PaperForm = form
    queries.forms["words"] = kept
    yield form
    del queries.forms["words"]


def test_another_form_is_printed_typed_and_compared_alike(world: World, words: WordsForm):
    branch, author = world.branch("water"), world.person("secretary").id
    typist, second = made.typist(world), world.actor("second")
    printed = services.print_form(typist, branch, "words", str(branch.id), content={})
    entry = Entry(date(2026, 11, 23), author, "柜子", {"words": "一句话。"})

    found = services.transcribe(typist, branch, "words", str(branch.id), entry, form=printed)
    services.compare(second, found, signed_on=date(2026, 11, 23), alike=[0], version=found.version)

    [paper] = words.handed_in
    assert (paper.values, paper.author_id, paper.signed_on) == ({"words": "一句话。"}, author, date(2026, 11, 23))
    assert (found.state, found.became, found.about) == (State.COMPARED, "自述", "水生态环境处党支部2026年度自述")
    assert [
        row.period for row in queries.page_of(second, {"q": "", "state": "", "period": "2026"}, "entered", False).rows
    ] == ["2026"]
