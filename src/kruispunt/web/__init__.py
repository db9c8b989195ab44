"""HTTP plumbing: keys, signatures, problems, traces; calling other servers and being one."""

from kruispunt.web.asgi import (
    App,
    Handler,
    Health,
    Limits,
    Request,
    Route,
)
from kruispunt.web.http import (
    Http,
    HttpSilent,
    HttpWrong,
)
from kruispunt.web.key_files import (
    KeyRingFile,
    add_keys,
    read_key,
    read_ring,
    revoke_key,
    write_key,
    write_ring,
)
from kruispunt.web.keys import (
    KeyRing,
    KeyWrong,
    PublicKey,
    Ring,
    SigningKey,
    key_of,
    make_key,
)
from kruispunt.web.log import (
    configure_log,
)
from kruispunt.web.problems import (
    PROBLEM_JSON,
    TooSlow,
    WrongMediaType,
    WrongMethod,
    render,
)
from kruispunt.web.reply import (
    HttpReply,
    json_reply,
)
from kruispunt.web.seal import (
    signed_replies,
)
from kruispunt.web.serve import (
    Address,
    Server,
)
from kruispunt.web.signatures import (
    MAX_LIFE_S,
    SKEW_S,
    ReplyNotProven,
    content_digest,
    proof_stands,
    sign_reply,
    sign_request,
    verify_reply,
    verify_request,
)
from kruispunt.web.tracing import (
    Trace,
    next_step,
    parse_traceparent,
)

__all__ = [
    "MAX_LIFE_S",
    "PROBLEM_JSON",
    "SKEW_S",
    "Address",
    "App",
    "Handler",
    "Health",
    "Http",
    "HttpReply",
    "HttpSilent",
    "HttpWrong",
    "KeyRing",
    "KeyRingFile",
    "KeyWrong",
    "Limits",
    "PublicKey",
    "ReplyNotProven",
    "Request",
    "Ring",
    "Route",
    "Server",
    "SigningKey",
    "TooSlow",
    "Trace",
    "WrongMediaType",
    "WrongMethod",
    "add_keys",
    "configure_log",
    "content_digest",
    "json_reply",
    "key_of",
    "make_key",
    "next_step",
    "parse_traceparent",
    "proof_stands",
    "read_key",
    "read_ring",
    "render",
    "revoke_key",
    "sign_reply",
    "sign_request",
    "signed_replies",
    "verify_reply",
    "verify_request",
    "write_key",
    "write_ring",
]
