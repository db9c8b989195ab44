"""The map of a deliberation is read as strictly as the law, and what it marks is marked there."""

import shutil
from pathlib import Path

import pytest

from kruispunt.cli.generate import generate_app
from kruispunt.law import LawWrong, read_lawbook, read_rules
from kruispunt.vocabulary import InstitutionCode, SourceId, data_folder

MAP = "rules/05-022.toml"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path / "law"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[rules]]\n", '[[rules]]\ncolour = "red"\n', "Object contains unknown field `colour`"),
        ('paragraphs = ["2.1"]', 'paragraphs = ["2.9"]', "no paragraph '2.9'"),
        ("[[rules]]", "[[rules", f"{MAP}: $: "),
    ],
)
def test_a_fault_of_the_map_is_told(law: Path, old: str, new: str, told: str) -> None:
    text = (law / MAP).read_text(encoding="utf-8")
    (law / MAP).write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(LawWrong, match=MAP) as wrong:
        read_rules(law)

    assert told in str(wrong.value)


def test_r_owner_of_the_routing_data_is_assumed_and_marked() -> None:
    """05/022 §21-24: the text does not say who manages the RoutingModule."""
    readme = (data_folder("law") / "README.md").read_text(encoding="utf-8")

    assert read_lawbook().sources[SourceId("RSZ_ROUTING")].owner == InstitutionCode("RSZ")
    assert "| `RSZ_ROUTING.toml` | owner RSZ" in readme


def test_the_page_of_a_map_is_written_by_command(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text("def test_vt_1_anybody() -> None: ...\n", encoding="utf-8")

    code = generate_app(
        ["paragraphs", "--tests", str(tests), "--into", str(tmp_path / "pages")],
        result_action="return_value",
    )

    page = (tmp_path / "pages/05-022.md").read_text(encoding="utf-8")
    assert code == 0
    assert "[`test_vt_1_anybody`](../../tests/test_a.py)" in page
    assert "| `VT-2` | §2.2 |" in page
    assert page.count("not yet") == len(read_rules()[0].rules) - 1
