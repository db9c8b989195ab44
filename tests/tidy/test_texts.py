"""The texts beside the code keep the rules: SQL, documents, law, requirements."""

import re
from collections.abc import Iterator

from tests.tidy.house import texts
from tests.tidy.words import OUR_MACHINE, STAR, a_number, people_in

ELSEWHERE = re.compile(r"\b(DESIGN|STYLE|STACK|PEERS)\b(?!-)")
HOSTS = re.compile(r"https?://[^\s/]*(pypi|pythonhosted|npmjs|proxy)", re.IGNORECASE)


def people(documents: Iterator[tuple[str, str]]) -> list[str]:
    return [f"{path}:{line}" for path, text in documents for line in people_in(text)]


def matching(pattern: re.Pattern[str], documents: Iterator[tuple[str, str]]) -> list[str]:
    return [path for path, text in documents if pattern.search(text)]


def outside_tests() -> Iterator[tuple[str, str]]:
    return ((path, text) for path, text in texts() if not path.startswith("tests/"))


def test_nobodys_number_is_written_down_outside_the_tests() -> None:
    assert people(outside_tests()) == []


def test_a_number_that_is_written_down_is_seen() -> None:
    digits = a_number()
    spaced = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"

    assert people(iter([("a.md", f"he is {digits}\nor {spaced}")])) == ["a.md:1", "a.md:2"]


def test_every_query_lists_its_columns() -> None:
    queries = ((path, text) for path, text in outside_tests() if path.endswith(".sql"))

    assert matching(STAR, queries) == []


def test_a_star_in_a_query_is_seen() -> None:
    assert matching(STAR, iter([("a.sql", "SELECT DISTINCT line.* FROM line")])) == ["a.sql"]


def test_no_text_knows_the_machine_on_which_it_was_written() -> None:
    assert matching(OUR_MACHINE, texts()) == []
    assert matching(OUR_MACHINE, iter([("a.md", "see /ho" + "me/someone")])) == ["a.md"]


def test_no_text_names_the_host_of_a_registry() -> None:
    assert matching(HOSTS, texts()) == []
    assert matching(HOSTS, iter([("a.lock", "--index-url https://py" + "pi.org")])) == ["a.lock"]


def test_no_text_points_at_a_text_that_is_not_here() -> None:
    assert matching(ELSEWHERE, outside_tests()) == []
    assert matching(ELSEWHERE, iter([("a.py", "# as DESIGN section 5 says")])) == ["a.py"]
