"""Figures for a person to read, and the row that is kept of them."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

Figure = float | int | str | None

RECORD = Path(__file__).resolve().parents[1] / "docs" / "reference" / "performance.md"

ROWS: Mapping[str, str] = {
    "hub_cpu_us": "CPU of the hub, µs per exchange",
    "node_cpu_us": "CPU of the node, µs per exchange",
    "station_cpu_us": "CPU of the station, µs per exchange",
    "total_cpu_us": "CPU of node, hub and station, µs per exchange through all",
    "database_cpu_us": "CPU of the database for it (three databases), µs",
    "hub_database_cpu_us": "CPU of the database without the node, µs",
    "proxy_cpu_us": "CPU of the bare Python proxy, µs per call",
    "proxy_cpu_ratio": "CPU of the hub, times that of the proxy",
    "per_second": "exchanges per second at the hub, 64 at once",
    "node_per_second": "exchanges per second through the node, 64 at once",
    "proxy_per_second": "calls per second through the bare proxy, 64 at once",
    "nginx_per_second": "calls per second through nginx, 64 at once",
    "ratio_bare_proxy": "hub, times the bare proxy",
    "ratio_nginx": "hub, times nginx",
    "open_rate": "steady rate of the open loop, per second",
    "p50_ms": "half were answered within, ms",
    "p95_ms": "95 % were answered within, ms",
    "p99_ms": "99 % were answered within, ms",
    "alone_p50_ms": "a question alone, half within, ms",
    "node_alone_p50_ms": "a question alone through the node, half within, ms",
    "commit_ms": "one durable row on this disk, half within, ms",
    "hub_memory_mb": "memory of the hub, MB",
    "exchanges": "questions that the hub answered",
    "entries": "entries of them in its trail",
    "node_exchanges": "questions that the node answered",
    "node_entries": "entries of them in its trail",
    "given": "of those at the hub: given, with rows",
    "outcomes_missing": "grants without an outcome after a second",
    "failed": "answers that were no answer",
    "forged_refused": "forgeries refused",
    "forged_passed": "forgeries that passed",
}

KEPT = (
    "hub_cpu_us", "node_cpu_us", "station_cpu_us", "database_cpu_us", "per_second",
    "ratio_bare_proxy", "proxy_cpu_ratio", "ratio_nginx", "open_rate", "p50_ms", "p95_ms",
    "p99_ms", "alone_p50_ms", "commit_ms", "exchanges", "entries", "failed", "forged_refused",
)  # fmt: skip

HEAD = """# Performance

One row for each time that `make bench ARGS=--record` was run: medians of its runs, µs of CPU per
exchange, milliseconds. Everything is real: signatures checked, fsync on, entries counted in SQL.
Rows of different machines do not compare; ratios within a row do.
[Where the microseconds go](../explanation/speed.md) explains them.
"""


def print_page(figures: Mapping[str, Figure], spread: Mapping[str, float | None]) -> None:
    """A table of all figures."""
    table = Table("figure", "", "median", "spread", title="One crossing")
    for name, meaning in ROWS.items():
        apart = spread.get(name)
        told = "" if apart is None else f"± {apart * 50:.0f} %"
        table.add_row(name, meaning, text(figures[name]), told)
    console = Console()
    console.print(table)
    console.print(f"{figures['machine']}; commit {figures['commit']}; runs {figures['runs']}")


def text(value: Figure) -> str:
    """A figure as it is printed; `–`: not measured here."""
    if isinstance(value, int | float):
        return f"{value:,}".replace(",", "\u202f")
    return "–" if value is None else value


def record(figures: Mapping[str, Figure], *, day: str, path: Path = RECORD) -> None:
    """Add a row to the page of figures, under the heading of this machine."""
    page = path.read_text("utf-8") if path.exists() else HEAD
    heading = f"## {figures['machine']}"
    if heading not in page:
        names = " | ".join(("day", "commit", "runs", "people", *KEPT))
        line = "|".join([" --- "] * (len(KEPT) + 4))
        page = f"{page.rstrip()}\n\n{heading}\n\n| {names} |\n|{line}|\n"
    cells = [day, *(text(figures[name]) for name in ("commit", "runs", "people", *KEPT))]
    before, found, after = page.partition(heading)
    section, mark, rest = after.partition("\n## ")
    row = f"| {' | '.join(cells)} |"
    path.write_text(f"{before}{found}{section.rstrip()}\n{row}\n{mark}{rest}", "utf-8")
