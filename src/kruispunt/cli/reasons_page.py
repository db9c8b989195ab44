"""The page of the one table of reasons: four vocabularies, side by side."""

from collections.abc import Iterator
from typing import Final

from kruispunt.cli.pages import markdown_table
from kruispunt.gateway import reasons
from kruispunt.vocabulary import Reason

_HEAD: Final = ("what", "A1", "SSDN", "SOA", "Belgif")
_OPENING: Final = """# Reasons in four vocabularies

One table says what a client hears, whichever door it came by. A code in italics is an assumption:
none was seen for it in the network's own lists or in replies. Reasons that depend on the person
and may not be told apart have the same row (promise 5); what is empty at one door is empty at all.
"""


def reasons_page() -> str:
    """The table, by reason, by problem, and what SSDN and SOA alone remark."""
    refusals = markdown_table(_HEAD, _by_reason())
    problems = markdown_table(
        _HEAD, (_row(f"`{kind.__name__}`", words) for kind, words in reasons.BY_PROBLEM.items())
    )
    remarks = markdown_table(
        ("what", "SSDN"), ((w, _ssdn(c)) for w, c in reasons.BY_REMARK.items())
    )
    own = markdown_table(("what", "SOA"), ((w, _soa(c)) for w, c in reasons.BY_SOA_REMARK.items()))
    return (
        f"{_OPENING}\n## Results and refusals\n\n{refusals}\n"
        f"## Problems\n\n{problems}\n## Remarks of SSDN\n\n{remarks}\n## Remarks of SOA\n\n{own}"
    )


def _by_reason() -> Iterator[tuple[str, ...]]:
    yield _row("data found", reasons.FOUND)
    yield _row("no data", reasons.NO_DATA)
    for reason in Reason:
        told = reason.told
        same = "" if told is reason else f", told as {f'`{told}`' if told else 'no data'}"
        yield _row(f"`{reason}`{same}", reasons.for_reason(reason))


def _row(what: str, words: reasons.Words) -> tuple[str, ...]:
    belgif = f"`{words.belgif}`" if words.belgif else "200"
    return (
        what,
        _code(words.a1),
        _ssdn(words.ssdn),
        _soa(words.soa),
        belgif,
    )


def _ssdn(ssdn: reasons.Ssdn) -> str:
    return f"{ssdn.severity} {_code(ssdn)}"


def _soa(soa: reasons.Soa) -> str:
    return f"{soa.value} {_code(soa)}"


def _code(code: reasons.A1 | reasons.Ssdn | reasons.Soa) -> str:
    return code.code if code.seen else f"*{code.code}*"
