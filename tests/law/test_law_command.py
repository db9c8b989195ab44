"""`kruispunt law` answers people and programs, and its exit code says which answer it was."""

import json
import shutil
from pathlib import Path

import pytest

from kruispunt.cli.law import law_app
from kruispunt.vocabulary import data_folder


def run(*tokens: str) -> int:
    code = law_app(list(tokens), result_action="return_value")
    assert isinstance(code, int)
    return code


def why(consumer: str, flow: str, purpose: str, asked_on: str, *more: str) -> int:
    asked = ("--consumer", consumer, "--flow", flow, "--purpose", purpose)
    return run("why", *asked, "--asked-on", asked_on, *more)


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("law"), tmp_path / "law"))


@pytest.mark.parametrize("consumer", ["NIC", "CM", "HRRAIL"])
def test_ex_officio_is_refused_on_the_last_day_of_september_and_granted_the_next(
    consumer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    use = (consumer, "L500", "increased-reimbursement-ex-officio")

    refused = why(*use, "2024-09-30", "--json")
    told = json.loads(capsys.readouterr().out)
    granted = why(*use, "2024-10-01", "--json")
    given = json.loads(capsys.readouterr().out)

    assert (refused, told["decision"], told["reason"]) == (3, "refused", "not-yet-in-force")
    assert (granted, given["decision"], given["reason"]) == (0, "granted", None)
    assert given["clause"] == "05-022.L500.increased-reimbursement-ex-officio"
    assert given["deliberation"] == "05/022"
    assert "§2.2" in given["paragraph"]
    assert given["period"] == {"begin": "2024-10-01", "until": None}


def test_an_insurer_is_decided_at_its_node_and_then_at_the_hub_under_the_nodes_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = why("SOLIDARIS", "employment.consult", "asr-benefits", "2026-03-02", "--json")
    found = json.loads(capsys.readouterr().out)

    assert code == 0
    assert [(hop["seat"], hop["consumer"]) for hop in found["hops"]] == [
        ("NIC", "SOLIDARIS"),
        ("KSZ", "NIC"),
    ]
    assert [len(hop["controls"]) for hop in found["hops"]] == [1, 2]


def test_a_person_reads_paragraph_fields_and_why_others_are_withheld(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert why("CM", "employment.consult", "asr-benefits", "2026-03-02") == 0

    shown = capsys.readouterr().out
    for words in ("granted", "05/022", "§15-20", "node NIC", "hub KSZ", "mean_weekly_hours"):
        assert words in shown
    assert "not to be" in shown
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize(
    ("consumer", "flow", "purpose", "asked_on", "reason"),
    [
        ("RSZ", "L609", "asr-benefits", "2026-03-02", "no-clause"),
        ("HVW", "L609", "asr-benefits", "2026-03-02", "no-clause"),
        ("HRRAIL", "L609", "asr-benefits", "2026-03-02", "no-clause"),
        ("NIC", "L609", "asr-benefits", "2005-09-30", "not-yet-in-force"),
    ],
)
def test_a_refusal_names_its_reason(
    capsys: pytest.CaptureFixture[str],
    consumer: str,
    flow: str,
    purpose: str,
    asked_on: str,
    reason: str,
) -> None:
    assert why(consumer, flow, purpose, asked_on) == 3

    assert f"refused ({reason})" in capsys.readouterr().out


def test_a_clause_that_was_closed_is_no_longer_in_force(
    law: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = law / "deliberations/2005/05-022.toml"
    text = path.read_text(encoding="utf-8")
    closed = "from = 2024-10-01\nuntil = 2025-12-31"
    path.write_text(text.replace("from = 2024-10-01", closed), encoding="utf-8")
    cases = path.with_suffix(".cases.toml")
    cases.write_text(
        cases.read_text(encoding="utf-8").replace("2026-03-02", "2025-12-31"), "utf-8"
    )
    use = ("NIC", "L500", "increased-reimbursement-ex-officio")

    assert why(*use, "2025-12-31", "--folder", str(law)) == 0
    assert why(*use, "2026-01-01", "--folder", str(law)) == 3
    assert "no-longer-in-force" in capsys.readouterr().out


def test_names_that_do_not_exist_are_answered_with_those_that_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert why("NIX", "L610", "curiosity", "2026-03-02") == 2

    told = capsys.readouterr().err
    assert "no institution 'NIX'" in told
    assert "there are: L500, L609, addresses.consult, degressivity.file, dimona.consult" in told
    assert "no purpose 'curiosity'; there are: asr-benefits" in told


def test_check_counts_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--json") == 0
    counts = json.loads(capsys.readouterr().out)
    assert run("check") == 0

    assert (counts["flows"], counts["purposes"], counts["institutions"]) == (17, 4, 82)
    assert counts["digest"] in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "list", "changes"])
def test_a_wrong_law_is_told_line_by_line(
    law: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (law / "purposes.toml").write_text("colour = 1", encoding="utf-8")

    assert run(command, "--folder", str(law)) == 1
    assert "purposes.toml: $: unknown key 'colour'" in capsys.readouterr().err
    assert why("NIC", "L609", "asr-benefits", "2026-03-02", "--folder", str(law)) == 1
    assert run("release", "1.0.0", "--folder", str(law)) == 1


def test_list_shows_every_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert run("list", "--json") == 0
    sights = json.loads(capsys.readouterr().out)

    assert "8 of 13" in shown
    assert {"consumer", "flow", "field", "begin", "controls"} <= sights[0].keys()


def test_changes_run_every_case_and_tell_what_a_release_did_not_know(
    law: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("release", "1.0.0", "--folder", str(law)) == 0
    assert run("release", "1.0.0", "--folder", str(law)) == 2
    capsys.readouterr()
    assert run("changes", "--folder", str(law)) == 0
    assert "nobody sees anything else than at release 1.0.0" in capsys.readouterr().out

    path = law / "deliberations/2005/05-022.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"curatorship", ', ""), encoding="utf-8")
    assert run("changes", "--folder", str(law), "--json") == 1
    found = json.loads(capsys.readouterr().out)

    assert found["since"] == "1.0.0"
    assert found["changes"] == []
    assert list(found["failed"]) == [
        "Employment: exactly the fields that §20 lets the insurer process"
    ]
    assert run("changes", "--folder", str(law)) == 1
    assert "expected withheld" in capsys.readouterr().out


def test_changes_name_who_sees_more(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(law / "released")

    assert run("changes", "--folder", str(law)) == 0
    assert "opened NIC · L609 · asr-benefits 2005-10-01 –" in capsys.readouterr().out
