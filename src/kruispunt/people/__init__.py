"""A synthetic country: a deterministic population with valid numbers and coherent lives."""

from kruispunt.people.country import Country, ParametersWrong, read_country
from kruispunt.people.examples import Example, examples
from kruispunt.people.folder import FORMATS, MARK, Format, write_folder
from kruispunt.people.lines import LINE_COLUMNS, merge
from kruispunt.people.load import copy_csv, employer_rows, load_table, number_rows, person_rows
from kruispunt.people.numbers import NumbersExhausted
from kruispunt.people.population import Population, generate, generate_persons

__all__ = [
    "FORMATS",
    "LINE_COLUMNS",
    "MARK",
    "Country",
    "Example",
    "Format",
    "NumbersExhausted",
    "ParametersWrong",
    "Population",
    "copy_csv",
    "employer_rows",
    "examples",
    "generate",
    "generate_persons",
    "load_table",
    "merge",
    "number_rows",
    "person_rows",
    "read_country",
    "write_folder",
]
