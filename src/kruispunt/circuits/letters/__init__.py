"""Letters on paper, as PDF in the language of who gets them (05/022 §5(2), §5(4)).

Only who prints needs this, and what draws with it: the rest of the room starts without.
"""

from kruispunt.circuits.letters.letters import Letters
from kruispunt.circuits.letters.words import Wording, Wordings, WordsWrong, read_wordings

__all__ = ["Letters", "Wording", "Wordings", "WordsWrong", "read_wordings"]
