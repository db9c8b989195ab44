"""Figures are kept under the machine they were measured on, and samples under their stage."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

from bench import page, record
from bench.figures import Figure
from bench.limits import CROSSING, judged
from bench.stages import LOOP, stage_of

PART = "One crossing"


def figures(*, machine: str = "two cores", commit: str = "aaa") -> dict[str, Figure]:
    return {
        **dict.fromkeys(page.CROSSING, 1.0),
        "machine": machine,
        "commit": commit,
        "runs": 3,
        "people": 20_000,
        "hub_processes": 1,
    }


def a_page(folder: Path) -> Path:
    path = folder / "performance.md"
    path.write_text("# Performance\n\n## Limits\n\nText.\n", "utf-8")
    return path


def test_a_row_stands_under_the_heading_of_its_machine(tmp_path: Path):
    path = a_page(tmp_path)

    for machine, commit in (("two cores", "aaa"), ("four cores", "bbb"), ("two cores", "ccc")):
        found = figures(machine=machine, commit=commit)
        record.record(PART, record.CROSSING, found, day="2031-01-01", path=path)

    limits, two, four = path.read_text("utf-8").split("## ")[1:]
    assert limits == "Limits\n\nText.\n\n"
    assert [line.split(" | ")[1] for line in two.splitlines()[4:] if line] == ["aaa", "ccc"]
    assert [line.split(" | ")[1] for line in four.splitlines()[4:] if line] == ["bbb"]


def test_every_row_has_a_cell_for_every_column(tmp_path: Path):
    path = a_page(tmp_path)

    record.record(PART, record.CROSSING, figures(), day="2031-01-01", path=path)

    table = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {len(record.CROSSING) + 3}


def test_a_row_with_other_columns_begins_a_table_of_its_own(tmp_path: Path):
    path = a_page(tmp_path)
    for columns in (("hub_cpu_us",), ("hub_cpu_us", "per_second"), ("hub_cpu_us", "per_second")):
        record.record(PART, columns, figures(), day="2031-01-01", path=path)

    lines = path.read_text("utf-8").splitlines()

    assert [line for line in lines if line.startswith("| day |")] == [
        "| day | commit | hub_cpu_us |",
        "| day | commit | hub_cpu_us | per_second |",
    ]
    assert [line.count("|") for line in lines if line.startswith("| 2031")] == [4, 5, 5]


def test_every_figure_that_is_kept_is_also_told():
    assert [n for n in record.CROSSING if n not in page.CROSSING] == [
        "runs",
        "people",
        "hub_processes",
    ]


def test_what_was_not_measured_is_told_as_such():
    assert page.text(None) == "–"
    assert page.text(1234.5) == "1\u202f234.5"


def test_json_holds_every_figure_and_every_limit():
    found = figures() | {"steady_650_p50_ms": None}
    told = io.StringIO()

    with redirect_stdout(told):
        page.print_json(found, judged(CROSSING, found), {"per_second": 0.1})

    read = json.loads(told.getvalue())
    assert read["per_second"] == 1.0
    assert read["spread"] == {"per_second": 0.1}
    assert read["limits"]["hub_cpu_us"] == {"is": 1.0, "limit": 500, "holds": True}
    assert read["limits"]["steady_650_p50_ms"] == {"is": None, "limit": 7.0, "holds": False}


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
