"""What a request asks of the directory itself: bytes become lines that are to come or go."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from kruispunt.client import INVALID_INPUT, LinesRequest, read_period
from kruispunt.exchange import EVER
from kruispunt.vocabulary import (
    Act,
    Answer,
    DirectoryLine,
    Issue,
    LinesAsked,
    Malformed,
    NoAnswer,
    Period,
    Quality,
    Question,
    Sector,
)


class Done(Protocol):
    """What came of it: the answer, and the asker's own lines that stand now.

    Lines of a member name it; at a hub none does.
    """

    @property
    def answer(self) -> Answer: ...

    @property
    def lines(self) -> Sequence[DirectoryLine]: ...


class Integration(Protocol):
    """Brings lines into the directory and takes them out: the entry first, then the line."""

    async def do(self, question: Question, asked: LinesAsked) -> Done | NoAnswer:
        """Do what is asked about the days of the question; lines that share a day are told.

        Raises:
            Problem: as the waist. Where a hub above was silent the line may stand here, or be
                gone, already: the same message again goes on with it, and does nothing twice.
        """
        ...


def read_lines(body: LinesRequest) -> tuple[Period, LinesAsked]:
    """Which days and which lines are meant.

    Raises:
        Malformed: what is said does not go together; one issue for each.
    """
    if issues := tuple(_faults(body)):
        raise Malformed("the request is not valid", issues=issues)
    days = EVER if body.period is None else read_period(body.period, name="period")
    return days, LinesAsked(
        act=Act(body.act),
        sector=None if body.sector is None else Sector(body.sector),
        quality=None if body.quality is None else Quality(int(body.quality)),
        phase=body.phase,
        whole=body.act == "remove" and body.period is None,
        line_begin=body.line_begin,
    )


def _faults(body: LinesRequest) -> Iterator[Issue]:
    if body.act == "integrate":
        if body.quality is None:
            yield _issue("quality", "expected the quality of the line")
        if body.period is None:
            yield _issue("period", "expected the days of the line")
    if body.act == "remove" and body.quality is None and body.sector is None:
        yield _issue("sector", "expected a sector, or a quality")
    if body.act == "list" and body.phase is not None:
        yield _issue("phase", "expected no phase where lines are listed")
    if body.phase is not None and body.quality is None:
        yield _issue("phase", "expected a quality with a phase")
    if body.line_begin is not None and (
        body.act != "remove" or body.phase is None or body.period is None
    ):
        detail = "expected quality, phase and period with the begin of a line that loses days"
        yield _issue("lineBegin", detail)


def _issue(name: str, detail: str) -> Issue:
    return Issue(type=INVALID_INPUT, where="body", name=name, detail=detail)
