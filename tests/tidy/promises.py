"""Rules that guard the promises: who may grant, record, reveal a number, or read the clock."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from tests.tidy.house import Module, Rule, Sample

MADE_BY: Final[Mapping[str, str]] = {"Grant": "authorisation", "Recorded": "audit"}

REVEALS: Final[Mapping[str, str]] = {
    "audit/change.py": "writes the frozen form of a change, and its stored row",
    "audit/encoding.py": "writes the frozen form of an entry",
    "audit/prove.py": "asks its store for the entries that a person may prove",
    "audit/reader.py": "asks its store for the entries of a person",
    "audit/pages.py": "asks its store for the person",
    "audit/reading.py": "writes the frozen form of a reading",
    "audit/replay.py": "compares the successor that stands with the one decided again",
    "audit/alike.py": "writes the stored rows of entries of one request",
    "audit/row.py": "writes the stored row of an entry",
    "circuits/letters/holder.py": "prints the person's number on the person's own sheet",
    "circuits/members.py": "looks the number of an insured person up in its insurer's register",
    "circuits/store.py": "writes down whom a case is about, in its insurer's own database",
    "circuits/unasked.py": "finds the cases about the worker whom a declaration names",
    "circuits/benefits/enquiry.py": "writes the number into a request for a declaration",
    "cli/audit.py": "shows the person's trail to who gave the number",
    "cli/case.py": "writes the signed body of a request that opens a case",
    "cli/case_income.py": "writes the signed body of a request that opens a case",
    "cli/person.py": "writes the signed body of a request to read the trail",
    "cli/story_case.py": "declares risks of people who do not exist",
    "cli/story_file.py": "names people who do not exist, whom a file is about, to be told",
    "cli/story_income.py": "opens inquiries about people who do not exist",
    "cli/story.py": "asks about people who do not exist, to be told",
    "circuits/one_shot/carried.py": "writes the persons of a file for the wire",
    "circuits/one_shot/written.py": "reads and writes the persons of a file on disk",
    "cli/one_shot_seat.py": "writes the lines of a population for the directory",
    "client/ask.py": "writes the signed body of a question",
    "directory/directory.py": "asks its store for the lines of a person",
    "directory/lines.py": "reads and writes the lines of a person",
    "directory/many.py": "reads and writes the lines of many persons",
    "exchange/keep.py": "checks that a row is about the person asked about",
    "exchange/search.py": "tells whom a search found, as the supplier of its flow",
    "exchange/outgoing.py": "writes the sealed request for a supplier",
    "gateway/reading.py": "shows the trail to whom the law lets read it",
    "gateway/reply.py": "tells the successor of a replaced number to who may know it",
    "identity/memory_persons.py": "keeps whoever is found by name under the number",
    "identity/persons.py": "asks its store who is found by name",
    "gateway/soap/ssdn/access.py": "repeats the request to who made it, as its reply does",
    "gateway/soap/ssdn/summary.py": "tells the successor of a replaced number to who may know it",
    "gateway/soap/soa/answering.py": "tells a replaced number's successor to who may know it",
    "identity/registers.py": "asks its store for the status of a number",
    "identity/search.py": "writes whoever is found by name as a row of its store",
    "sources/person.py": "checks that a reply is about the person asked about",
    "sources/looks.py": "writes the signed body for a station",
    "sources/upstream_lines.py": "writes the signed body for the hub",
    "sources/upstream.py": "writes the signed body for the hub",
    "station/log.py": "writes down whom a station answered about",
    "station/source.py": "binds the number to the institution's own select",
    "vocabulary/mail.py": "hashes the number by which the mail of one person stays in order",
    "vocabulary/numbers.py": "checks the digits: the one place that knows the rule",
}
"""Modules that may reveal a person's number, and why each has to. Nothing else may."""

