"""Figures are kept under the machine they were measured on, and samples under their stage."""

from pathlib import Path

from bench.page import KEPT, ROWS, Figure, record, text
from bench.stages import LOOP, stage_of


def figures(*, machine: str, commit: str) -> dict[str, Figure]:
    return {
        **dict.fromkeys(ROWS, 1.0),
        "machine": machine,
        "commit": commit,
        "runs": 3,
        "people": 20_000,
    }


def test_a_row_stands_under_the_heading_of_its_machine(tmp_path: Path):
    page = tmp_path / "performance.md"

    record(figures(machine="two cores", commit="aaa"), day="2031-01-01", path=page)
    record(figures(machine="four cores", commit="bbb"), day="2031-01-02", path=page)
    record(figures(machine="two cores", commit="ccc"), day="2031-01-03", path=page)

    two, four = page.read_text("utf-8").split("## ")[1:]
    assert [line.split(" | ")[1] for line in two.splitlines()[4:] if line] == ["aaa", "ccc"]
    assert [line.split(" | ")[1] for line in four.splitlines()[4:] if line] == ["bbb"]


def test_every_row_has_a_cell_for_every_column(tmp_path: Path):
    page = tmp_path / "performance.md"

    record(figures(machine="two cores", commit="aaa"), day="2031-01-01", path=page)

    table = [line for line in page.read_text("utf-8").splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {len(KEPT) + 5}


def test_every_figure_that_is_kept_is_also_told():
    assert [name for name in KEPT if name not in ROWS] == []


def test_what_was_not_measured_is_told_as_such():
    assert text(None) == "–"
    assert text(1234.5) == "1\u202f234.5"


def test_a_sample_belongs_to_the_stage_nearest_to_the_work():
    stack = (
        "/site/nacl/bindings/crypto_sign.py:crypto_sign_open",
        "/src/kruispunt/web/keys.py:verify",
        "/src/kruispunt/web/signatures.py:verify_reply",
        "/src/kruispunt/sources/stations.py:_prove",
        "/src/kruispunt/exchange/hub.py:_ask",
    )

    assert stage_of(stack) == "check the reply's signature"
    assert stage_of(stack[3:]) == "call and read the source"


def test_a_sample_of_no_stage_belongs_to_the_event_loop():
    assert stage_of(("/lib/asyncio/runners.py:run",)) == LOOP
