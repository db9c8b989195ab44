"""Problems out: the one place where what went wrong becomes `application/problem+json`."""

from typing import Final

import msgspec

from kruispunt.vocabulary import OWN, Issue, Problem
from kruispunt.web.reply import HttpReply

PROBLEM_JSON: Final = "application/problem+json"

_encode: Final = msgspec.json.Encoder().encode


class WrongMethod(Problem):
    """The resource is there, but not for this method: see the header `Allow`."""

    status = 405
    type = OWN + "methodNotAllowed"
    title = "method not allowed"


class TooSlow(Problem):
    """The request did not arrive in time. Nothing was done: send it again."""

    status = 408
    type = OWN + "requestTimeout"
    title = "request not received in time"


class WrongMediaType(Problem):
    """The body is not of the media type that the resource takes."""

    status = 415
    type = OWN + "unsupportedMediaType"
    title = "unsupported media type"


def render(problem: Problem, *, instance: str = "", **extra: object) -> HttpReply:
    """A problem as RFC 9457 writes it, with Belgif issues and the members that the caller adds.

    An extra member that is None is left out. A bare `Problem` says nothing but that it happened.
    """
    body: dict[str, object] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if instance:
        body["instance"] = instance
    if problem.issues:
        body["issues"] = [_issue(issue) for issue in problem.issues]
    body.update((name, value) for name, value in extra.items() if value is not None)
    headers = {"content-type": PROBLEM_JSON, "cache-control": "no-store"}
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    return HttpReply(status=problem.status, headers=headers, body=_encode(body))


def render_unknown(*, instance: str = "") -> HttpReply:
    """What is said of any other fault: that it happened, and under which trace it is logged."""
    return render(Problem(), instance=instance)


def _issue(issue: Issue) -> dict[str, str]:
    return {"type": issue.type, "in": issue.where, "name": issue.name, "detail": issue.detail}
