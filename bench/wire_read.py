"""An envelope of classic XML of 3 KB, read and held against its schemas: nothing is asked."""

import time
from statistics import median
from typing import Final

from bench.figures import Figure
from bench.wire_house import ROOT, envelope
from kruispunt.gateway.soap.envelope import opened
from kruispunt.gateway.soap.ssdn.request import inner_text
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.xml import learn, read_inner, read_xml
from kruispunt.vocabulary import Ssin, check_digits

PERSONS: Final = 6
"""So many requests make 3 KB, of which the string inside is nearly all."""

REQUEST: Final = f"{{{ROOT}/OCMW_CPAS/IdentifyPerson}}IdentifyPersonRequest"
ROUNDS: Final = 7
READ: Final = 500


def read_figures() -> dict[str, Figure]:
    """CPU of one envelope, in µs, the median of some rounds: of one that is like earlier ones."""
    numbers = (710201000 + at for at in range(1, PERSONS + 1))
    body = envelope([Ssin(f"{number}{check_digits(number):02d}") for number in numbers])
    shapes = Shape.read("Service"), Shape.read("IdentifyPerson")
    learn(body)
    learn(inner_text(opened(read_xml(body)).body).encode())
    took = median(_round(body, shapes) for _ in range(ROUNDS))
    return {"read_bytes": len(body), "read_us": round(took, 1)}


def _round(body: bytes, shapes: tuple[Shape, Shape]) -> float:
    begun = time.thread_time_ns()
    for _ in range(READ):
        _read(body, *shapes)
    return (time.thread_time_ns() - begun) / READ / 1e3


def _read(body: bytes, whole: Shape, inside: Shape) -> None:
    root = read_inner(inner_text(opened(read_xml(body)).body))
    requests = root.iter(REQUEST)
    if whole.faults(root) or any(map(inside.faults, requests)):
        raise ValueError("expected an envelope that is as its schemas say")
