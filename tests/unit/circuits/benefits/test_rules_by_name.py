"""Every rule of the circuit stands by its name in the code, with its paragraph, and has a test."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[4]
CODE: Final = ROOT / "src/kruispunt/circuits/benefits"
TESTS: Final = Path(__file__).parent

RULES: Final = (
    "P-CASE", "P-GROUND", "P-L500-FIELDS", "P-PURPOSE", "P-WHO", "R-ART9", "R-ART9-BASIS",
    "R-CHANNEL", "R-CHANNEL-CONFLICT", "R-CONTACT", "R-CONTACT-ONLY", "R-COUNT", "R-CURATOR",
    "R-DEST", "R-DIMONA", "R-DIRECT-L500", "R-ELEC", "R-EMPLOYMENT", "R-ENRICH", "R-FREE-CHANNEL",
    "R-GATE", "R-GENERIC", "R-HOLDER-SHEET", "R-JC", "R-L500", "R-L609", "R-L609-BLOCK",
    "R-L609-PARAM", "R-L609-SHAPE", "R-MANDATE", "R-MINI", "R-MINI-DMFA", "R-PAPER",
    "R-PAPER-FALLBACK", "R-QS", "R-REQUEST-FIRST", "R-ROUTE", "R-ROUTE-DATA", "R-ROUTE-DEST",
    "R-SCOPE", "R-SPONTANEOUS", "R-UAM",
)  # fmt: skip
NON_GENERIC: Final = ("NG1", "NG2", "NG3", "NG4", "NG5")


def prose() -> str:
    """Docstrings and comments of the circuit."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(CODE.glob("*.py")))


def said_by_tests() -> dict[str, str]:
    """The tests of the circuit, with what they say they are about."""
    found: dict[str, str] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = ast.get_docstring(node) or ""
    return found


def named(rule: str, text: str) -> bool:
    return re.search(rf"(?<![A-Z0-9-]){rule}(?![A-Z0-9-])", text) is not None


@pytest.mark.parametrize("rule", [*RULES, *NON_GENERIC])
def test_the_code_names_the_rule(rule: str) -> None:
    assert named(rule, prose())


@pytest.mark.parametrize("rule", RULES)
def test_a_test_is_named_for_the_rule_and_cites_its_paragraph(rule: str) -> None:
    name = f"test_{rule.lower().replace('-', '_')}_"
    found = [
        words
        for test, words in said_by_tests().items()
        if named(rule, words) and "§" in words and test.startswith(name)
    ]

    assert found


@pytest.mark.parametrize("rule", NON_GENERIC)
def test_each_non_generic_case_has_a_test(rule: str) -> None:
    assert any(named(rule, words) and "§23" in words for words in said_by_tests().values())
