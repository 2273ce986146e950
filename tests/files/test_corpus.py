"""Of the files of the corpus exactly the good ones are taken in, and none brings anything down."""

from __future__ import annotations

import json
from pathlib import Path

from tests.files import made
from tiejun_awards.files import checking, rules
from tiejun_awards.files.rules import Bad
from tiejun_awards.shared.errors import Refused


def taken(name: str, content: bytes, folder: Path) -> str:
    """ "" when a file is taken in, else why not."""
    file = folder / "file"
    file.write_bytes(content)
    try:
        checking.check(file, rules.kind_of(rules.clean_name(name)), folder)
    except (Bad, Refused) as no:
        return no.sentence
    return ""


def test_the_corpus_is_large():
    cases = made.corpus().values()

    assert len(cases) >= 120
    assert sum(good for *_, good in cases) >= 30


def test_exactly_the_good_ones_are_taken_in(tmp_path: Path):
    found = {word: taken(name, content, tmp_path) for word, name, content, _ in made.corpus().values()}

    assert {word: why for word, why in found.items() if (why == "") != made.corpus()[word][3]} == {}


def test_every_refusal_is_a_sentence_that_says_what_to_do(tmp_path: Path):
    sentences = {taken(name, content, tmp_path) for _, name, content, good in made.corpus().values() if not good}

    assert [each for each in sorted(sentences) if not each.endswith(("。", "文件。"))] == []
    assert len(sentences) >= 15, json.dumps(sorted(sentences), ensure_ascii=False)
