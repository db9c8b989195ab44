"""What the bench of the directory is fed with is right: valid numbers, lines that stand apart."""

from pathlib import Path

import polars as pl
from bench.decisions import CLAUSES, granted_questions, many_clauses, settled_questions
from bench.many_lines import numbers, some_ssins, write_lines

from kruispunt.authorisation import decide
from kruispunt.directory.loading.build import merged
from kruispunt.directory.loading.table import read_batches
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import (
    Facts,
    Grant,
    NumberFact,
    NumberStatus,
    Quality,
    Refusal,
    Sector,
)

PAIRS = ((Sector(5), Quality(1)), (Sector(9), Quality(3)))


def test_every_person_has_a_valid_number_of_his_own():
    found = some_ssins(30_000, of=30_000)

    assert len(set(found)) == 30_000
    assert [ssin.number for ssin in found] == numbers(30_000).to_list()


def test_every_line_can_be_loaded_and_stands_apart(tmp_path: Path):
    written = write_lines(tmp_path / "lines.parquet", persons=2000, each=5, pairs=PAIRS)

    batches = list(read_batches(tmp_path / "lines.parquet", names_members=False))

    assert sum(batch.lines.height for batch in batches) == written == 10_000
    assert not [batch for batch in batches if batch.bad]
    assert merged(pl.concat([batch.lines for batch in batches])).height == written


def test_many_clauses_decide_as_few():
    few = read_lawbook()
    many = many_clauses(few, number=CLAUSES)
    laws = [book.jurisdiction(book.hub) for book in (few, many)]
    (settled,) = settled_questions(laws[0], some_ssins(1, of=1))
    facts = Facts(number=NumberFact(status=NumberStatus.KNOWN), lines=())

    found = [decide(settled, facts, law) for law in laws]

    assert len(many.clauses) == CLAUSES
    assert found[0] == found[1]
    assert isinstance(found[0], Refusal)


def test_the_decisions_that_are_timed_are_grants_under_every_clause():
    lawbook = many_clauses(read_lawbook(), number=CLAUSES)
    law = lawbook.jurisdiction(lawbook.hub)

    asked = granted_questions(law)

    assert len({settled.question.purpose for settled, _ in asked}) >= CLAUSES * 0.9
    assert all(isinstance(decide(settled, facts, law), Grant) for settled, facts in asked)
    assert any(facts.lines for _, facts in asked)
