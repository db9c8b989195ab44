"""The law that runs: its types, its reader, the lawbook, and what each seat decides by it."""

from kruispunt.law.build import NOT_NAMED
from kruispunt.law.case import Case, CaseLine
from kruispunt.law.effect import Change, Sight, Turn, compare, control_code, sights
from kruispunt.law.faults import Fault, LawWrong
from kruispunt.law.keep import find_lawbook, keep_lawbook
from kruispunt.law.lawbook import Jurisdiction, Lawbook
from kruispunt.law.reader import Law, read_law, read_lawbook
from kruispunt.law.release import Release, last_release, write_release
from kruispunt.law.types import (
    Check,
    Clause,
    Control,
    Deliberation,
    Field,
    Flow,
    Institution,
    Limits,
    NetworkKind,
    PeriodRule,
    Purpose,
    QualityName,
    SectorName,
    Sensitivity,
    Side,
    Source,
    Supply,
    Terms,
    ValueType,
)

__all__ = [
    "NOT_NAMED",
    "Case",
    "CaseLine",
    "Change",
    "Check",
    "Clause",
    "Control",
    "Deliberation",
    "Fault",
    "Field",
    "Flow",
    "Institution",
    "Jurisdiction",
    "Law",
    "LawWrong",
    "Lawbook",
    "Limits",
    "NetworkKind",
    "PeriodRule",
    "Purpose",
    "QualityName",
    "Release",
    "SectorName",
    "Sensitivity",
    "Side",
    "Sight",
    "Source",
    "Supply",
    "Terms",
    "Turn",
    "ValueType",
    "compare",
    "control_code",
    "find_lawbook",
    "keep_lawbook",
    "last_release",
    "read_law",
    "read_lawbook",
    "sights",
    "write_release",
]
