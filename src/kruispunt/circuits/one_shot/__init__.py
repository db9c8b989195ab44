"""The one-time file (05/022 §7.4, §41-44): who is in it, what it says, who gets it."""

from kruispunt.circuits.one_shot.carried import Part, Unreadable, records_of, whole_file
from kruispunt.circuits.one_shot.delivery import (
    AlreadySent,
    Delivery,
    Hop,
    Kept,
    PersonLook,
    Sent,
    Withholding,
    deliver,
    integrate,
    last_looks,
    looks,
    send_once,
)
from kruispunt.circuits.one_shot.file import (
    Amount,
    Freeze,
    OneShotFile,
    OneShotRecord,
    Paid,
    bundle,
    frozen_cents,
    select,
)
from kruispunt.circuits.one_shot.shelf import Shelf
from kruispunt.circuits.one_shot.written import WrongFile, read_records, write_records

__all__ = [
    "AlreadySent",
    "Amount",
    "Delivery",
    "Freeze",
    "Hop",
    "Kept",
    "OneShotFile",
    "OneShotRecord",
    "Paid",
    "Part",
    "PersonLook",
    "Sent",
    "Shelf",
    "Unreadable",
    "Withholding",
    "WrongFile",
    "bundle",
    "deliver",
    "frozen_cents",
    "integrate",
    "last_looks",
    "looks",
    "read_records",
    "records_of",
    "select",
    "send_once",
    "whole_file",
    "write_records",
]
