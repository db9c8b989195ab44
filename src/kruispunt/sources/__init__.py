"""Calling suppliers: stations over HTTP, the hub above a node, each with a lane of its own."""

from kruispunt.sources.fault import Cause, RefusedUpstream, SilentSource, WrongSource
from kruispunt.sources.lane import Lane, Patience
from kruispunt.sources.simulator import Simulator
from kruispunt.sources.stations import StationRoute, Stations
from kruispunt.sources.upstream import Upstream
from kruispunt.sources.upstream_lines import UpstreamLines

__all__ = [
    "Cause",
    "Lane",
    "Patience",
    "RefusedUpstream",
    "SilentSource",
    "Simulator",
    "StationRoute",
    "Stations",
    "Upstream",
    "UpstreamLines",
    "WrongSource",
]
