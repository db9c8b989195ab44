from datetime import date

from tests.unit.sources.test_upstream import Hub
from tests.unit.sources.wire_station import WireStation, a_recorded_grant, the_stations

from kruispunt.client import PeriodBody
from kruispunt.sources import Upstream
from kruispunt.vocabulary import Period

COVERED = Period(date(2025, 1, 1), date(2025, 2, 1))
TOLD = PeriodBody(begin_date=date(2025, 1, 1), end_date=date(2025, 1, 31))


async def test_the_hub_is_asked_about_the_days_granted_and_no_others():
    hub = Hub()

    await Upstream(client=hub).fetch(a_recorded_grant(about=COVERED), timeout_s=1.0)

    assert [asked.period for _flow, asked in hub.asked] == [TOLD]


async def test_a_station_is_asked_about_the_days_granted_and_no_others():
    wire = WireStation()

    await the_stations(wire).fetch(a_recorded_grant(about=COVERED), timeout_s=1.0)

    [[look]] = wire.looks()
    assert look.period == TOLD
