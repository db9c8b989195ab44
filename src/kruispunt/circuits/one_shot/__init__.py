"""The one-time file (05/022 §7.4, §41-44): who is in it, and what it says."""

from kruispunt.circuits.one_shot.carried import Part, Unreadable, records_of, whole_file
from kruispunt.circuits.one_shot.file import (
    Amount,
    Freeze,
    OneShotFile,
    OneShotRecord,
    Paid,
    bundle,
    frozen_cents,
    integrate,
    select,
)
from kruispunt.circuits.one_shot.shelf import Shelf
from kruispunt.circuits.one_shot.written import WrongFile, euros, read_records, write_records

__all__ = [
    "Amount",
    "Freeze",
    "OneShotFile",
    "OneShotRecord",
    "Paid",
    "Part",
    "Shelf",
    "Unreadable",
    "WrongFile",
    "bundle",
    "euros",
    "frozen_cents",
    "integrate",
    "read_records",
    "records_of",
    "select",
    "whole_file",
    "write_records",
]
