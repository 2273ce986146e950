"""Forms of transcriptions. What stands on the paper itself is read by its own fields, exactly as it was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wtforms import IntegerField, SelectField, StringField, TextAreaField

from ..shared.dates import chinese_date
from ..shared.fields import Boxes, DayField, VerbForm, VersionedForm, as_typed
from .rules import Author, Entry, Field, Grid, Section, Subject

MOST_TYPED = 4_000
"""Characters kept of one field: more than any limit, so that what is too long is still there to be shortened."""


class EntryForm(VerbForm):
    """What is typed around the form: when, by whom, where the original lies. The version is there when it is typed again."""

    signed_on = DayField("签字日期")
    author = SelectField("签字人", coerce=int)
    lies_at = StringField("原件存放处")
    version = IntegerField()

    def offer(self, authors: Sequence[Author]) -> None:
        """Who may have signed; the only one is chosen already."""
        choices = [(each.id, each.name) for each in authors]
        self.author.choices = choices if len(choices) == 1 else [(0, "请选"), *choices]

    def entry(self, values: Mapping[str, str]) -> Entry:
        """Everything that was typed."""
        lies_at = as_typed(self.lies_at.data or "", MOST_TYPED).strip()
        return Entry(self.signed_on.data, self.author.data or None, lies_at, values)


class CompareForm(VersionedForm):
    """The second person's reading: each section ticked, the date typed once more."""

    signed_on = DayField("照着原件再填一次签字日期")
    alike = Boxes("逐节核对", coerce=int)

    def offer(self, sections: Sequence[Section]) -> None:
        """A box for each section."""
        self.alike.choices = [(number, f"{section.title}：与原件一样") for number, section in enumerate(sections)]


class BackForm(VersionedForm):
    """Why it goes back."""

    reason = TextAreaField("哪一处和原件不一样", id="differs")


class WithdrawForm(VersionedForm):
    """Why it is withdrawn."""

    reason = TextAreaField("为什么撤下", id="needless")


def read_values(sections: Sequence[Section], posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed into a form; empty places and empty rows are left out, rows numbered anew."""
    found = {}
    for section in sections:
        for each in section.fields:
            found[each.name] = as_typed(posted.get(each.name, ""), MOST_TYPED).strip()
        if section.grid is not None:
            found |= _read_grid(section.grid, posted)
    return {name: value for name, value in found.items() if value}


def _read_grid(grid: Grid, posted: Mapping[str, str]) -> dict[str, str]:
    rows = []
    for index in _indices(grid):
        row = {
            column.name: as_typed(posted.get(f"{grid.name}-{index}-{column.name}", ""), MOST_TYPED).strip()
            for column in grid.columns
        }
        if grid.heads or any(row.values()):
            rows.append(row)
    return {f"{grid.name}-{index}-{name}": value for index, row in enumerate(rows) for name, value in row.items()}


def _indices(grid: Grid) -> range:
    return range(len(grid.heads) or grid.most + 40)  # a few more, so that “too many” can be said


class Wrong(NamedTuple):
    """One sentence of the list above a form: of which place, and where on the page that is (“八、上季度问题整改，第 2 条”)."""

    name: str
    where: str
    sentence: str


def in_page_order(sections: Sequence[Section], wrong: Mapping[str, str]) -> list[Wrong]:
    """What is wrong, in the order in which the page is written; first what belongs to no place of it."""
    places = {name: where for name, where, _ in _places(sections)}
    first = [Wrong(name, "", sentence) for name, sentence in wrong.items() if name not in places]
    return first + [Wrong(name, where, wrong[name]) for name, where in places.items() if name in wrong]


class Difference(NamedTuple):
    """One place at which what was typed and what is kept meanwhile say different things."""

    where: str
    mine: str
    kept: str


def differences(subject: Subject, mine: Entry, kept: Entry) -> list[Difference]:
    """Where two entries of one paper differ, in the order of the page."""
    names = {each.id: each.name for each in subject.authors}
    around = [
        ("签字日期", *(chinese_date(each.signed_on) if each.signed_on else "" for each in (mine, kept))),
        ("签字人", *(names.get(each.author_id or 0, "") for each in (mine, kept))),
        ("原件存放处", mine.lies_at, kept.lies_at),
    ]
    written = [
        (where, *(place.said(each.values.get(name, "")) for each in (mine, kept)))
        for name, where, place in _places(subject.sections)
        if place is not None
    ]
    return [Difference(where, one, other) for where, one, other in (*around, *written) if one != other]


def _places(sections: Sequence[Section]) -> Iterator[tuple[str, str, Field | None]]:
    for section in sections:
        grid = section.grid
        if grid is not None:
            yield grid.name, section.title, None
            for index in _indices(grid):
                row = f"{section.title}，第 {index + 1} {'条' if grid.heads else '行'}"
                yield from ((f"{grid.name}-{index}-{each.name}", f"{row}{each.label}", each) for each in grid.columns)
        for each in (*section.counts, *section.texts):
            where = section.title if section.title.endswith(each.label) else f"{section.title}，{each.label}"
            yield each.name, where, each
