"""The Python client of institutions, and the bodies that travel; nodes ask upstream with it."""

from kruispunt.client.ask import (
    Asked,
    Caller,
    Client,
)
from kruispunt.client.failure import (
    AskFailed,
    AskRefused,
    Fault,
)
from kruispunt.client.many import (
    AskedAbout,
    AskedTogether,
    Told,
)
from kruispunt.client.proof import (
    ReceiptCheck,
    ReceiptWrong,
)
from kruispunt.client.reading import (
    INVALID_INPUT,
    MOST_ISSUES,
    SCHEMA_VIOLATION,
    UNKNOWN_INPUT,
    Reader,
    read_period,
    read_ssin,
)
from kruispunt.client.sending import (
    Patience,
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
    ASK_MANY_PATH,
    ASK_PATH,
    ASK_TAG,
    MOST_QUESTIONS,
    AskManyReply,
    AskManyRequest,
    AskReply,
    AskRequest,
    GroundBody,
    IssueBody,
    PeriodBody,
    ProblemBody,
    QuestionBody,
    ReceiptBody,
    ToldBody,
    WireRow,
    WireValue,
    WithheldBody,
    canonical,
    to_wire,
)

__all__ = [
    "ANSWER_PATH",
    "ANSWER_TAG",
    "ASK_MANY_PATH",
    "ASK_PATH",
    "ASK_TAG",
    "INVALID_INPUT",
    "MOST_ISSUES",
    "MOST_QUESTIONS",
    "SCHEMA_VIOLATION",
    "UNKNOWN_INPUT",
    "AskFailed",
    "AskManyReply",
    "AskManyRequest",
    "AskRefused",
    "AskReply",
    "AskRequest",
    "Asked",
    "AskedAbout",
    "AskedTogether",
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
    "QuestionBody",
    "Reader",
    "ReceiptBody",
    "ReceiptCheck",
    "ReceiptWrong",
    "StationReply",
    "StationRequest",
    "SyncClient",
    "Told",
    "ToldBody",
    "WireRow",
    "WireValue",
    "WithheldBody",
    "canonical",
    "read_period",
    "read_ssin",
    "to_wire",
]
