"""The named queries of this room."""

from pathlib import Path
from typing import Final

from kruispunt.postgres import read_queries

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
