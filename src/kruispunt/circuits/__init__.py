"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits
from kruispunt.circuits.cases import Cases, case_of
from kruispunt.circuits.desk import Desk
from kruispunt.circuits.filed import (
    MOST_CASES,
    MOST_EVENTS,
    CaseStore,
    Change,
    Doing,
    Filed,
    Happened,
    Task,
    Ticket,
    Wanted,
)
from kruispunt.circuits.followers import Followers
from kruispunt.circuits.memory import MemoryFiledCases
from kruispunt.circuits.store import ORDER, FiledCases
from kruispunt.circuits.telling import Telling, Told, Wish, is_asked, quoted, request_of, told

__all__ = [
    "MOST_CASES",
    "MOST_EVENTS",
    "ORDER",
    "CaseStore",
    "Cases",
    "Change",
    "Desk",
    "Doing",
    "Filed",
    "FiledCases",
    "Followers",
    "Happened",
    "MemoryFiledCases",
    "Task",
    "Telling",
    "Ticket",
    "Told",
    "Wanted",
    "Wish",
    "benefits",
    "case_of",
    "is_asked",
    "quoted",
    "request_of",
    "told",
]
