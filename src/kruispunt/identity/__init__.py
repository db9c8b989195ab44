"""Identity: the registers of numbers, the status of each number, and who is found by name."""

from kruispunt.identity.criteria import MOST, SEXES, Criteria, WrongCriteria, unit_of
from kruispunt.identity.memory import LeftToHub, MemoryRegisters
from kruispunt.identity.memory_persons import MemoryPersons
from kruispunt.identity.persons import Persons
from kruispunt.identity.registers import Registers
from kruispunt.identity.search import Person
from kruispunt.identity.status import CODES, Registered, WrongChange

__all__ = [
    "CODES",
    "MOST",
    "SEXES",
    "Criteria",
    "LeftToHub",
    "MemoryPersons",
    "MemoryRegisters",
    "Person",
    "Persons",
    "Registered",
    "Registers",
    "WrongChange",
    "WrongCriteria",
    "unit_of",
]
