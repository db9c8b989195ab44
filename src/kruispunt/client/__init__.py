"""The Python client of institutions, and the bodies that travel; nodes ask upstream with it."""

from kruispunt.client.ask import (
    Asked,
    Caller,
    Client,
    Patience,
)
from kruispunt.client.failure import (
    AskFailed,
    AskRefused,
    Fault,
)
from kruispunt.client.proof import (
    ReceiptCheck,
    ReceiptWrong,
)
from kruispunt.client.reading import (
    INVALID_INPUT,
    SCHEMA_VIOLATION,
    UNKNOWN_INPUT,
    Reader,
    read_period,
    read_ssin,
)
from kruispunt.client.station_wire import (
    ANSWER_PATH,
    ANSWER_TAG,
    FoundBody,
    LookBody,
    LookFault,
    StationReply,
    StationRequest,
)
from kruispunt.client.sync import (
    SyncClient,
)
from kruispunt.client.wire import (
    ASK_PATH,
    ASK_TAG,
    AskReply,
    AskRequest,
    GroundBody,
    IssueBody,
    PeriodBody,
    ProblemBody,
    ReceiptBody,
    WireRow,
    WireValue,
    WithheldBody,
    canonical,
    to_wire,
)

__all__ = [
    "ANSWER_PATH",
    "ANSWER_TAG",
    "ASK_PATH",
    "ASK_TAG",
    "INVALID_INPUT",
    "SCHEMA_VIOLATION",
    "UNKNOWN_INPUT",
    "AskFailed",
    "AskRefused",
    "AskReply",
    "AskRequest",
    "Asked",
    "Caller",
    "Client",
    "Fault",
    "FoundBody",
    "GroundBody",
    "IssueBody",
    "LookBody",
    "LookFault",
    "Patience",
    "PeriodBody",
    "ProblemBody",
    "Reader",
    "ReceiptBody",
    "ReceiptCheck",
    "ReceiptWrong",
    "StationReply",
    "StationRequest",
    "SyncClient",
    "WireRow",
    "WireValue",
    "WithheldBody",
    "canonical",
    "read_period",
    "read_ssin",
    "to_wire",
]
