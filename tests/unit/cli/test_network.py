"""The network file: what the members of a node do, and who has tables of their own."""

from pathlib import Path

import polars as pl
import pytest

from kruispunt.circuits.benefits import Contact
from kruispunt.cli.circuit_door import contact_of
from kruispunt.cli.fill import own_rows
from kruispunt.cli.network import Network, NetworkWrong, read_network
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode

LAWBOOK = read_lawbook()
HEAD = """
zone = "Europe/Brussels"
hub = "KSZ"
[[nodes]]
institution = "RVA"
lines = "payer_lines"
"""


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(LAWBOOK)


def roles(network: Network, code: InstitutionCode) -> frozenset[str]:
    return network.lawbook.institutions[code].roles


def test_members_of_one_node_ask_it_and_those_of_another_answer_it(network: Network):
    by_code = {node.institution: node for node in network.nodes}
    asked, asking = by_code[InstitutionCode("RVA")], by_code[InstitutionCode("NIC")]

    assert asked.answers
    assert not asking.answers
    assert {one.institution for one in network.collectors} == set(network.members(asked))
    assert {one.node for one in network.collectors} == {asked.institution}
    for code in network.members(asked):
        assert "payment_institution" in roles(network, code)
        assert network.node_of(code) == asked
    for code in network.members(asking):
        assert "insurance_institution" in roles(network, code)
        assert network.node_of(code) == asking


def test_an_insurer_names_the_file_manager_of_cases_that_name_none(tmp_path: Path):
    path = tmp_path / "network.toml"
    contact = 'contact = { last_name = "Peeters", first_name = "An", phone = "02 000 00 00" }'
    path.write_text(f'{HEAD}[[circuits]]\ninstitution = "CM"\n{contact}\n', "utf-8")

    network = read_network(LAWBOOK, path)

    named = Contact(last_name="Peeters", first_name="An", phone="02 000 00 00")
    assert contact_of(network, InstitutionCode("CM")) == named
    assert contact_of(network, InstitutionCode("KSZ")) is None
    path.write_text(path.read_text("utf-8").replace("phone", "fon"), "utf-8")
    with pytest.raises(NetworkWrong, match="fon"):
        read_network(LAWBOOK, path)


def test_payment_institutions_share_a_mapping_and_have_tables_of_their_own(network: Network):
    collecting = {one.institution: one.own for one in network.collectors}

    assert len(collecting) == 4
    assert len({id(own) for own in collecting.values()}) == 1
    assert dict(network.sources) == {
        **{one.institution: one for one in network.stations},
        **collecting,
    }
    for own in collecting.values():
        assert own.schema == "payment"
        assert (network.folder / own.mapping).exists()
        assert (network.folder / own.tables).exists()


@pytest.mark.parametrize(
    "members",
    [
        '[[nodes.members]]\nthey = "watch"\nroles = ["payment_institution"]\n',
        '[[nodes.members]]\nroles = ["payment_institution"]\n',
        '[[nodes.members]]\nthey = "answer"\nroles = ["payment_institution"]\n',
        '[[nodes.members]]\nthey = "ask"\nroles = ["x"]\nmapping = "a.toml"\n',
    ],
)
def test_what_members_do_is_said_in_full_or_the_file_is_wrong(tmp_path: Path, members: str):
    file = tmp_path / "network.toml"
    file.write_text(HEAD + members, "utf-8")

    with pytest.raises(NetworkWrong, match=r"network\.toml"):
        read_network(LAWBOOK, file)


def test_an_institution_gets_the_rows_that_name_it_and_all_of_those_that_name_nobody():
    named = pl.DataFrame({"member": ["A", "B", "A"], "n": [1, 2, 3]})
    common = pl.DataFrame({"n": [1, 2]})

    assert own_rows(named, InstitutionCode("A")).to_dict(as_series=False) == {"n": [1, 3]}
    assert own_rows(named, InstitutionCode("C")).is_empty()
    assert own_rows(common, InstitutionCode("A")).equals(common)