NOT_A_PERSON: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset(
        {
            "answer",
            "asked",
            "case",
            "earlier.facts",
            "facts",
            "failure",
            "form",
            "line",
            "numbers.ground",
            "row",
            "self",
            "settled",
            "text",
            "to",
            "told.line",
            "wait",
        }
    ),
    "digits": frozenset({"field", "text"}),
}
"""What else has a `number` (a fact about it, a place in a dictionary, an enterprise) or `digits`
(of amounts)."""

CLOCKS: Final = re.compile(
    r"(datetime(\.datetime)?\.(now|utcnow|today)|(datetime\.)?date\.today"
    r"|time\.(time|time_ns|localtime|gmtime|ctime)"
    r"|os\.urandom|uuid\.uuid[147]|random\.\w+|secrets\.\w+)"
)
CLOCK_NAMES: Final = frozenset({"urandom", "uuid1", "uuid4", "uuid7", "time", "time_ns"})
CLOCK_MODULES: Final = frozenset({"random", "secrets", "os", "uuid", "time"})


def made_in_its_room(name: str, module: Module) -> Iterator[str]:
    if not module.in_source or module.room == MADE_BY[name]:
        return
    for node in module.nodes:
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if called.split("[")[0].split(".")[-1] == name:
            yield f"line {getattr(node, 'lineno', 0)}: only {MADE_BY[name]} makes a {name}"


def reveals(module: Module) -> Iterator[int]:
    """Lines on which a person's number is revealed."""
    for node in module.nodes:
        attribute = node.attr if isinstance(node, ast.Attribute) else ""
        if attribute not in NOT_A_PERSON or not module.in_source:
            continue
        if ast.unparse(node).removesuffix(f".{attribute}") not in NOT_A_PERSON[attribute]:
            yield getattr(node, "lineno", 0)


def numbers_stay_hidden(module: Module) -> Iterator[str]:
    if module.in_source and module.dotted not in REVEALS:
        for line in reveals(module):
            yield f"line {line}: reveals a number; may it?"


def time_and_chance_are_arguments(module: Module) -> Iterator[str]:
    if not module.in_source or module.room == "cli":
        return
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and CLOCKS.fullmatch(ast.unparse(node)):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.ImportFrom) and node.module in CLOCK_MODULES:
            taken = {alias.name for alias in node.names}
            if node.module in {"random", "secrets"} or taken & CLOCK_NAMES:
                yield f"line {node.lineno}: takes {', '.join(sorted(taken))} from {node.module}"
        if isinstance(node, ast.Call) and re.fullmatch(r".*default_rng\(\)", ast.unparse(node)):
            yield f"line {node.lineno}: chance without a seed"


HUB: Final = "src/kruispunt/exchange/hub.py"

PROMISES: Final = (
    Rule(
        name="only the judge makes a grant",
        check=partial(made_in_its_room, "Grant"),
        bad=Sample(text="x = Grant(ground=ground)\n", path=HUB),
        good=Sample(text="x = Grant(ground=g)\n", path="src/kruispunt/authorisation/decide.py"),
    ),
    Rule(
        name="only the trail says that something is recorded",
        check=partial(made_in_its_room, "Recorded"),
        bad=Sample(text="x = vocabulary.Recorded[Grant](decision=d)\n", path=HUB),
        good=Sample(text="x = Recorded(decision=d)\n", path="src/kruispunt/audit/trail.py"),
    ),
    Rule(
        name="a person's number stays hidden but where it is needed",
        check=numbers_stay_hidden,
        bad=Sample(text="x = question.ssin.digits\n", path=HUB),
        good=Sample(text="x = settled.number\n", path=HUB),
    ),
    Rule(
        name="time and chance are arguments",
        check=time_and_chance_are_arguments,
        bad=Sample(text="now = clock or datetime.now\n", path=HUB),
        good=Sample(text="x = datetime.now(UTC)\n", path="src/kruispunt/cli/clock.py"),
    ),
)
