"""Health is as the worst part of it, and says which part that is."""

import msgspec
import pytest

from kruispunt.web import Component, Health, HealthReport
from kruispunt.web.health import health_body

DOWN = Component(status=Health.DOWN, why="entries can't be written")
DEGRADED = Component(status=Health.DEGRADED, why="4 % of the disk is free")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((), Health.UP),
        ((Component(),), Health.UP),
        ((Component(), DEGRADED), Health.DEGRADED),
        ((DEGRADED, DOWN, Component()), Health.DOWN),
    ],
)
def test_the_whole_is_as_its_worst_part(parts: tuple[Component, ...], whole: Health):
    report = HealthReport(components={str(n): part for n, part in enumerate(parts)})

    assert report.status is whole


def test_the_body_says_which_part_and_why():
    report = HealthReport(components={"database": Component(), "disk": DEGRADED})

    assert msgspec.json.decode(health_body(report)) == {
        "status": "DEGRADED",
        "details": {
            "database": {"status": "UP"},
            "disk": {"status": "DEGRADED", "details": {"reason": "4 % of the disk is free"}},
        },
    }
