"""The page that maps a deliberation: each paragraph to clauses, parameters, rules and tests."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kruispunt.cli.pages import markdown_table
from kruispunt.law import Law, RuleBook

PLACE: Final = r"\d+(?:\.\d+)?(?:\(\d+\))?(?:\([a-z]\))?"
CITED: Final = re.compile(rf"(?:§|fn )({PLACE})(?:-({PLACE}))?")
CLOSING: Final = "closing"


@dataclass(frozen=True, slots=True, order=True)
class NamedTest:
    """A test by its name, and where it stands under the folder of tests."""

    name: str
    file: str


def named_tests(folder: Path) -> tuple[NamedTest, ...]:
    """Every test function under a folder, in the order of names."""
    found = {
        NamedTest(node.name, path.relative_to(folder).as_posix())
        for path in folder.rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }
    return tuple(sorted(found))


def by_rule_name(
    rules: Sequence[str], tests: Sequence[NamedTest]
) -> Mapping[str, tuple[NamedTest, ...]]:
    """The tests that are named for each rule; the longest name that fits is meant."""
    starts = {rule: f"test_{rule.lower().replace('-', '_')}_" for rule in rules}
    found: defaultdict[str, list[NamedTest]] = defaultdict(list)
    for test in tests:
        fitting = [rule for rule, start in starts.items() if test.name.startswith(start)]
        if fitting:
            found[max(fitting, key=len)].append(test)
    return {rule: tuple(found[rule]) for rule in rules}


def cited_in(text: str, paragraphs: Sequence[str]) -> frozenset[str]:
    """The paragraphs that a citation means, of those there are: with all parts, and ranges."""
    found: set[str] = set()
    for match in CITED.finditer(text):
        first, last = match.groups()
        note = "fn" if match.group().startswith("fn") else ""
        begin = _parts(note + first, paragraphs)
        end = _parts(note + last, paragraphs) if last else begin
        if begin and end:
            found |= set(paragraphs[begin[0] : end[-1] + 1])
    if CLOSING in text:
        found |= {CLOSING} & set(paragraphs)
    return frozenset(found)


def paragraph_page(book: RuleBook, law: Law, tests: Sequence[NamedTest]) -> str:
    """Two tables: the paragraphs in the order of the text, and the rules with their tests."""
    by_rule = by_rule_name([rule.id for rule in book.rules], tests)
    paragraphs = markdown_table(
        ("paragraph", "what it says", "clauses and parameters", "rules", "tests", "or"),
        _paragraph_rows(book, law, by_rule),
    )
    rules = markdown_table(
        ("rule", "paragraphs", "in one sentence", "tests"),
        (
            (
                f"`{rule.id}`",
                ", ".join(map(_place, rule.paragraphs)),
                rule.says,
                ", ".join(f"[`{one.name}`](../../tests/{one.file})" for one in by_rule[rule.id])
                or "not yet",
            )
            for rule in book.rules
        ),
    )
    return (
        f"# Deliberation {book.deliberation}, paragraph by paragraph\n\n"
        "Which clause, parameter or flow of the lawbook a paragraph became, which rules by name,\n"
        "and how many cases beside the clauses and tests named for the rules hold them.\n"
        "A paragraph that became none of these says why.\n\n"
        f"{paragraphs}\n## Rules and their tests\n\n{rules}"
    )


def grounds_of(book: RuleBook, law: Law) -> Mapping[str, tuple[str, ...]]:
    """The clauses and parameters that cite each paragraph of a deliberation."""
    ids = [one.id for one in book.paragraphs]
    found: defaultdict[str, list[str]] = defaultdict(list)
    for clause in law.lawbook.clauses:
        if clause.ground.deliberation == book.deliberation:
            for paragraph in cited_in(clause.ground.paragraph, ids):
                found[paragraph].append(clause.id)
    for parameter in law.lawbook.parameters.values():
        if parameter.paragraph.startswith(book.deliberation):
            for paragraph in cited_in(parameter.paragraph, ids):
                found[paragraph].append(parameter.id)
    for flow in law.lawbook.flows.values():
        if flow.paragraph.startswith(book.deliberation):
            for paragraph in cited_in(flow.paragraph, ids):
                found[paragraph].append(f"flow {flow.id}")
    return {paragraph: tuple(sorted(found[paragraph])) for paragraph in ids}


def _paragraph_rows(
    book: RuleBook, law: Law, by_rule: Mapping[str, tuple[NamedTest, ...]]
) -> Iterator[tuple[str, ...]]:
    grounds = grounds_of(book, law)
    cases: defaultdict[str, int] = defaultdict(int)
    for case in law.cases:
        cases[case.clause] += 1
    for paragraph in book.paragraphs:
        rules = [rule.id for rule in book.rules if paragraph.id in rule.paragraphs]
        tests = sum(len(by_rule[rule]) for rule in rules)
        tried = sum(cases[ground] for ground in grounds[paragraph.id])
        told = [_count(tried, "case"), _count(tests, "test")]
        yield (
            _place(paragraph.id),
            paragraph.says,
            ", ".join(f"`{ground}`" for ground in grounds[paragraph.id]),
            ", ".join(f"`{rule}`" for rule in rules),
            ", ".join(filter(None, told)),
            f"not software, because: {paragraph.because}" if paragraph.because else "",
        )


def _parts(cited: str, paragraphs: Sequence[str]) -> list[int]:
    """Places of a paragraph and of its parts."""
    return [
        place
        for place, one in enumerate(paragraphs)
        if one == cited or one.startswith((f"{cited}(", f"{cited}."))
    ]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}" if number else ""


def _place(paragraph: str) -> str:
    if paragraph == CLOSING:
        return "closing part"
    return f"fn {paragraph[2:]}" if paragraph.startswith("fn") else f"§{paragraph}"
