"""Leave to read the trail: from the law's list of readers, and from nothing else."""

from kruispunt.law import Lawbook, Reads, TrailReader
from kruispunt.vocabulary import InstitutionCode


def find_reader(
    lawbook: Lawbook, *, institution: InstitutionCode, role: str, reads: Reads
) -> TrailReader | None:
    """Under which line of the law this role at this institution may read so much; None: no leave.

    An institution that is not in the law, or no longer active, may vouch for nobody.
    """
    known = lawbook.institutions.get(institution)
    if known is None or not known.active:
        return None
    for reader in lawbook.readers:
        vouched = not reader.institutions or not reader.institutions.isdisjoint(known.roles)
        if vouched and reader.role == role and reader.reads is reads:
            return reader
    return None
