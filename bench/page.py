"""Figures for a person to read."""

from collections.abc import Mapping, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.limits import Limit, Verdict

Rows = Mapping[str, str]
"""What each figure means, in the order in which they are told."""

Spread = Mapping[str, float | None]

_errors = Console(stderr=True, highlight=False)

CROSSING: Rows = {
    "hub_cpu_us": "CPU of the hub, µs per exchange",
    "node_cpu_us": "CPU of the node, µs per exchange",
    "station_cpu_us": "CPU of the station, µs per exchange",
    "total_cpu_us": "CPU of node, hub and station, µs per exchange through all",
    "database_cpu_us": "CPU of the database for it (three databases), µs",
    "hub_database_cpu_us": "CPU of the database without the node, µs",
    "load_cpu_us": "CPU of the load generator, µs per exchange",
    "proxy_cpu_us": "CPU of the bare Python proxy, µs per call",
    "proxy_cpu_ratio": "CPU of the hub, times that of the proxy",
    "per_second": "exchanges per second at the hub, 64 at once",
    "node_per_second": "exchanges per second through the node, 64 at once",
    "proxy_per_second": "calls per second through the bare proxy, 64 at once",
    "nginx_per_second": "calls per second through nginx, 64 at once",
    "ratio_bare_proxy": "hub, times the bare proxy",
    "ratio_nginx": "hub, times nginx",
    "steady_650_p50_ms": "at a steady 650/s: half were answered within, ms",
    "steady_650_p99_ms": "at a steady 650/s: 99 % were answered within, ms",
    "steady_650_late": "at a steady 650/s: sent over 10 ms late, all lines being busy",
    "steady_650_per_second": "at a steady 650/s: so many were answered a second",
    "open_rate": "steady rate that this machine holds easily, per second",
    "p50_ms": "at that rate half were answered within, ms",
    "p95_ms": "95 % were answered within, ms",
    "p99_ms": "99 % were answered within, ms",
    "late": "sent over 10 ms late",
    "alone_p50_ms": "a question alone, half within, ms",
    "node_alone_p50_ms": "a question alone through the node, half within, ms",
    "commit_ms": "one durable row on this disk, half within, ms",
    "tls_per_second": "exchanges per second through nginx with TLS, 64 at once",
    "tls_alone_p50_ms": "a question alone through nginx with TLS, half within, ms",
    "tls_hub_cpu_us": "CPU of the hub behind it, µs per exchange",
    "tls_nginx_cpu_us": "CPU of nginx with TLS, µs per exchange",
    "tls_load_cpu_us": "CPU of the load generator with TLS, µs per exchange",
    "hub_memory_mb": "memory of the hub, MB",
    "exchanges": "questions that the hub answered",
    "entries": "entries of them in its trail",
    "node_exchanges": "questions that the node answered",
    "node_entries": "entries of them in its trail",
    "given": "of those at the hub: given, with rows",
    "outcomes_missing": "looks without an outcome after a second",
    "failed": "answers that were no answer",
    "forged_refused": "forgeries refused",
    "forged_passed": "forgeries that passed",
}


def tell(text: str) -> None:
    """Say how far we are, on standard error."""
    _errors.print(f"bench: {text}")


def print_json(
    figures: Mapping[str, Figure], verdicts: Mapping[str, Verdict], spread: Spread
) -> None:
    """All of it as one JSON object."""
    told = {**figures, "limits": verdicts, "spread": spread}
    print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


def print_page(
    title: str, rows: Rows, figures: Mapping[str, Figure], spread: Spread | None = None
) -> None:
    """A table of all figures."""
    table = Table("figure", "", "median", "spread", title=title)
    for name, meaning in rows.items():
        apart = (spread or {}).get(name)
        told = "" if apart is None else f"± {apart * 50:.0f} %"
        table.add_row(name, meaning, text(figures[name]), told)
    console = Console()
    console.print(table)
    told = [text(figures["machine"]), f"commit {figures['commit']}"]
    counts = (("runs", "runs"), ("hub_processes", "processes of the hub"))
    told += [f"{name} {figures[key]}" for key, name in counts if key in figures]
    console.print("; ".join(told))


def print_limits(limits: Sequence[Limit], verdicts: Mapping[str, Verdict]) -> None:
    """Each limit, and whether it holds."""
    table = Table("limit", "", "is", "may be", "holds", title="Limits")
    for limit in limits:
        verdict = verdicts[limit.figure]
        may_be = f"{limit.words[0]} {text(verdict['limit'])}"
        table.add_row(
            limit.figure, limit.told, reached(verdict), may_be, holds(verdict).strip("*")
        )
    Console().print(table)


def text(value: Figure) -> str:
    """A figure as it is printed; `–`: not measured here, or not reached."""
    if isinstance(value, int | float):
        return f"{value:,}".replace(",", "\u202f")
    return "–" if value is None else value


def reached(verdict: Verdict) -> str:
    """What a figure is; where it holds no limit for want of a figure: not reached."""
    if verdict["is"] is None:
        return "–" if verdict["holds"] is None else "not reached"
    return text(verdict["is"])


def holds(verdict: Verdict) -> str:
    """Whether a limit holds; `–`: this run can't tell."""
    if verdict["holds"] is None:
        return "–"
    return "yes" if verdict["holds"] else "**no**"
