"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits, one_shot, reimbursement
from kruispunt.circuits.answers import (
    MOST_ANSWERS,
    Answers,
    FiledAnswers,
    Kept,
    ends_page,
    read_content,
)
from kruispunt.circuits.asking import Asking, Later, Network, event_id
from kruispunt.circuits.cases import Cases, case_of
from kruispunt.circuits.circuit import (
    Action,
    Circuit,
    Event,
    Heading,
    Opening,
    RulesOn,
    State,
    Task,
    Wish,
)
from kruispunt.circuits.declared_risk import is_asked, request_of
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
    Ticket,
    Wanted,
)
from kruispunt.circuits.followers import Followers
from kruispunt.circuits.inbox import Inbox, Mailbox
from kruispunt.circuits.kinds import CIRCUITS, replay
from kruispunt.circuits.looks import Looks
from kruispunt.circuits.members import FiledMembers
from kruispunt.circuits.memory import MemoryAnswers, MemoryFiledCases
from kruispunt.circuits.sending import (
    Addressee,
    Electronic,
    Member,
    Members,
    OnPaper,
    Printer,
    Requested,
)
from kruispunt.circuits.store import ORDER, FiledCases
from kruispunt.circuits.telling import Telling, Told, quoted, told
from kruispunt.circuits.unasked import FiledUnasked, Initiatives, MemoryUnasked, Unasked

__all__ = [
    "CIRCUITS",
    "MOST_ANSWERS",
    "MOST_CASES",
    "MOST_EVENTS",
    "ORDER",
    "Action",
    "Addressee",
    "Answers",
    "Asking",
    "CaseStore",
    "Cases",
    "Change",
    "Circuit",
    "Desk",
    "Doing",
    "Electronic",
    "Event",
    "Executor",
    "Filed",
    "FiledAnswers",
    "FiledCases",
    "FiledMembers",
    "FiledUnasked",
    "Followers",
    "Happened",
    "Heading",
    "Inbox",
    "Initiatives",
    "Kept",
    "Lane",
    "Later",
    "Looks",
    "Mailbox",
    "Member",
    "Members",
    "MemoryAnswers",
    "MemoryFiledCases",
    "MemoryUnasked",
    "Network",
    "OnPaper",
    "Opening",
    "Printer",
    "Requested",
    "RulesOn",
    "Sender",
    "Sent",
    "State",
    "Task",
    "Telling",
    "Ticket",
    "Told",
    "Unasked",
    "Wanted",
    "Wish",
    "benefits",
    "case_of",
    "ends_page",
    "event_id",
    "is_asked",
    "one_shot",
    "quoted",
    "read_content",
    "reimbursement",
    "replay",
    "request_of",
    "told",
]
