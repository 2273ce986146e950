"""What a new password must be, by the installation's profile. Pure: the list of common ones is handed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from ..shared.labels import Labelled

LEAST, MOST = 12, 128
KINDS = 3
REMEMBERED = 5
"""So many passwords, the present one included, are not taken again (等保 profile)."""


class Profile(Labelled):
    """Which rules hold."""

    DENGBAO = "dengbao", "网络安全等级保护"
    ASVS = "asvs", "国际通行做法（OWASP ASVS）"


_PRODUCT = ("tiejun", "铁军", "dangjian", "党建", "shengtai", "生态环境", "huanbao", "ningxia", "宁夏")
"""Words anybody would try here first."""

_ROWS = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_LOOKALIKES = str.maketrans("@$0134578!", "asoieastbi")
_SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")


def same(password: str) -> str:
    """One way of writing each character, so that a password typed on another keyboard is the same one. Nothing else is touched."""
    return unicodedata.normalize("NFC", password)


def said(profile: Profile, days: int) -> list[str]:
    """The rules in sentences, for beside the field."""
    lines = [f"至少 {LEAST} 个字符，最多 {MOST} 个；可以用空格和汉字，一句只有自己知道的话最好记"]
    if profile is Profile.DENGBAO:
        lines.append("大写字母、小写字母、数字、其他字符，至少用其中三类")
    lines.append("不要用常见密码、键盘顺序、年份，也不要含自己的姓名、账号、手机号或单位名")
    if profile is Profile.DENGBAO:
        lines.append(f"不能与最近 {REMEMBERED} 次用过的相同")
        if days:
            lines.append(f"每 {days} 天换一次")
    return lines


def why_not(password: str, *, profile: Profile, words: Iterable[str], common: Collection[str]) -> str | None:
    """Why a password is not taken, in a sentence; None when it is. ``words``: names of the person and of where he works."""
    plain = same(password)
    if len(plain) < LEAST:
        return f"密码至少 {LEAST} 个字符，现在是 {len(plain)} 个。"
    if len(plain) > MOST:
        return f"密码最多 {MOST} 个字符，现在是 {len(plain)} 个。"
    if profile is Profile.DENGBAO and _kinds(plain) < KINDS:
        return "大写字母、小写字母、数字、其他字符，至少要用其中三类。"
    folded = unicodedata.normalize("NFKC", plain).casefold()
    for word in (*words, *_PRODUCT):
        own = unicodedata.normalize("NFKC", word).strip().casefold()
        if len(own) >= (4 if own.isascii() else 2) and own in folded:
            return "密码里不要有姓名、账号、手机号、单位名或本系统的名称，别人最先猜这些。"
    if _is_common(folded, common):
        return "这样的密码太常见，容易被猜到，请换一个。"
    return None


def _kinds(text: str) -> int:
    lower = any("a" <= char <= "z" for char in text)
    upper = any("A" <= char <= "Z" for char in text)
    digit = any("0" <= char <= "9" for char in text)
    other = any(not (char.isascii() and char.isalnum()) for char in text)
    return lower + upper + digit + other


def _is_common(folded: str, common: Collection[str]) -> bool:
    """Whether it is a common one, or made only of common words, runs of the keyboard, years and repetitions."""
    if folded in common or len(set(folded)) <= 4:
        return True
    for text in (folded, folded.translate(_LOOKALIKES), folded.translate(_SHIFTED)):
        plain = "".join(char for char in text if char.isalnum())
        parts = re.findall(r"[a-z]+|[0-9]+|[^\W\d_a-z]+", plain)
        if plain in common or _repeats(plain) or all(_part_is_common(part, common) for part in parts):
            return True
    return False


def _part_is_common(part: str, common: Collection[str]) -> bool:
    return len(part) <= 2 or part in common or _runs(part) or _repeats(part) or _is_date(part)


def _runs(part: str) -> bool:
    return any(part in row * 2 or part in row[::-1] * 2 for row in _ROWS)


def _repeats(part: str) -> bool:
    return any(part == (part[:size] * len(part))[: len(part)] for size in range(1, len(part) // 2 + 1))


def _is_date(part: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d((0?[1-9]|1[0-2])(0?[1-9]|[12]\d|3[01])?)?", part))


def is_too_old(set_at: datetime | None, *, days: int, profile: Profile, now: datetime) -> bool:
    """Whether a password has to be changed for its age. One nobody set himself (the demo's) has none."""
    if profile is not Profile.DENGBAO or not days or set_at is None:
        return False
    return now - set_at >= timedelta(days=days)
