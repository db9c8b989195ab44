"""What an institution runs in front of its own tables to be a source on the network."""

from kruispunt.station.answer import Station
from kruispunt.station.collect import Collector, Done, Mailbox
from kruispunt.station.collecting import collect_on, open_collector
from kruispunt.station.columns import Column, Offer, WrongColumns
from kruispunt.station.listing import Listing, ListingFailed, open_listing
from kruispunt.station.log import Log, Look
from kruispunt.station.open import open_sources, open_station, read_keys
from kruispunt.station.settings import (
    Asked,
    StationFileWrong,
    StationSettings,
    Tables,
    read_station,
)
from kruispunt.station.source import Source

__all__ = [
    "Asked",
    "Collector",
    "Column",
    "Done",
    "Listing",
    "ListingFailed",
    "Log",
    "Look",
    "Mailbox",
    "Offer",
    "Source",
    "Station",
    "StationFileWrong",
    "StationSettings",
    "Tables",
    "WrongColumns",
    "collect_on",
    "open_collector",
    "open_listing",
    "open_sources",
    "open_station",
    "read_keys",
    "read_station",
]
