"""The waist: every personal datum passes here, decided, recorded, asked for and minimised."""

from kruispunt.exchange.arrived import (
    Answered,
    Arrived,
    Batch,
    Content,
    Counted,
    Failed,
    Late,
    Listed,
    Requested,
)
from kruispunt.exchange.batches import Batches
from kruispunt.exchange.carry import Carrier
from kruispunt.exchange.claims import Claims
from kruispunt.exchange.desk import Desk
from kruispunt.exchange.fan import Fan
from kruispunt.exchange.file_order import BadLine, FileLine, FileMark, FileTold, Order
from kruispunt.exchange.files import MemoryFiles, SeatFiles, what_was_made
from kruispunt.exchange.hub import Directory, Hub, Identity, Laws, Sources
from kruispunt.exchange.integration import Files, Integrated, Integration
from kruispunt.exchange.keep import keep, keep_sheets
from kruispunt.exchange.laws import KeptLaws
from kruispunt.exchange.ledger import Earlier, Ledger, PostgresLedger, Trail, commit_order
from kruispunt.exchange.memory import MemoryLedger
from kruispunt.exchange.memory_requests import MemoryCommit, MemoryRequests
from kruispunt.exchange.memory_spent import MemorySpent
from kruispunt.exchange.once import Once
from kruispunt.exchange.onward import EVER, Above
from kruispunt.exchange.outgoing import Outgoing
from kruispunt.exchange.owed import Owing
from kruispunt.exchange.part import PART, Told
from kruispunt.exchange.post import Post, post_order
from kruispunt.exchange.reading import Asking, Page, TrailReading
from kruispunt.exchange.relay import Relay
from kruispunt.exchange.request import Envelopes, Mailboxes, Request, Requests, Waits
from kruispunt.exchange.requests import PostgresRequests
from kruispunt.exchange.search import check_search
from kruispunt.exchange.spent import FileSoFar, PostgresSpent, Spent
from kruispunt.exchange.suppliers import Suppliers
from kruispunt.exchange.taking import FileTaking
from kruispunt.exchange.ticket import new_ticket
from kruispunt.exchange.unseen import Kept, hidden_by, kept_by

__all__ = [
    "EVER",
    "PART",
    "Above",
    "Answered",
    "Arrived",
    "Asking",
    "BadLine",
    "Batch",
    "Batches",
    "Carrier",
    "Claims",
    "Content",
    "Counted",
    "Desk",
    "Directory",
    "Earlier",
    "Envelopes",
    "Failed",
    "Fan",
    "FileLine",
    "FileMark",
    "FileSoFar",
    "FileTaking",
    "FileTold",
    "Files",
    "Hub",
    "Identity",
    "Integrated",
    "Integration",
    "Kept",
    "KeptLaws",
    "Late",
    "Laws",
    "Ledger",
    "Listed",
    "Mailboxes",
    "MemoryCommit",
    "MemoryFiles",
    "MemoryLedger",
    "MemoryRequests",
    "MemorySpent",
    "Once",
    "Order",
    "Outgoing",
    "Owing",
    "Page",
    "Post",
    "PostgresLedger",
    "PostgresRequests",
    "PostgresSpent",
    "Relay",
    "Request",
    "Requested",
    "Requests",
    "SeatFiles",
    "Sources",
    "Spent",
    "Suppliers",
    "Told",
    "Trail",
    "TrailReading",
    "Waits",
    "check_search",
    "commit_order",
    "hidden_by",
    "keep",
    "keep_sheets",
    "kept_by",
    "new_ticket",
    "post_order",
    "what_was_made",
]
