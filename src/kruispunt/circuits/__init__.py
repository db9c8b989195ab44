"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits, letters, one_shot, reimbursement
from kruispunt.circuits.asking import Asking, Later, Network, event_id
from kruispunt.circuits.cases import Cases, case_of
from kruispunt.circuits.desk import Desk
from kruispunt.circuits.executor import Executor, Sender, Sent
from kruispunt.circuits.filed import (
    MOST_CASES,
    MOST_EVENTS,
    CaseStore,
    Change,
    Doing,
    Filed,
    Happened,
    Lane,
    Task,
    Ticket,
    Wanted,
)
from kruispunt.circuits.followers import Followers
from kruispunt.circuits.inbox import Inbox, Mailbox
from kruispunt.circuits.members import FiledMembers
from kruispunt.circuits.memory import MemoryFiledCases
from kruispunt.circuits.sending import Electronic, Member, Members, OnPaper, Requested
from kruispunt.circuits.store import ORDER, FiledCases
from kruispunt.circuits.telling import Telling, Told, Wish, is_asked, quoted, request_of, told
from kruispunt.circuits.unasked import FiledUnasked, Initiatives, MemoryUnasked, Unasked

__all__ = [
    "MOST_CASES",
    "MOST_EVENTS",
    "ORDER",
    "Asking",
    "CaseStore",
    "Cases",
    "Change",
    "Desk",
    "Doing",
    "Electronic",
    "Executor",
    "Filed",
    "FiledCases",
    "FiledMembers",
    "FiledUnasked",
    "Followers",
    "Happened",
    "Inbox",
    "Initiatives",
    "Lane",
    "Later",
    "Mailbox",
    "Member",
    "Members",
    "MemoryFiledCases",
    "MemoryUnasked",
    "Network",
    "OnPaper",
    "Requested",
    "Sender",
    "Sent",
    "Task",
    "Telling",
    "Ticket",
    "Told",
    "Unasked",
    "Wanted",
    "Wish",
    "benefits",
    "case_of",
    "event_id",
    "is_asked",
    "letters",
    "one_shot",
    "quoted",
    "reimbursement",
    "request_of",
    "told",
]
