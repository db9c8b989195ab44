"""One synthetic population for all tests of this folder."""

from datetime import date

import pytest

from kruispunt.people import Country, Population, generate, read_country

TODAY = date(2026, 1, 15)


@pytest.fixture(scope="session")
def country() -> Country:
    return read_country()


@pytest.fixture(scope="session")
def people(country: Country) -> Population:
    return generate(country, size=20_000, seed=7, today=TODAY)
