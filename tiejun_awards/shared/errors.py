"""The ways to say no. Each carries the sentence the reader sees; ``shared.web`` turns them into pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class SaysNo(Exception):
    """A refusal with a Chinese sentence that says what to do next."""

    status = 400

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(SaysNo):
    """The rules or the state of the thing do not allow the verb now (409).

    ``field`` names the form field the sentence belongs beside, where there is one.
    """

    status = 409

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowed(SaysNo):
    """The person's roles do not include the verb (403)."""

    status = 403


class TooMany(SaysNo):
    """Too many attempts in a short time (429). ``until``: when it is possible again, where that is known."""

    status = 429

    def __init__(self, sentence: str, until: datetime | None = None) -> None:
        super().__init__(sentence)
        self.until = until


class Missing(SaysNo):
    """There is no such thing, or it is not for this person to know (404)."""

    status = 404

    def __init__(self, sentence: str = "没有找到这一页，或者它不在您能看的范围内。") -> None:
        super().__init__(sentence)


class Unconfirmed(Refused):
    """The verb asks for the password once more (409); the page asks for it and keeps what was typed."""


class Stale(Refused):
    """Somebody else saved ``subject`` since the form was opened (409); the view shows both versions."""

    def __init__(self, subject: Any) -> None:
        super().__init__("您打开页面之后，有人先保存了一稿。两份都在，请选每一处留哪个。")
        self.subject = subject
