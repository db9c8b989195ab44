"""The one thing every door asks: the waist behind it."""

from collections.abc import Sequence
from typing import Protocol

from kruispunt.vocabulary import Accepted, Answer, NoAnswer, Problem, Question


class Waist(Protocol):
    """Answers questions, alone or together."""

    async def serve(self, question: Question) -> Answer | Accepted | NoAnswer: ...

    async def serve_many(
        self, questions: Sequence[Question]
    ) -> Sequence[Answer | Accepted | NoAnswer | Problem]: ...
