"""The report of a campaign: a line for each fault, what it did to others, and what was found."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from storm.campaign import Campaign
from storm.check import DIRECTORY, OTHERS
from storm.kept import ANSWERED, LOST, REFUSED, UNHEARD, Kept, Window

LEAST: Final = 10


def lines(campaign: Campaign) -> list[dict[str, Any]]:
    """One line for each fault, over all the times that it was done."""
    names = dict.fromkeys(window.fault for window in campaign.windows)
    return [_line(campaign, name) for name in sorted(names)]


def _line(campaign: Campaign, name: str) -> dict[str, Any]:
    windows = [w for w in campaign.windows if w.fault == name]
    during = [k for k in campaign.kept if any(w.touches(k) for w in windows)]
    recovered = [w.recovered_s for w in windows if w.recovered_s is not None]
    failed: dict[str, int] = {}
    for kept in during:
        if kept.status not in (ANSWERED, REFUSED, LOST):
            failed[str(kept.status)] = failed.get(str(kept.status), 0) + 1
    return {
        "fault": name,
        "times": sum(not w.skipped for w in windows),
        "questions": len(during),
        "answered": sum(k.status == ANSWERED for k in during),
        "refused": sum(k.status == REFUSED for k in during),
        "failed": dict(sorted(failed.items())),
        "lost": sum(k.status == LOST and k.kind not in UNHEARD for k in during),
        "recovered_s": round(max(recovered), 1) if recovered else None,
        "other_flow_p95": slower(campaign, windows) if name.startswith(OTHERS) else None,
        "skipped": next((w.skipped for w in windows if w.skipped), ""),
    }


def slower(campaign: Campaign, windows: Sequence[Window]) -> float | None:
    """p95 of the flow that asks no source: during these faults, over that of the calm between."""
    own = [k for k in campaign.kept if k.flow == DIRECTORY and k.kind == "load"]
    answered = [k for k in own if k.status in (ANSWERED, REFUSED)]
    calm = [k for k in answered if not any(w.harms(k) for w in campaign.windows)]
    during = [k for k in answered if any(w.holds(k) for w in windows)]
    if len(calm) < LEAST or len(during) < LEAST:
        return None
    return round(p95(during) / p95(calm), 2)


def p95(kept: Sequence[Kept]) -> float:
    """95 of 100 took no longer than this, in milliseconds."""
    took = sorted(1000 * (k.ended - k.began) for k in kept)
    return took[min(len(took) - 1, int(0.95 * len(took)))]


def as_json(campaign: Campaign) -> dict[str, Any]:
    """The whole report for machines."""
    return {
        "seed": campaign.plan.seed,
        "seconds": round(campaign.seconds, 1),
        "questions": len(campaign.kept),
        "statuses": _statuses(campaign.kept),
        "faults": lines(campaign),
        "entries": campaign.entries,
        "open_grants": campaign.open,
        "findings": [{"rule": f.rule, "what": f.what} for f in campaign.findings],
    }


def _statuses(kept: Sequence[Kept]) -> dict[str, int]:
    found = Counter(
        str(one.status) if one.status else one.kind if one.kind in UNHEARD else "lost"
        for one in kept
    )
    return dict(sorted(found.items()))


def show(campaign: Campaign, console: Console) -> None:
    """The report for people."""
    table = Table(title=f"{campaign.seconds:.0f} s of storm, seed {campaign.plan.seed}")
    names = ("fault", "times", "questions", "answered", "refused", "failed clearly", "lost")
    for column in (*names, "well after s", "other flow p95 ×"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for line in lines(campaign):
        failed = " ".join(f"{n}×{status}" for status, n in line["failed"].items())
        counts = (line[name] for name in ("questions", "answered", "refused"))
        cells = [line["times"], *counts, failed, line["lost"], line["recovered_s"]]
        cells.append(line["other_flow_p95"])
        table.add_row(line["fault"], *("" if cell is None else str(cell) for cell in cells))
    console.print(table)
    told = as_json(campaign)
    console.print(f"questions {told['questions']} {told['statuses']}")
    console.print(f"entries {told['entries']}, shown as perhaps given {told['open_grants']}")
    for line in told["faults"]:
        if line["skipped"]:
            console.print(f"[yellow]skipped: {line['fault']}: {line['skipped']}[/yellow]")
    for finding in campaign.findings:
        console.print(f"[red]found[/red] {finding.rule}: {finding.what}", markup=True)
    console.print(f"{len(campaign.findings)} findings" if campaign.findings else "nothing found")
