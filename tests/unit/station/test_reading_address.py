"""The address under which an institution's tables are read."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kruispunt.station.open import reading_dsn
from kruispunt.station.settings import Tables

TABLES = Tables(
    reader_dsn_file=Path("reader.dsn"),
    log_dsn_file=Path("log.dsn"),
    statement_timeout_ms=2000,
    connections=4,
)


def said(dsn: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(reading_dsn(dsn, TABLES)).query)


def test_a_reader_only_reads_ends_in_time_and_plans_a_select_once():
    assert said("postgresql://reader@/farm") == {
        "default_transaction_read_only": ["on"],
        "statement_timeout": ["2000"],
        "plan_cache_mode": ["force_generic_plan"],
        "enable_seqscan": ["off"],
    }


def test_what_an_address_says_of_plans_stands_and_what_it_says_of_writing_does_not():
    dsn = "postgresql://reader@/farm?plan_cache_mode=auto&default_transaction_read_only=off"

    found = said(dsn)

    assert found["plan_cache_mode"] == ["auto"]
    assert found["default_transaction_read_only"][-1] == "on"
