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
from kruispunt.station.source import SelectFailed, Source, TooManyRows

__all__ = [
    "Asked",
    "Column",
    "Log",
    "Look",
    "Offer",
    "SelectFailed",
    "Source",
    "Station",
    "StationFileWrong",
    "StationSettings",
    "Tables",
    "TooManyRows",
    "WrongColumns",
    "open_sources",
    "open_station",
    "read_keys",
    "read_station",
]
