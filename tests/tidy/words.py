"""Rules of words: law stands in `law/`, SQL in `store.sql`, people's numbers nowhere."""

import ast
import csv
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.tidy.house import ROOT, Module, Rule, Sample, literal

from kruispunt.vocabulary import Ssin, WrongNumber

PLAIN_ENGLISH: Final = frozenset(
    {
        "ACCIDENT_INSURERS", "EMPLOYER", "ENERGY_SUPPLIERS", "HOLIDAY_FUNDS", "MUNICIPALITIES",
        "PROVINCES", "SERVICE_PROVIDER", "SOCIAL_HOUSING", "SOCIAL_SECRETARIAT",
    }
)  # fmt: skip
"""Codes of institutions that are words anyone may use."""

COUNTRY: Final = frozenset({"Belgium", "Belgian", "Brussels", "BCSS", "CBSS", "NISS", "INSZ"})
WIRE: Final = "gateway"
NUMBER_RULES: Final = "vocabulary/numbers.py"

SQL: Final = re.compile(
    r"\s*(select|insert\s+into|update\s+\S+\s+set|delete\s+from|create|alter|drop|with\s+\w+\s+as)\s",
    re.IGNORECASE,
)
STAR: Final = re.compile(r"\b(select(\s+distinct)?|returning)\s+(\w+\.)?\*", re.IGNORECASE)
ELEVEN: Final = re.compile(r"(?<![\w.])(\d{11}|\d\d\.\d\d\.\d\d-\d{3}\.\d\d)(?![\w.])")
OUR_MACHINE: Final = re.compile(r"(?<![\w.])/(home|work|root)/\w")


@cache
def law_words() -> re.Pattern[str]:
    """Words that belong to one country: institutions, flows and purposes of its lawbook."""
    words = set(COUNTRY)
    for path in sorted((ROOT / "law/institutions").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            words.update(row["code"] for row in csv.DictReader(file) if "code" in row)
    words.update(path.stem for path in (ROOT / "law/flows").glob("*.toml"))
    known = sorted(words - PLAIN_ENGLISH)
    return re.compile(r"(?<![A-Za-z0-9])(" + "|".join(map(re.escape, known)) + r")(?![A-Za-z0-9])")


def no_country_in_the_code(module: Module) -> Iterator[str]:
    if not module.in_source or module.room == WIRE or module.dotted == NUMBER_RULES:
        return
    for string in module.strings:
        for word in law_words().findall(literal(string)):
            yield f"line {string.lineno}: {word!r} belongs in law/ or country/"
    for node in module.nodes:
        name = node.id if isinstance(node, ast.Name) else ""
        name = node.attr if isinstance(node, ast.Attribute) else name
        name = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else name
        for word in law_words().findall(name.replace("_", " ")):
            yield f"line {getattr(node, 'lineno', 0)}: {word!r} belongs in law/ or country/"


def no_codes_in_the_code(module: Module) -> Iterator[str]:
    if not module.in_source or module.room == "vocabulary":
        return
    for node in module.nodes:
        if isinstance(node, ast.Call):
            made = ast.unparse(node.func) in {"Sector", "Quality", "InstitutionCode", "FlowId"}
            if made and node.args and isinstance(node.args[0], ast.Constant):
                yield f"line {node.lineno}: {ast.unparse(node)} belongs in law/ or country/"


def sql_in_its_own_file(module: Module) -> Iterator[str]:
    for string in module.strings:
        long = string.end_lineno != string.lineno or "\n" in literal(string)
        if module.in_source and long and SQL.match(literal(string)):
            yield f"line {string.lineno}: SQL over one line belongs in store.sql"


def columns_are_listed(module: Module) -> Iterator[str]:
    for string in module.strings:
        if module.in_source and STAR.search(literal(string)):
            yield f"line {string.lineno}: list the columns"


def people_in(text: str) -> Iterator[int]:
    """Lines that hold what could be someone's number."""
    for found in ELEVEN.finditer(text):
        try:
            Ssin(re.sub(r"\D", "", found.group()))
        except WrongNumber:
            continue
        yield text.count("\n", 0, found.start()) + 1


def nobody_stands_in_the_code(module: Module) -> Iterator[str]:
    if module.path.parts[0] != "tests":
        for line in people_in(module.text):
            yield f"line {line}: a number that could be someone's"


def a_number() -> str:
    """A number that fits, never written down."""
    head = 850730003
    return f"{head}{97 - head % 97:02d}"


WORDS: Final = (
    Rule(
        name="no name of a country stands in the code",
        check=no_country_in_the_code,
        bad=Sample(text='HUB = "KSZ"\n'),
        good=Sample(text='"""As the KSZ does."""\nHUB = "hub"\n'),
    ),
    Rule(
        name="no code of a country stands in the code",
        check=no_codes_in_the_code,
        bad=Sample(text="INSURERS = Sector(11)\n"),
        good=Sample(text="sector = Sector(row.sector)\n"),
    ),
    Rule(
        name="SQL over one line stands in store.sql",
        check=sql_in_its_own_file,
        bad=Sample(text='Q = """select a\nfrom t"""\n'),
        good=Sample(text='Q = "select a from t"\n'),
    ),
    Rule(
        name="columns are listed",
        check=columns_are_listed,
        bad=Sample(text='Q = "select * from t"\n'),
        good=Sample(text='Q = "select count(*) from t"\n'),
    ),
    Rule(
        name="no number that could be someone's stands in the code",
        check=nobody_stands_in_the_code,
        bad=Sample(text=f'x = "{a_number()}"\n'),
        good=Sample(text='x = "12345678901"\n'),
    ),
)
