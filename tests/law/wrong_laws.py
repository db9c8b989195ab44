"""Ways to get the law wrong: file, what stands there, what is made of it, and what is told."""

from typing import Final

DELIBERATION: Final = "deliberations/2005/05-022.toml"
CASES: Final = "deliberations/2005/05-022.cases.toml"
INSTITUTIONS: Final = "institutions/institutions.csv"
QUALITIES: Final = "codes/qualities.csv"
SECTORS: Final = "codes/sectors.csv"
EMPLOYMENT: Final = "sources/RSZ_EMPLOYMENT.toml"
PURPOSES: Final = "purposes.toml"
REPERTORY: Final = "flows/repertory.consult.toml"
L609: Final = "flows/L609.toml"
DIMONA: Final = "flows/dimona.consult.toml"
L500: Final = "flows/L500.toml"
L500_SOURCE: Final = "sources/RVA_UNEMPLOYMENT.toml"


FAULTS: Final = {
    "an unknown key in a clause": (
        DELIBERATION,
        'flow = "L609"',
        'flow = "L609"\ncolour = "red"',
        f"{DELIBERATION}: $.clauses[0]: Object contains unknown field `colour`",
    ),
    "an unknown key deep in a clause": (
        DELIBERATION,
        'side = "consumer"',
        'side = "consumer"\ncolour = "red"',
        f"{DELIBERATION}: $.clauses[0].controls[0]: Object contains unknown field `colour`",
    ),
    "an unknown key at the top of a file": (
        EMPLOYMENT,
        'owner = "RSZ"',
        'owner = "RSZ"\ncolour = "red"',
        f"{EMPLOYMENT}: $: Object contains unknown field `colour`",
    ),
    "an unknown key at the top of a list": (
        PURPOSES,
        "[[purposes]]",
        'colour = "red"\n[[purposes]]',
        f"{PURPOSES}: $: unknown key 'colour'",
    ),
    "no toml at all": (PURPOSES, "[[purposes]]", "[[purposes", f"{PURPOSES}: $: "),
    "a field without sensitivity": (
        EMPLOYMENT,
        'sensitivity = "none"\n',
        "",
        f"{EMPLOYMENT}: $.fields[0]: Object missing required field `sensitivity`",
    ),
    "a field without an English term": (
        EMPLOYMENT,
        ', en = "enterprise number"',
        "",
        f"{EMPLOYMENT}: $.fields[2].terms: Object missing required field `en`",
    ),
    "a flow without a Dutch title": (
        L609,
        'nl = "raadpleging van het verwijzingsrepertorium (L609)", ',
        "",
        f"{L609}: $.titles: Object missing required field `nl`",
    ),
    "a field that stands twice": (
        EMPLOYMENT,
        'name = "cbe_number"',
        'name = "nsso_number"',
        f"{EMPLOYMENT}: $.fields[2]: field 'nsso_number' stands twice",
    ),
    "an amount without digits": (
        EMPLOYMENT,
        "digits = [5, 2]\n",
        "",
        f"{EMPLOYMENT}: $.fields[11]: 'mean_weekly_hours_reference_s' is decimal, but has no",
    ),
    "a field in no group": (
        L500_SOURCE,
        'name = "career"',
        'name = "careers"',
        f"{L500_SOURCE}: $.fields[41]: 'career.quarter' stands in no group 'career'",
    ),
    "an unknown owner": (
        EMPLOYMENT,
        'owner = "RSZ"',
        'owner = "RSX"',
        f"{EMPLOYMENT}: $: no institution 'RSX'",
    ),
    "a flow of an unknown source": (
        DIMONA,
        'source = "RSZ_DIMONA"',
        'source = "DIMONA"',
        f"{DIMONA}: $: no source 'DIMONA'",
    ),
    "a flow with a field its source has not": (
        DIMONA,
        '  "worker_type",',
        '  "wage",',
        f"{DIMONA}: $: no field of RSZ_DIMONA 'wage'",
    ),
    "a detail for a purpose that is none": (
        L500,
        'required_for = ["asr-benefits"] #',
        'required_for = ["asr"] #',
        f"{L500}: $: no purpose 'asr'",
    ),
    "a detail that leaves a field its flow has not": (
        L500,
        'only = ["career", ',
        'only = ["wage", ',
        f"{L500}: $: no field of L500 'wage'",
    ),
    "a detail that begins a period and is no day": (
        L500,
        'name = "eid_card_number"',
        'begins = true\nname = "eid_card_number"',
        f"{L500}: $: detail 'eid_card_number': only a day can begin a period",
    ),
    "a detail that leaves fields and says no yes": (
        L500,
        'type = "bool"\nonly',
        'type = "str"\nonly',
        f"{L500}: $: detail 'insurability_only': only what says true can leave fields",
    ),
    "a flow with a field twice": (
        DIMONA,
        '  "worker_type",',
        '  "worker_type",\n  "worker_type",',
        f"{DIMONA}: $: field 'worker_type' stands twice",
    ),
    "a check of no field": (
        L609,
        'field = "rsz_known"',
        'field = "ssin"',
        f"{L609}: $: the directory answers 'rsz_known' by no check",
    ),
    "a check where a station answers": (
        L609,
        'supply = "directory"',
        'supply = "station"',
        f"{L609}: $: only a flow that the directory answers has checks",
    ),
    "a day that a question says by itself": (
        L609,
        'supply = "directory"',
        'supply = "directory"\nabout = 2021-10-01',
        f"{L609}: $: about: expected a day for a file, and only for a file",
    ),
    "an unknown quality in a check": (
        L609,
        '["010", "030"]',
        '["010", "031"]',
        f"{L609}: $.checks[0]: no quality '031' in sector 12",
    ),
    "a quality that lost its zero": (
        L609,
        '["010", "030"]',
        '["10", "030"]',
        f"{L609}: $.checks[0].qualities[0]: Expected `str` matching regex",
    ),
    "a clause of an unknown flow": (
        DELIBERATION,
        'flow = "L609"',
        'flow = "L610"',
        f"{DELIBERATION}: $.clauses[0]: no flow 'L610'",
    ),
    "a clause for an unknown purpose": (
        DELIBERATION,
        'purpose = "asr-benefits"',
        'purpose = "curiosity"',
        f"{DELIBERATION}: $.clauses[0]: no purpose 'curiosity'",
    ),
    "a clause for an unknown consumer": (
        DELIBERATION,
        'consumer = "NIC"',
        'consumer = "NIX"',
        f"{DELIBERATION}: $.clauses[0]: no institution 'NIX'",
    ),
    "a clause for an institution that is no more": (
        DELIBERATION,
        'consumer = "NIC"\nmembers = ["benefits_insurer"]',
        'consumer = "RSZPPO"',
        f"{DELIBERATION}: $.clauses[0]: institution 'RSZPPO' is no longer active",
    ),
    "a clause for members that the node has not": (
        DELIBERATION,
        '["benefits_insurer"]',
        '["bank"]',
        f"{DELIBERATION}: $.clauses[0]: no member of NIC with the role 'bank'",
    ),
    "a clause that gives a field the flow has not": (
        DELIBERATION,
        'fields = ["rsz_known", "unemployment_known"]',
        'fields = ["rsz_known", "wage"]',
        f"{DELIBERATION}: $.clauses[0]: no field of L609 'wage'",
    ),
    "a clause that gives and withholds a field": (
        DELIBERATION,
        'fields = ["dimona_period_id",',
        'fields = ["ssin", "dimona_period_id",',
        f"{DELIBERATION}: $.clauses[1]: field 'ssin' stands twice",
    ),
    "a clause that withholds for an unknown reason": (
        DELIBERATION,
        'reason = "technical-extension"',
        'reason = "because"',
        f"{DELIBERATION}: $.clauses[2]: no reason to withhold 'because'",
    ),
    "a clause that gives a part without its group": (
        DELIBERATION,
        '  "career",\n',
        "",
        f"{DELIBERATION}: $.clauses[7]: gives 'career.quarter' without its group 'career'",
    ),
    "a control in an unknown sector": (
        DELIBERATION,
        "sector = 11",
        "sector = 999",
        f"{DELIBERATION}: $.clauses[0]: no sector 999",
    ),
    "a reversed period": (
        DELIBERATION,
        "from = 2005-10-01",
        "until = 2005-09-30\nfrom = 2005-10-01",
        f"{DELIBERATION}: $.clauses[0]: from and until: expected an end after the begin",
    ),
    "overlapping clauses": (
        DELIBERATION,
        'purpose = "increased-reimbursement-ex-officio"',
        'purpose = "increased-reimbursement-request"',
        f"{DELIBERATION}: $.clauses[9]: '05-022.L500.increased-reimbursement-ex-officio' overlaps",
    ),
    "a clause that stands twice": (
        DELIBERATION,
        'id = "05-022.dimona.asr-benefits"',
        'id = "05-022.L609.asr-benefits"',
        f"{DELIBERATION}: $.clauses[1]: clause '05-022.L609.asr-benefits' stands twice",
    ),
    "a case of an unknown clause": (
        CASES,
        'clause = "05-022.L609.asr-benefits"',
        'clause = "05-022.L610"',
        f"{CASES}: $.cases[0]: no clause '05-022.L610'",
    ),
    "a case that stands twice": (
        CASES,
        'name = "Number: cancelled"',
        'name = "Number: unknown in every register"',
        f"{CASES}: $.cases[60]: case 'Number: unknown in every register' stands twice",
    ),
    "a case that expects what cannot be": (
        CASES,
        'expect = "no-file"',
        'expect = "maybe"',
        f"{CASES}: $.cases[3]: expect: 'maybe' is neither grant nor a reason to refuse",
    ),
    "a case of a reversed period": (
        CASES,
        "about = { from = 2026-02-01, until = 2026-02-28 }",
        "about = { from = 2026-02-01, until = 2026-01-28 }",
        f"{CASES}: $.cases[0]: from and until: expected an end after the begin",
    ),
    "a case at an unknown seat": (
        CASES,
        'at = "NIC"',
        'at = "NIX"',
        f"{CASES}: $.cases[10]: no institution 'NIX'",
    ),
    "a case of an unknown flow and purpose": (
        CASES,
        'purpose = "increased-reimbursement-request"',
        'purpose = "curiosity"\nflow = "L610"',
        f"{CASES}: $.cases[7]: no flow 'L610'",
    ),
    "an institution of an unknown kind": (
        INSTITUTIONS,
        ",primary,",
        ",tertiary,",
        f"{INSTITUTIONS}: line 3: expected kind one of",
    ),
    "an institution of an unknown status": (
        INSTITUTIONS,
        ",active,",
        ",asleep,",
        f"{INSTITUTIONS}: line 2: expected status one of active, historical, found 'asleep'",
    ),
    "an institution without a name": (
        INSTITUTIONS,
        "RSZ,Rijksdienst voor Sociale Zekerheid,",
        "RSZ,,",
        f"{INSTITUTIONS}: line 3: expected a code, a Dutch and an English name",
    ),
    "an institution in an unknown sector": (
        INSTITUTIONS,
        "|sectoral_node,18,",
        "|sectoral_node,998,",
        f"{INSTITUTIONS}: line 4: no sector 998",
    ),
    "a secondary institution behind no node": (
        INSTITUTIONS,
        ",secondary,RVA,",
        ",secondary,,",
        f"{INSTITUTIONS}: line 12: 'FSO' is secondary, but behind no node",
    ),
    "an institution behind an unknown node": (
        INSTITUTIONS,
        ",secondary,RVA,",
        ",secondary,RVX,",
        f"{INSTITUTIONS}: line 12: no institution 'RVX'",
    ),
    "an institution behind itself": (
        INSTITUTIONS,
        ",secondary,RVA,",
        ",secondary,FSO,",
        f"{INSTITUTIONS}: line 12: 'FSO' stands behind itself",
    ),
    "an institution that stands twice": (
        INSTITUTIONS,
        "\nRVA,",
        "\nRSZ,",
        f"{INSTITUTIONS}: line 4: institution 'RSZ' stands twice",
    ),
    "two integrators": (
        INSTITUTIONS,
        ",primary,",
        ",integrator,",
        f"{INSTITUTIONS}: line 3: a second integrator beside 'KSZ'",
    ),
    "no integrator": (
        INSTITUTIONS,
        ",integrator,",
        ",primary,",
        f"{INSTITUTIONS}: line 2: no institution is the integrator",
    ),
    "another header": (
        INSTITUTIONS,
        "code,name_nl",
        "code,naam",
        f"{INSTITUTIONS}: line 1: expected columns code, name_nl",
    ),
    "a row that is too short": (
        SECTORS,
        "2,0,NPM,",
        "2,0\n",
        f"{SECTORS}: line 5: expected as many cells as columns",
    ),
    "a sector that is no number": (
        SECTORS,
        "\n2,0,NPM",
        "\ntwo,0,NPM",
        f"{SECTORS}: line 5: expected a sector, 0 to 999, found 'two'",
    ),
    "an institution number that is none": (
        SECTORS,
        "\n2,0,NPM",
        "\n2,zero,NPM",
        f"{SECTORS}: line 5: expected an institution number, found 'zero'",
    ),
    "a sector without a name": (
        SECTORS,
        "Nationaal Pensioenfonds voor Mijnwerkers",
        "",
        f"{SECTORS}: line 5: expected a Dutch name",
    ),
    "a quality that lost its zeros": (
        QUALITIES,
        "\n1,010,",
        "\n1,10,",
        f"{QUALITIES}: line 5: expected a code of 3 digits, found '10'",
    ),
    "a quality without a name": (
        QUALITIES,
        ",010,VERGOEDING AAN SLACHTOFFERS,",
        ",010,,",
        f"{QUALITIES}: line 5: expected a Dutch name",
    ),
    "a quality in an unknown sector": (
        QUALITIES,
        "\n1,010,",
        "\n997,010,",
        f"{QUALITIES}: line 5: no sector 997",
    ),
    "a quality that stands twice": (
        QUALITIES,
        "\n1,020,",
        "\n1,010,",
        f"{QUALITIES}: line 6: quality '1/010' stands twice",
    ),
    "a line shown that has no such field": (
        REPERTORY,
        '"end_date",',
        '"end_date",\n  "rsz_known",',
        f"{REPERTORY}: $: a line that is shown has no 'rsz_known'",
    ),
    "a legal context that two purposes have": (
        PURPOSES,
        'id = "asr-benefits"',
        'id = "asr-benefits"\nlegal_contexts = ["social inquiry"]',
        f"{PURPOSES}: $.purposes[3]: legal context 'social inquiry' stands twice",
    ),
}
