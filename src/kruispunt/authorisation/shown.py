"""What the directory itself answers: booleans of its checks, or lines that a flow shows. Pure."""

from collections.abc import Mapping

from kruispunt.authorisation.decide import check_directory
from kruispunt.law import Flow
from kruispunt.vocabulary import DirectoryLine, Facts, Question


def answer_of_directory(
    flow: Flow, question: Question, facts: Facts
) -> tuple[Mapping[str, object], ...]:
    """The rows of a flow that the directory supplies: one for all checks, or one for each line.

    A line is shown where the flow names its sector and quality and it shares a day with the
    period asked about; whole, as it stands, but never with the institution behind a node.
    """
    if not flow.shows:
        found = check_directory(flow, question, facts)
        return (dict[str, object](found.items()),)
    return tuple(_row(line) for line in facts.lines if _is_shown(line, flow, question))


def _is_shown(line: DirectoryLine, flow: Flow, question: Question) -> bool:
    named = any(
        line.sector == kind.sector and line.quality in kind.qualities for kind in flow.shows
    )
    return named and line.period.overlaps(question.about)


def _row(line: DirectoryLine) -> Mapping[str, object]:
    last = line.period.last_day
    return {
        "sector": f"{line.sector:03d}",
        "quality": f"{line.quality:03d}",
        "begin_date": line.period.begin.isoformat(),
        "end_date": None if last is None else last.isoformat(),
    }
