"""Pages of the reference, written from the lawbook: flows, deliberations, sources, purposes."""

from collections.abc import Iterable, Iterator

from kruispunt.law import (
    Check,
    Clause,
    Control,
    DatedValue,
    Deliberation,
    Flow,
    Lawbook,
    LineKind,
    Parameter,
    Terms,
    Unit,
)
from kruispunt.vocabulary import Period

LANGUAGES = ("nl", "fr", "de")


def markdown_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; bars and line ends in cells are made harmless."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def law_pages(lawbook: Lawbook) -> Iterator[tuple[str, str]]:
    """Path and text of every page that the lawbook fills."""
    yield "law.md", _contents(lawbook)
    for flow in lawbook.flows.values():
        yield f"flows/{flow.id}.md", _flow(flow, lawbook)
    for deliberation in lawbook.deliberations.values():
        name = deliberation.id.replace("/", "-")
        yield f"deliberations/{name}.md", _deliberation(deliberation, lawbook)


def _contents(lawbook: Lawbook) -> str:
    flows = markdown_table(
        ("flow", "what", "source", "who answers"),
        (
            (f"[{flow.id}](flows/{flow.id}.md)", flow.titles["en"], flow.source, flow.supply.value)
            for flow in lawbook.flows.values()
        ),
    )
    deliberations = markdown_table(
        ("deliberation", "what", "clauses"),
        (
            (
                f"[{one.id}](deliberations/{one.id.replace('/', '-')}.md)",
                one.titles["en"],
                str(len(one.clauses)),
            )
            for one in lawbook.deliberations.values()
        ),
    )
    purposes = markdown_table(
        ("purpose", "what", *LANGUAGES, "paragraph"),
        (
            (f"`{one.id}`", one.titles["en"], *_translations(one.titles), one.paragraph)
            for one in lawbook.purposes.values()
        ),
    )
    return (
        f"# The lawbook\n\nDigest `{lawbook.digest}`.\n\n"
        f"## Flows\n\n{flows}\n## Deliberations\n\n{deliberations}\n## Purposes\n\n{purposes}\n"
        f"## Amounts, numbers, days and codes\n\n{_parameters(lawbook)}"
    )


def _parameters(lawbook: Lawbook) -> str:
    return markdown_table(
        ("parameter", "what", "in force", "value", "ground", "source", "assumption"),
        (
            (
                f"`{one.id}`",
                one.titles["en"],
                _period(value.period),
                _value(one, value),
                one.paragraph,
                value.source,
                value.assumption,
            )
            for one in lawbook.parameters.values()
            for value in one.values
        ),
    )


def _value(parameter: Parameter, value: DatedValue) -> str:
    if isinstance(value.value, tuple):
        return ", ".join(f"`{code}`" for code in value.value) or "none"
    if isinstance(value.value, int) and parameter.unit is Unit.CENTS:
        return f"€ {value.value // 100}.{value.value % 100:02d}"
    return str(value.value)


def _flow(flow: Flow, lawbook: Lawbook) -> str:
    source = lawbook.sources[flow.source]
    fields = markdown_table(
        ("field", "what", *LANGUAGES, "type", "sensitivity", "always there", "paragraph"),
        (
            (
                f"`{field.name}`",
                field.terms["en"],
                *_translations(field.terms),
                field.type.value,
                field.sensitivity.value,
                "yes" if field.required else "no",
                field.paragraph,
            )
            for field in flow.fields
        ),
    )
    limits = flow.limits
    days = "any period" if limits.max_days is None else f"{limits.max_days} days"
    grounds = "".join(_ground(clause) for clause in lawbook.clauses if clause.flow == flow.id)
    checks = "".join(f"- `{check.field}`: {_lines(check)}\n" for check in flow.checks)
    checks += "".join(f"- {_line_kind(kind)}\n" for kind in flow.shows)
    return (
        f"# {flow.id}: {flow.titles['en']}\n\n{_titles(flow.titles)}"
        f"- source: {source.names['en']} (`{source.id}`, owner {source.owner})\n"
        f"- answered by: {flow.supply.value}, supplier {flow.supplier}\n"
        f"- limits: {limits.max_rows} rows, {limits.timeout_s:g} s, {days}\n"
        f"- ground of the flow: {flow.paragraph}\n\n"
        + (f"## What the directory answers\n\n{checks}\n" if checks else "")
        + f"## Fields\n\n{fields}\n## Who may ask\n\n{grounds or 'Nobody.'}\n"
    )


def _line_kind(kind: LineKind) -> str:
    qualities = ", ".join(f"{quality:03d}" for quality in sorted(kind.qualities))
    return f"lines of sector {kind.sector}, quality {qualities} ({kind.paragraph})"


def _ground(clause: Clause) -> str:
    ground = clause.ground
    return (
        f"- {clause.consumer}, `{clause.purpose}`, {_period(clause.period)}: "
        f"{len(ground.fields)} fields by {ground.deliberation} {ground.paragraph}\n"
    )


def _deliberation(deliberation: Deliberation, lawbook: Lawbook) -> str:
    days = ", ".join(map(str, deliberation.decided_on))
    force = ", ".join(map(str, deliberation.in_force))
    clauses = "\n".join(_clause(clause, lawbook) for clause in deliberation.clauses)
    return (
        f"# Deliberation {deliberation.id}\n\n{deliberation.titles['en']}\n\n"
        f"{_titles(deliberation.titles)}- reference: {deliberation.reference}\n"
        f"- decided on: {days}\n- days of entry into force in the text: {force}\n\n{clauses}"
    )


def _clause(clause: Clause, lawbook: Lawbook) -> str:
    withheld = markdown_table(
        ("withheld field", "why", "paragraph"),
        (
            (f"`{one.field}`", _reason(one.reason, lawbook), one.paragraph)
            for one in clause.ground.withheld
        ),
    )
    roles = ", ".join(sorted(clause.members))
    controls = "".join(f"- {_control(control)}\n" for control in clause.controls)
    return (
        f"## {clause.id}\n\n{clause.ground.paragraph}\n\n"
        f"- consumer: {clause.consumer}{f' for its members: {roles}' if roles else ''}\n"
        f"- flow: [{clause.flow}](../flows/{clause.flow}.md), purpose `{clause.purpose}`\n"
        f"- in force: {_period(clause.period)}\n"
        f"- gives: {', '.join(f'`{name}`' for name in clause.ground.fields)}\n{controls}"
        + "".join(f"- may integrate {_line_kind(kind)}\n" for kind in clause.integrates)
        + (f"- assumption: {clause.assumption}\n" if clause.assumption else "")
        + (f"\n{withheld}" if clause.ground.withheld else "")
    )


def _reason(reason: str, lawbook: Lawbook) -> str:
    return lawbook.withholding[reason]["en"] if reason in lawbook.withholding else reason


def _control(control: Control) -> str:
    return f"control of the {control.side.value}: {_lines(control)}"


def _lines(wanted: Control | Check) -> str:
    qualities = ", ".join(f"{quality:03d}" for quality in sorted(wanted.qualities))
    return f"sector {wanted.sector}, quality {qualities}, {wanted.rule.value} ({wanted.paragraph})"


def _period(period: Period) -> str:
    return f"{period.begin} to {period.last_day or 'further notice'}"


def _titles(titles: Terms) -> str:
    lines = [f"- {language}: {titles[language]}\n" for language in LANGUAGES if language in titles]
    return "".join(lines)


def _translations(terms: Terms) -> Iterator[str]:
    return (terms.get(language, "") for language in LANGUAGES)
