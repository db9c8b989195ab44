"""By what the lines of a file are decided that come, or go: each as if it had come alone."""

from collections.abc import Sequence

from kruispunt.authorisation import decide
from kruispunt.directory import changed, in_order
from kruispunt.exchange.bringing import changes_of, decides_alone, lines_named
from kruispunt.exchange.hub import Directory
from kruispunt.law import Clause, Jurisdiction
from kruispunt.vocabulary import Act, Facts, Grant, LinesAsked, Settled


async def facts_of_lines(
    asking: Sequence[tuple[Settled, LinesAsked]],
    *,
    directory: Directory,
    clause: Clause | None,
    law: Jurisdiction,
) -> list[Facts]:
    """The facts of each, in order: who takes has what the lines before in the file left standing.

    Raises:
        Unavailable: the database is away.
    """
    takes = [settled for settled, asked in asking if asked.act is not Act.INTEGRATE]
    found = await directory.facts_many(takes)
    stands = {one.current: facts.lines for one, facts in zip(takes, found, strict=True)}
    told = list[Facts]()
    for settled, asked in asking:
        lines = lines_named(settled, asked, clause, law)
        alone = decides_alone(lines, asked, clause)
        own = lines if alone else stands[settled.current]
        facts = Facts(number=settled.number, lines=own)
        told.append(facts)
        if not alone and isinstance(decide(settled, facts, law), Grant):
            left = frozenset(own)
            for change in changes_of(settled.question, asked, own, None):
                left = changed(left, change)
            stands[settled.current] = tuple(in_order(left))
    return told
