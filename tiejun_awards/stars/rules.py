"""Pilots (规范化标准化建设试点): two to four at a time (宁环党发〔2020〕25号, 措施第7条)."""

from __future__ import annotations

SHOWN_FROM = 3
"""Inside, branches are named from this star on; below it only counts are shown."""

STAR_WORDS = ("不定级", "一星级", "二星级", "三星级", "四星级", "五星级")


def star_word(star: int) -> str:
    """“四星级”; 0 is 不定级."""
    return STAR_WORDS[star]


def why_no_more(active: int, most: int) -> str:
    """Why no further branch becomes a pilot, or nothing."""
    return f"同时最多 {most} 个试点支部，现在已有 {active} 个；请先结束一个，再确定新的。" if active >= most else ""


def warning(active: int, fewest: int) -> str:
    """What the page says while there are too few pilots, or nothing."""
    return f"试点支部一般不少于 {fewest} 个，现在 {active} 个。" if active < fewest else ""
