"""The waist: every personal datum passes here, decided, recorded, asked for and minimised."""

from kruispunt.exchange.carry import Carrier
from kruispunt.exchange.claims import Claims
from kruispunt.exchange.hub import Directory, Hub, Identity, Laws, Sources
from kruispunt.exchange.keep import keep
from kruispunt.exchange.laws import KeptLaws
from kruispunt.exchange.ledger import Earlier, Ledger, PostgresLedger, Trail, commit_order
from kruispunt.exchange.memory import MemoryLedger
from kruispunt.exchange.once import Once
from kruispunt.exchange.part import PART, Told
from kruispunt.exchange.reading import Asking, Page, TrailReading
from kruispunt.exchange.suppliers import Suppliers
from kruispunt.exchange.ticket import new_ticket
from kruispunt.exchange.unseen import Kept, hidden_by, kept_by

__all__ = [
    "PART",
    "Asking",
    "Carrier",
    "Claims",
    "Directory",
    "Earlier",
    "Hub",
    "Identity",
    "Kept",
    "KeptLaws",
    "Laws",
    "Ledger",
    "MemoryLedger",
    "Once",
    "Page",
    "PostgresLedger",
    "Sources",
    "Suppliers",
    "Told",
    "Trail",
    "TrailReading",
    "commit_order",
    "hidden_by",
    "keep",
    "kept_by",
    "new_ticket",
]
