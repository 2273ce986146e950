"""What an address asks for, by white list: the sorting, filtering, paging of a list; a quarter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from .dates import FIRST_YEAR, LAST_YEAR
from .errors import Missing
from .periods import Quarter


def asked_quarter(code: str) -> Quarter:
    """The quarter an address names. Raises Missing for what is none, or lies beyond every calendar of ours."""
    try:
        quarter = Quarter.from_code(code)
    except ValueError:
        raise Missing from None
    if not FIRST_YEAR <= quarter.year <= LAST_YEAR:
        raise Missing
    return quarter


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page was asked for. ``sort`` is always one of the keys the page offers."""

    sort: str
    descending: bool
    page: int
    per_page: int
    filters: Mapping[str, str]
    path: str
    total: int = 0

    @classmethod
    def read(
        cls,
        arguments: Mapping[str, str],
        path: str,
        *,
        sorts: Iterable[str],
        filters: Iterable[str] = (),
        per_page: int = 50,
    ) -> Listing:
        """Read ``?sort=-name&page=2&state=…``; unknown keys fall back to the first sort and page 1."""
        offered = list(sorts)
        asked = arguments.get("sort", "")
        sort = asked.removeprefix("-")
        descending = asked.startswith("-")
        if sort not in offered:
            sort, descending = offered[0], False
        page = arguments.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        chosen = {name: _typed(arguments.get(name, "")) for name in filters}
        return cls(sort, descending, max(1, number), per_page, chosen, path)

    def counted(self, total: int) -> Listing:
        """The same listing knowing how many rows there are; a page past the end becomes the last."""
        last = max(1, -(-total // self.per_page))
        return replace(self, total=total, page=min(self.page, last))

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.per_page))

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.per_page

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(self.filters.values())

    def url(self, *, page: int | None = None, sort: str | None = None) -> str:
        """The address of the same list at another page, or sorted by a column (a second click turns it round)."""
        values = {name: value for name, value in self.filters.items() if value}
        descending = self.descending
        if sort is not None:
            descending = sort == self.sort and not self.descending
        key = sort or self.sort
        values["sort"] = f"-{key}" if descending else key
        if page is not None and page > 1:
            values["page"] = str(page)
        return f"{self.path}?{urlencode(values)}"

    @property
    def page_link(self) -> str:
        """The address of a page of this list, up to its number."""
        values = {name: value for name, value in self.filters.items() if value}
        values["sort"] = f"-{self.sort}" if self.descending else self.sort
        return f"{self.path}?{urlencode(values)}&page="

    def aria_sort(self, key: str) -> str:
        """The aria-sort value of a column head."""
        if key != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"


def _typed(text: str) -> str:
    """What a keyboard can have typed of a text: PostgreSQL takes no NUL, and nobody searches for what cannot be seen."""
    return "".join(char for char in text[:200] if char.isprintable()).strip()[:80]
