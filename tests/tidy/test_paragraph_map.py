"""Deliberation 05/022 is mapped without gaps: every paragraph has a row, every rule a test."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from tests.tidy.house import ROOT, source

from kruispunt.cli.generate import NOTE
from kruispunt.cli.paragraphs import (
    NamedTest,
    by_rule_name,
    cited_in,
    grounds_of,
    named_tests,
    paragraph_page,
)
from kruispunt.law import Paragraph, Rule, RuleBook, read_law, read_rules

PAGE: Final = ROOT / "docs/reference/05-022.md"
NUMBERED: Final = range(1, 48)
NOTES: Final = range(1, 5)
NAME: Final = re.compile(r"(?<![A-Z0-9-])((?:P|R|VT|OS)-[A-Z0-9]+(?:-[A-Z0-9]+)*)")
NOT_YET: Final[frozenset[str]] = frozenset()
"""Rules whose test is still to be written, while the work on them is under way elsewhere."""

LAW: Final = read_law()
(BOOK,) = read_rules()
TESTS: Final = named_tests(ROOT / "tests")


def without_a_row(book: RuleBook) -> list[str]:
    """Paragraphs and footnotes of the text that the map leaves out."""
    wanted = [str(number) for number in NUMBERED] + [f"fn{number}" for number in NOTES]
    mapped = {re.split(r"[.(]", one.id)[0] for one in book.paragraphs}
    return [number for number in wanted if number not in mapped]


def without_content(book: RuleBook, grounds: Mapping[str, Sequence[str]]) -> list[str]:
    """Paragraphs that became nothing and do not say why, or that did and say why not."""
    named = {paragraph for rule in book.rules for paragraph in rule.paragraphs}
    return [
        one.id
        for one in book.paragraphs
        if bool(one.because) == (one.id in named or bool(grounds[one.id]))
    ]


def without_a_test(book: RuleBook, tests: Sequence[NamedTest]) -> set[str]:
    """Rules that no test is named for."""
    found = by_rule_name([rule.id for rule in book.rules], tests)
    return {rule for rule, named in found.items() if not named}


def unknown_names(texts: Mapping[str, str], book: RuleBook) -> list[str]:
    """Names of rules in the code that the list of rules does not have."""
    known = {rule.id for rule in book.rules}
    return [
        f"{path}: {name}"
        for path, text in texts.items()
        for name in NAME.findall(text)
        if name not in known
    ]


def a_book(*rules: Rule) -> RuleBook:
    paragraphs = (
        Paragraph(id="1", says="x"),
        Paragraph(id="2.1", says="x"),
        Paragraph(id="2.2", says="x", because="history"),
        Paragraph(id="5(3)", says="x"),
        Paragraph(id="5(3)(a)", says="x"),
        Paragraph(id="11", says="x"),
        Paragraph(id="12", says="x"),
        Paragraph(id="fn1", says="x"),
    )
    return RuleBook(deliberation="31/007", paragraphs=paragraphs, rules=rules)


def a_rule(name: str, *paragraphs: str) -> Rule:
    return Rule(id=name, paragraphs=paragraphs or ("1",), says="x")


def test_every_paragraph_and_footnote_has_a_row() -> None:
    assert without_a_row(BOOK) == []
    assert without_a_row(a_book())[:3] == ["3", "4", "6"]


def test_every_paragraph_became_something_or_says_why_it_did_not() -> None:
    assert without_content(BOOK, grounds_of(BOOK, LAW)) == []


def test_a_paragraph_that_became_nothing_and_one_that_says_so_wrongly_are_seen() -> None:
    book = a_book(a_rule("R-ONE", "1", "2.2", "11", "12", "fn1"))
    grounds = {one.id: ("clause",) * (one.id == "5(3)") for one in book.paragraphs}

    assert without_content(book, grounds) == ["2.1", "2.2", "5(3)(a)"]


def test_every_rule_has_a_test_that_is_named_for_it() -> None:
    assert without_a_test(BOOK, TESTS) == NOT_YET


def test_a_rule_without_a_test_is_seen_and_a_longer_name_is_another_rule() -> None:
    book = a_book(a_rule("VT-1"), a_rule("VT-10"), a_rule("R-L609"), a_rule("R-L609-BLOCK"))
    tests = [NamedTest("test_vt_10_x", "a.py"), NamedTest("test_r_l609_block_x", "a.py")]

    assert without_a_test(book, tests) == {"VT-1", "R-L609"}


def test_every_rule_that_the_code_names_is_in_the_list() -> None:
    texts = {module.dotted: module.text for module in source() if module.room == "circuits"}

    assert unknown_names(texts, BOOK) == []
    assert unknown_names({"a.py": "R-ONE, R-TWO-MORE (§1)"}, a_book(a_rule("R-ONE"))) == [
        "a.py: R-TWO-MORE"
    ]


def test_a_citation_means_a_paragraph_with_its_parts_and_ranges_with_their_ends() -> None:
    ids = [one.id for one in a_book().paragraphs]

    assert cited_in("§1, §11-12", ids) == {"1", "11", "12"}
    assert cited_in("31/007 §5(3), fn 1 (art. 12)", ids) == {"5(3)", "5(3)(a)", "fn1"}
    assert cited_in("§2", ids) == {"2.1", "2.2"}
    assert cited_in("§5(3)(a)-12", ids) == {"5(3)(a)", "11", "12"}
    assert cited_in("§99, closing part", ids) == set()


def test_the_page_is_current() -> None:
    text = NOTE + paragraph_page(BOOK, LAW, TESTS).rstrip() + "\n"

    assert PAGE.read_text(encoding="utf-8") == text, "make generate"
