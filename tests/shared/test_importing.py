"""What a cell of an imported sheet means."""

from __future__ import annotations

from datetime import date

import pytest

from tiejun_awards.shared.importing import Column, Kind, Value


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        (Column("n", "数", Kind.NUMBER), "１,２00", 1200),
        (Column("n", "数", Kind.NUMBER), " ", None),
        (Column("d", "日", Kind.DAY), "2026年3月1日", date(2026, 3, 1)),
        (Column("y", "否", Kind.YES), "√", True),
        (Column("y", "否", Kind.YES), "无", False),
        (Column("y", "否", Kind.YES), "", False),
        (Column("c", "码", code=True), " ＯＦＦ０１ ", "OFF01"),
        (Column("t", "字", options=("县（区）分局", "派出机构")), "县(区)分局", "县（区）分局"),
        (Column("t", "字"), "", ""),
    ],
)
def test_a_cell_is_read_as_what_its_column_is(column: Column, text: str, meant: Value):
    assert column.read(text) == meant


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        (Column("n", "数", Kind.NUMBER), "十二", "“十二”不是整数"),
        (Column("y", "否", Kind.YES), "也许", "“也许”看不懂，请写“是”或“否”"),
        (Column("t", "字", most=3), "四个字的", "超过 3 字"),
        (Column("t", "字", options=("甲", "乙")), "丙", "“丙”不在可填的内容里：甲、乙"),
        (Column("t", "字", required=True), "  ", "没有填"),
    ],
)
def test_a_cell_that_means_nothing_says_why(column: Column, text: str, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        column.read(text)
