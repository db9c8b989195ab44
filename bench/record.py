"""Figures that are kept: the rows of the page of performance, under the machine they are of."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.figures import Figure
from bench.limits import Limit, Verdict
from bench.page import holds, reached, text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "performance.md"

CROSSING = (
    "runs", "people", "hub_processes", "hub_cpu_us", "node_cpu_us", "station_cpu_us",
    "database_cpu_us", "load_cpu_us", "per_second", "ratio_bare_proxy", "proxy_cpu_ratio",
    "ratio_nginx", "steady_650_p50_ms", "steady_650_p99_ms", "steady_650_late", "open_rate",
    "p50_ms", "p95_ms", "p99_ms", "alone_p50_ms", "commit_ms", "tls_per_second",
    "tls_alone_p50_ms", "tls_nginx_cpu_us", "hub_memory_mb", "exchanges", "entries", "failed",
    "forged_refused",
)  # fmt: skip


def record(
    part: str,
    columns: Sequence[str],
    figures: Mapping[str, Figure],
    *,
    day: str,
    path: Path = PAGE,
) -> None:
    """Add a row to a part of the page, under the heading of this machine.

    A row with other columns than the last one begins a table of its own.
    """
    page = path.read_text("utf-8")
    heading = f"## {part}: {figures['machine']}"
    if heading not in page:
        page = f"{page.rstrip()}\n\n{heading}\n"
    before, found, after = page.partition(heading + "\n")
    section, mark, rest = after.partition("\n## ")
    section = section.strip()
    names = ("day", "commit", *columns)
    head = f"| {' | '.join(names)} |"
    heads = [line for line in section.splitlines() if line.startswith("| day |")]
    if heads[-1:] != [head]:
        section = f"{section}\n\n{head}\n|{'|'.join([' --- '] * len(names))}|".lstrip()
    cells = [day, *(text(figures[name]) for name in ("commit", *columns))]
    row = f"| {' | '.join(cells)} |"
    path.write_text(f"{before}{found}\n{section}\n{row}\n{mark}{rest}", "utf-8")


def record_limits(
    limits: Sequence[Limit],
    verdicts: Mapping[str, Verdict],
    figures: Mapping[str, Figure],
    *,
    day: str,
    path: Path = PAGE,
) -> None:
    """Fill in what each limit is by this run; a limit it can't tell about stays as it was."""
    lines = path.read_text("utf-8").splitlines()
    measured = f"{day}, {figures['commit']}, {figures['machine']}"
    for limit in limits:
        verdict = verdicts[limit.figure]
        if verdict["holds"] is None:
            continue
        place = next(n for n, line in enumerate(lines) if line.startswith(f"| `{limit.figure}` |"))
        lines[place] = row(limit, verdict, measured=measured)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def row(limit: Limit, verdict: Verdict | None = None, *, measured: str = "not yet") -> str:
    """The row of a limit in the table of limits."""
    found = ("–", "–") if verdict is None else (reached(verdict), holds(verdict))
    may_be = limit.words
    if verdict is not None and limit.over is not None:
        may_be += f" = {text(verdict['limit'])}"
    return f"| `{limit.figure}` | {limit.told} | {may_be} | {' | '.join(found)} | {measured} |"
