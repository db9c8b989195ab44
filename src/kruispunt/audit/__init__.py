"""The trail: encoding, append, find, blind and read; every look is written down here."""

from kruispunt.audit.alike import Alike
from kruispunt.audit.blinding import MonthKey, Tampered, blind, leaf_of, month_of
from kruispunt.audit.change import (
    Change,
    LoadedFile,
    Made,
    Part,
    change_seen_by_officer,
    change_seen_by_person,
    decode_change,
    encode_change,
    write_change,
)
from kruispunt.audit.encoding import (
    decode_entry,
    decode_outcome,
    encode_entry,
    encode_outcome,
)
from kruispunt.audit.fault import Fault, Verified, Wrong
from kruispunt.audit.form import CHANGE, DECISION, OUTCOME, READING, WrongForm
from kruispunt.audit.heads import Heads, Signer
from kruispunt.audit.keys import (
    MasterKey,
    MasterKeyWrong,
    MonthKeys,
    Shredded,
    make_master_key,
    read_master_key,
)
from kruispunt.audit.leaf import read_leaf
from kruispunt.audit.listing import list_months
from kruispunt.audit.look import Look, Seen, Spoiled, seen_by_auditor, seen_by_consumer
from kruispunt.audit.memory import MemoryTrail
from kruispunt.audit.operator import OPERATOR, Operator
from kruispunt.audit.pages import KeptBack, Pages, Stretch
from kruispunt.audit.prove import NotPlaced, Prover
from kruispunt.audit.published import CHECKPOINT, HistoryChanged, Published
from kruispunt.audit.reader import Reader
from kruispunt.audit.reading import (
    AtMachine,
    Hidden,
    Reading,
    decode_reading,
    encode_reading,
    reading_leaf,
    seen_by_officer,
    seen_by_person,
)
from kruispunt.audit.replay import Replay
from kruispunt.audit.replayed import Difference, Differs, NotReplayed, Replayed
from kruispunt.audit.retention import NotExpired, Plan, Retention
from kruispunt.audit.sealer import MAX_LEAVES, NotWritten, Sealed, Sealer, open_sealer
from kruispunt.audit.terms import Terms
from kruispunt.audit.trail import (
    STATEMENTS,
    Prepared,
    Trail,
    open_months,
)
from kruispunt.audit.verify import Verification

__all__ = [
    "CHANGE",
    "CHECKPOINT",
    "DECISION",
    "MAX_LEAVES",
    "OPERATOR",
    "OUTCOME",
    "READING",
    "STATEMENTS",
    "Alike",
    "AtMachine",
    "Change",
    "Difference",
    "Differs",
    "Fault",
    "Heads",
    "Hidden",
    "HistoryChanged",
    "KeptBack",
    "LoadedFile",
    "Look",
    "Made",
    "MasterKey",
    "MasterKeyWrong",
    "MemoryTrail",
    "MonthKey",
    "MonthKeys",
    "NotExpired",
    "NotPlaced",
    "NotReplayed",
    "NotWritten",
    "Operator",
    "Pages",
    "Part",
    "Plan",
    "Prepared",
    "Prover",
    "Published",
    "Reader",
    "Reading",
    "Replay",
    "Replayed",
    "Retention",
    "Sealed",
    "Sealer",
    "Seen",
    "Shredded",
    "Signer",
    "Spoiled",
    "Stretch",
    "Tampered",
    "Terms",
    "Trail",
    "Verification",
    "Verified",
    "Wrong",
    "WrongForm",
    "blind",
    "change_seen_by_officer",
    "change_seen_by_person",
    "decode_change",
    "decode_entry",
    "decode_outcome",
    "decode_reading",
    "encode_change",
    "encode_entry",
    "encode_outcome",
    "encode_reading",
    "leaf_of",
    "list_months",
    "make_master_key",
    "month_of",
    "open_months",
    "open_sealer",
    "read_leaf",
    "read_master_key",
    "reading_leaf",
    "seen_by_auditor",
    "seen_by_consumer",
    "seen_by_officer",
    "seen_by_person",
    "write_change",
]
