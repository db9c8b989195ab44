"""The one file that puts a source on the network: who we are, where our tables are, which SQL."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import msgspec

from kruispunt.station.sql import faults
from kruispunt.vocabulary import UNREADABLE, FlowId, InstitutionCode

Text = Annotated[str, msgspec.Meta(min_length=1)]
MAX_ROWS: Final = 10_000


class StationFileWrong(Exception):
    """The file of a station can't be used: one line per fault, each with file and path."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A flow that this station answers, and the select that answers it."""

    flow: FlowId
    sql: str
    max_rows: int
    begin_detail: str = ""
    """The detail of a request whose day stands for `:begin`; without it, the period's begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """How to reach the institution's own tables, and the station's log.

    Both files hold one address (`postgresql://…`). The reader's role may change no table at all,
    and its connections are read-only with a statement time-out besides; the log's role owns the
    schema `station`.
    """

    reader_dsn_file: Path
    log_dsn_file: Path
    statement_timeout_ms: int
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSettings:
    """A station as its file describes it. `url` is the address that the hub calls."""

    file: Path
    institution: InstitutionCode
    hub: InstitutionCode
    url: str
    key_file: Path
    ring_file: Path
    tables: Tables
    flows: Mapping[FlowId, Asked]
    files: Mapping[FlowId, str] = field(default_factory=dict[FlowId, str])
    """The select of each file that is sent unasked: about everyone who may be in it."""


class _Flow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A flow that the station answers."""

    sql: Text
    """The select, with :ssin, :begin and :end (the first day after the period, null: open)."""

    max_rows: Annotated[int, msgspec.Meta(ge=1, le=MAX_ROWS)] = 200
    """More rows than this are no answer but a fault."""

    begin_detail: str = ""
    """The detail of a request whose day is :begin where it has one; empty: the period's begin."""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that the institution sends unasked."""

    sql: Text
    """The select of everyone who may be in it, with :begin and :end (the day after the last)."""


class _Database(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The institution's own PostgreSQL."""

    reader_dsn_file: Text
    """File with the address for a role that can only read the tables."""

    log_dsn_file: Text
    """File with the address for the role that owns the station's log."""

    statement_timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 2_000
    """A select that takes longer is ended by the server."""

    connections: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    """Connections on which selects run."""


class _Station(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    institution: str = ""
    """Code of the institution whose station it is; empty: told by whoever starts it."""

    hub: Text
    """Code of the hub, or of the node: only its questions are answered."""

    url: str = ""
    """Public address that the hub signs its questions for; empty: where the station listens."""

    key_file: Text
    """The station's private key."""

    ring_file: Text
    """Public keys, among them the hub's; read again when it changes."""

    database: _Database
    """Where the tables and the log stand."""

    flows: Annotated[dict[Text, _Flow], msgspec.Meta(min_length=1)]
    """What is answered, by flow."""

    files: dict[Text, _File] = {}
    """What is sent unasked, by flow."""


def read_station(
    file: Path, *, state: Path | None = None, institution: str = ""
) -> StationSettings:
    """Read and check the file. Relative paths in it start at `state`, or else beside the file.

    `institution`: whose it is, for a file that several institutions have alike.

    Raises:
        StationFileWrong: the file is missing, is no TOML, or says something that can't be.
    """
    read = _parse(file)
    wrong = [f"{file}: {fault}" for fault in _wrong_sql(read)]
    if wrong:
        raise StationFileWrong(wrong)
    code = read.institution or institution
    if not code or institution not in ("", code):
        fault = f"$.institution: expected {institution or 'a code'}, found {code or 'none'}"
        raise StationFileWrong([f"{file}: {fault}"])
    return _settings(file, read, code=InstitutionCode(code), folder=state or file.parent)


def _parse(file: Path) -> _Station:
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), _Station)
    except msgspec.ValidationError as wrong:
        message, _, path = str(wrong).partition(" - at ")
        raise StationFileWrong([f"{file}: {path.strip('`') or '$'}: {message}"]) from None
    except (OSError, *UNREADABLE) as wrong:
        raise StationFileWrong([f"{file}: {wrong}"]) from None


def _wrong_sql(read: _Station) -> Iterator[str]:
    for flow, asked in read.flows.items():
        for fault in faults(asked.sql):
            yield f'$.flows."{flow}".sql: {fault}'
    for flow, sent in read.files.items():
        for fault in faults(sent.sql, lists=True):
            yield f'$.files."{flow}".sql: {fault}'


def _settings(
    file: Path, read: _Station, *, code: InstitutionCode, folder: Path
) -> StationSettings:
    database = read.database
    return StationSettings(
        file=file,
        institution=code,
        hub=InstitutionCode(read.hub),
        url=read.url.rstrip("/"),
        key_file=folder / read.key_file,
        ring_file=folder / read.ring_file,
        tables=Tables(
            reader_dsn_file=folder / database.reader_dsn_file,
            log_dsn_file=folder / database.log_dsn_file,
            statement_timeout_ms=database.statement_timeout_ms,
            connections=database.connections,
        ),
        flows={
            FlowId(flow): Asked(
                flow=FlowId(flow),
                sql=asked.sql,
                max_rows=asked.max_rows,
                begin_detail=asked.begin_detail,
            )
            for flow, asked in read.flows.items()
        },
        files={FlowId(flow): sent.sql for flow, sent in read.files.items()},
    )
