"""Lists of names that the check of free texts (`identifying`) looks for, from Faker, and words that are no names. Pure.

Faker (MIT) keeps lists of given names and surnames per country; they are read the first time that a text is checked.
Besides the Italian ones those of the countries from which most foreign pupils of the Po plain come are taken. Faker's
Italian list is literary (it has Adelasia and not Andrea), so `data/words_in_texts.toml` adds the names that children
bear. The same file lists the words that are names too ("durante", "rosa", "chiara"): they count as names only where
the way they are written says so, see `identifying`.
"""

import tomllib
from functools import cache
from importlib import import_module
from importlib.resources import files

from prevention.network.provinces import PROVINCES

_GIVEN_FROM = ("ro_RO", "en_IN", "en_PK", "fr_DZ", "es_CO", "pt_BR", "pl_PL", "en_GB")
_SURNAMES_FROM = ("it_IT", "en_IN", "en_PK", "fr_DZ", "ro_RO")
# Shorter ones are syllables of other words.
SHORTEST = 3


@cache
def words(key: str) -> frozenset[str]:
    """Give one list of `data/words_in_texts.toml`.

    Raises:
        KeyError: there is no such list.
    """
    return frozenset(_file()[key].split())


@cache
def italian_given_names() -> frozenset[str]:
    """Give Italian given names in small letters, words of the language among them."""
    return frozenset(_given("it_IT")) | words("frequent")


@cache
def foreign_given_names() -> frozenset[str]:
    """Give given names of other countries, in small letters, that are no Italian name and no word."""
    found = {name for locale in _GIVEN_FROM for name in _given(locale) if len(name) >= SHORTEST}
    known = frozenset(found) | words("frequent_foreign")
    return known - italian_given_names() - words("also_words") - words("public_words") - words("function_words")


@cache
def surnames() -> frozenset[str]:
    """Give surnames in small letters, without those that are everyday words."""
    found = {name for locale in _SURNAMES_FROM for name in _listed(locale, "last_names") if len(name) >= SHORTEST}
    return frozenset(found) - words("no_surnames") - words("public_words")


@cache
def public_words() -> frozenset[str]:
    """Give capitalised words that mean no person, names of provinces among them, in small letters."""
    provinces = {word for province in PROVINCES for word in province.name.casefold().replace("-", " ").split()}
    return words("public_words") | provinces


def _given(locale: str) -> list[str]:
    return _listed(locale, "first_names", "first_names_male", "first_names_female")


def _listed(locale: str, *keys: str) -> list[str]:
    # Not at the top: reading the lists takes longer than starting the application.
    provider = import_module(f"faker.providers.person.{locale}").Provider
    names = (str(name).casefold() for key in keys for name in getattr(provider, key, ()))
    return [name for name in names if " " not in name and "-" not in name]


@cache
def _file() -> dict[str, str]:
    text = files("prevention.network").joinpath("data/words_in_texts.toml").read_text(encoding="utf-8")
    lists: dict[str, str] = tomllib.loads(text)
    return lists
