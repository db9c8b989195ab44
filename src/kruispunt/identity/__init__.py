"""Identity: the registers of numbers, and the status of each number."""

from kruispunt.identity.memory import LeftToHub, MemoryRegisters
from kruispunt.identity.registers import Registers
from kruispunt.identity.status import CODES, Registered, WrongChange

__all__ = [
    "CODES",
    "LeftToHub",
    "MemoryRegisters",
    "Registered",
    "Registers",
    "WrongChange",
]
