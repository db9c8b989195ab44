"""Leave to look: every grant and every refusal comes from here, and from the law alone."""

from kruispunt.authorisation.decide import check_directory, decide, decide_many, find_clause
from kruispunt.authorisation.present import present
from kruispunt.authorisation.reading import find_reader
from kruispunt.authorisation.shown import answer_of_directory
from kruispunt.authorisation.suppliers import suppliers
from kruispunt.authorisation.trial import Trial, try_case

__all__ = [
    "Trial",
    "answer_of_directory",
    "check_directory",
    "decide",
    "decide_many",
    "find_clause",
    "find_reader",
    "present",
    "suppliers",
    "try_case",
]
