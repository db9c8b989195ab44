"""The one-time file (05/022 §7.4, §41-44): who is in it, what it says, how it is carried."""

from kruispunt.circuits.one_shot.carried import Part, Unreadable, records_of, whole_file
from kruispunt.circuits.one_shot.file import (
    Amount,
    OneShotRecord,
    Paid,
    days_of_freeze,
    integrate,
    select,
)
from kruispunt.circuits.one_shot.listed import LISTED, paid_of
from kruispunt.circuits.one_shot.shelf import Shelf, keep_file
from kruispunt.circuits.one_shot.written import WrongFile, euros, read_records, write_records

__all__ = [
    "LISTED",
    "Amount",
    "OneShotRecord",
    "Paid",
    "Part",
    "Shelf",
    "Unreadable",
    "WrongFile",
    "days_of_freeze",
    "euros",
    "integrate",
    "keep_file",
    "paid_of",
    "read_records",
    "records_of",
    "select",
    "whole_file",
    "write_records",
]
