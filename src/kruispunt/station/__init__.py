"""What an institution runs in front of its own tables to be a source on the network."""

from kruispunt.station.answer import Station
from kruispunt.station.columns import Column, Offer, WrongColumns
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
    "Column",
    "Log",
    "Look",
    "Offer",
    "Source",
    "Station",
    "StationFileWrong",
    "StationSettings",
    "Tables",
    "WrongColumns",
    "open_sources",
    "open_station",
    "read_keys",
    "read_station",
]
