"""Signed requests that leave no entry, and are taken once all the same."""

from dataclasses import dataclass

from kruispunt.exchange.claims import NONCE
from kruispunt.postgres import Bundle, Commit, Lost, Write
from kruispunt.vocabulary import InstitutionCode, Proof, WrongSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Claims the nonce of a signature, by the group committer of this process."""

    commit: Commit

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None:
        """Return when the nonce is claimed, durably.

        Raises:
            WrongSignature: it was used before.
            Unavailable: the database is away.
        """
        write = Write(NONCE, (institution, proof.nonce, proof.expires))
        if isinstance(await self.commit.run(Bundle(writes=(write,))), Lost):
            raise WrongSignature("the nonce of this signature was used before")
