"""A law with a fault stops, and says in which file and where."""

import shutil
from pathlib import Path

import pytest
from tests.law.wrong_laws import (
    CASES,
    DELIBERATION,
    EMPLOYMENT,
    FAULTS,
    INSTITUTIONS,
    L609,
    PURPOSES,
    QUALITIES,
)

from kruispunt.law import LawWrong, last_release, read_law, write_release
from kruispunt.vocabulary import data_folder


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path / "law"))


def mend(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(law: Path) -> list[str]:
    with pytest.raises(LawWrong) as wrong:
        read_law(law)
    return [str(fault) for fault in wrong.value.faults]


@pytest.mark.parametrize(("file", "old", "new", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_file_and_place(
    law: Path, file: str, old: str, new: str, told: str
) -> None:
    mend(law / file, old, new)

    found = faults(law)

    assert [line for line in found if line.startswith(told)], found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("purposes = 1", "$.purposes: expected a list of tables"),
        ("purposes = [1]", "$.purposes[0]: Expected `object`, got `int`"),
    ],
)
def test_a_list_of_tables_is_a_list_of_tables(law: Path, text: str, told: str) -> None:
    (law / PURPOSES).write_text(text, encoding="utf-8")

    assert f"{PURPOSES}: {told}" in faults(law)


def test_all_faults_are_told_at_once(law: Path) -> None:
    mend(law / L609, 'supplier = "KSZ"', 'supplier = "KSX"')
    mend(law / PURPOSES, "[[purposes]]", "[[purposes")
    mend(law / EMPLOYMENT, 'sensitivity = "none"\n', "")

    files = {line.split(":")[0] for line in faults(law)}

    assert {L609, PURPOSES, EMPLOYMENT} <= files


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (EMPLOYMENT, 'sensitivity = "none"\n', ""),
        (PURPOSES, "[[purposes]]", "[[purposes"),
        (L609, 'source = "KSZ_REFDIR"', ""),
        (L609, "[limits]", "[limits"),
        (INSTITUTIONS, ",primary,", ",tertiary,"),
    ],
)
def test_naming_what_could_not_be_read_is_no_second_fault(
    law: Path, file: str, old: str, new: str
) -> None:
    mend(law / file, old, new)

    assert [line.split(":")[0] for line in faults(law)] == [file]


@pytest.mark.parametrize(("expect", "word"), [("grant", "refuses"), ("no-file", "grants")])
def test_a_clause_needs_a_case_each_way(law: Path, expect: str, word: str) -> None:
    (law / CASES).write_text(
        '[[cases]]\nname = "one"\nclause = "05-022.L609.asr-benefits"\nasked_on = 2026-01-01\n'
        f'about = {{ from = 2025-01-01 }}\nexpect = "{expect}"\n',
        encoding="utf-8",
    )

    told = f"{DELIBERATION}: $.clauses[0]: '05-022.L609.asr-benefits' has no case that {word}"
    assert [line for line in faults(law) if line.startswith(told)]


def test_a_case_belongs_beside_its_deliberation(law: Path) -> None:
    text = (law / CASES).read_text(encoding="utf-8")
    (law / CASES).rename(law / "deliberations/2005/05-099.cases.toml")

    assert f"belongs in {CASES}" in faults(law)[0]
    assert text


def test_a_file_that_is_missing_is_told(law: Path) -> None:
    (law / PURPOSES).unlink()
    (law / QUALITIES).unlink()

    told = faults(law)

    assert f"{PURPOSES}: $: No such file or directory" in told
    assert f"{QUALITIES}: $: No such file or directory" in told


def test_a_law_without_institutions_is_told(law: Path) -> None:
    (law / INSTITUTIONS).write_bytes(b"\xff")

    assert [line for line in faults(law) if line.startswith(f"{INSTITUTIONS}: $: ")]


def test_a_clause_may_follow_on_a_closed_one(law: Path) -> None:
    text = (law / DELIBERATION).read_text(encoding="utf-8")
    first, ident = "[[clauses]]", '"05-022.L609.asr-benefits"'
    head, old, *others = text.split(first)
    new = old.replace(ident, '"05-022.L609.asr-benefits.2"')
    old = old.replace("from = 2005-10-01", "until = 2019-12-31\nfrom = 2005-10-01")
    new = new.replace("from = 2005-10-01", "from = 2020-01-01")
    (law / DELIBERATION).write_text(first.join([head, old, new, *others]), encoding="utf-8")

    told = faults(law)

    assert all("has no case that" in line for line in told)


def test_a_release_is_written_once_and_found_again(law: Path) -> None:
    lawbook = read_law(law).lawbook
    write_release(lawbook, "0.10.0", law)
    write_release(lawbook, "0.9.0", law)

    assert last_release(law).version == "0.10.0"
    assert last_release(law).lawbook == lawbook.digest
    for version in ("0.9.0", "nine"):
        with pytest.raises(ValueError, match="version"):
            write_release(lawbook, version, law)


def test_before_the_first_release_nobody_sees_anything(law: Path) -> None:
    shutil.rmtree(law / "released")

    assert last_release(law).sights == ()


def test_a_release_that_cannot_be_read_is_told(law: Path) -> None:
    (law / "released" / "9.9.9.json").write_text("{", encoding="utf-8")

    with pytest.raises(LawWrong, match=r"released/9\.9\.9\.json"):
        last_release(law)
