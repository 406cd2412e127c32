"""Conditions of other tools, turned into our routing where it can say the same. Pure.

XLSForm writes ``${B1} != '0' and selected(${M2}, 'school')`` (XPath), LimeSurvey ``((B1.NAOK != "0"))``. Both are read
by one grammar. What we can say: an item is asked if one of several alternatives holds and skipped if one of several
others does, an alternative naming items and the answers that count (`rules.py`). So a condition is brought into the
form "positive parts AND NOT negative parts": the first become ``asked_if``, the second ``skipped_if``. A NOT inside
an OR can only be said by listing the other answers; that differs when the item was left empty, and is reported.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

Alternatives = list[dict[str, list[str]]]

MOST_ALTERNATIVES = 60

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^']*'|"[^"]*")|\$\{(?P<ref>[^}]+)\}|(?P<number>\d+(?:\.\d+)?(?!\w))"""
    r"""|(?P<op>==|!=|<=|>=|&&|\|\||[=<>!(),])|(?P<word>(?:[A-Za-z_]|\d+X\d+X)[\w.\-]*))"""
)
_WORDS = {"and": "&&", "or": "||", "eq": "=", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class NotSayable(ValueError):
    """A condition that our routing cannot say, or that cannot be read."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a name in a condition stands for: an item, its possible answers, and, for one tick box, that answer.

    `is_multiple` says that several answers may hold at once.
    """

    code: str
    values: tuple[str, ...]
    ticked: str | None = None
    is_multiple: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Routing:
    """What a condition became; `is_exact` False when it differs for an item that was left empty."""

    asked_if: Alternatives
    skipped_if: Alternatives
    is_exact: bool


@dataclass(frozen=True, slots=True)
class _Is:
    code: str
    values: frozenset[str]
    universe: tuple[str, ...]
    is_multiple: bool


@dataclass(frozen=True, slots=True)
class _Not:
    of: "_Node"


@dataclass(frozen=True, slots=True)
class _All:
    of: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Any:
    of: tuple["_Node", ...]


_Node = _Is | _Not | _All | _Any
_ALWAYS = _All(())
_Operand = Named | str


def routing_of(condition: str, *, find: Callable[[str], Named | None]) -> Routing:
    """Turn a condition into routing.

    Args:
        condition: as it stands in the file.
        find: gives what a name stands for; None for something that is not asked here.

    Raises:
        NotSayable: it cannot be read, names something that is not asked, or cannot be said; holds a reason.
    """
    tree = _Reader(condition, find).read()
    asked: list[_Node] = []
    skipped: list[_Node] = []
    for part in _conjuncts(tree):
        (skipped if isinstance(part, _Not) else asked).append(part.of if isinstance(part, _Not) else part)
    exactness: list[bool] = []
    asked_if = _alternatives(_All(tuple(asked)), exactness) if asked else []
    skipped_if = [one for part in skipped for one in _alternatives(part, exactness)]
    if not all(map(bool, asked_if)) or not all(map(bool, skipped_if)):
        raise NotSayable(condition)
    return Routing(asked_if=asked_if, skipped_if=skipped_if, is_exact=all(exactness))


def both(one: Routing, other: Routing) -> Routing:
    """Join two conditions that must both hold, such as those of a group and of an item in it.

    Raises:
        NotSayable: too many alternatives come of it.
    """
    asked: Alternatives = one.asked_if or other.asked_if
    if one.asked_if and other.asked_if:
        asked = []
        for first, second in product(one.asked_if, other.asked_if):
            joined = {code: list(values) for code, values in first.items()}
            for code, values in second.items():
                joined[code] = [value for value in joined[code] if value in values] if code in joined else list(values)
            if all(joined.values()) and joined not in asked:
                asked.append(joined)
        if not asked or len(asked) > MOST_ALTERNATIVES:
            raise NotSayable("alternatives")
    skipped = [*one.skipped_if, *(rule for rule in other.skipped_if if rule not in one.skipped_if)]
    return Routing(asked_if=asked, skipped_if=skipped, is_exact=one.is_exact and other.is_exact)


NO_ROUTING = Routing(asked_if=[], skipped_if=[], is_exact=True)


def _conjuncts(node: _Node) -> Iterator[_Node]:
    if isinstance(node, _All):
        for part in node.of:
            yield from _conjuncts(part)
    elif isinstance(node, _Not) and isinstance(node.of, _Any):
        for part in node.of.of:
            yield from _conjuncts(_Not(part))
    elif isinstance(node, _Not) and isinstance(node.of, _Not):
        yield from _conjuncts(node.of.of)
    else:
        yield node


def _alternatives(node: _Node, exactness: list[bool]) -> Alternatives:
    """Bring a tree into alternatives; NOT of an answer becomes the list of the other answers."""
    if isinstance(node, _Is):
        return [{node.code: [value for value in node.universe if value in node.values]}]
    if isinstance(node, _Not):
        return _alternatives(_negated(node.of, exactness), exactness)
    if isinstance(node, _Any):
        found = [one for part in node.of for one in _alternatives(part, exactness)]
    else:
        found = [{}]
        for part in node.of:
            found = [
                joined
                for first in found
                for second in _alternatives(part, exactness)
                for joined in (_joined(first, second, part),)
                if joined is not None
            ]
            if len(found) > MOST_ALTERNATIVES:
                raise NotSayable("alternatives")
    if not found or len(found) > MOST_ALTERNATIVES:
        raise NotSayable("alternatives")
    return found


def _joined(first: dict[str, list[str]], second: dict[str, list[str]], part: _Node) -> dict[str, list[str]] | None:
    joined = dict(first)
    for code, values in second.items():
        if code not in joined:
            joined[code] = values
        elif isinstance(part, _Is) and part.is_multiple:
            # "ticked this and ticked that" of one item: an alternative can only ask for one of several.
            raise NotSayable(code)
        else:
            joined[code] = [value for value in joined[code] if value in values]
            if not joined[code]:
                return None
    return joined


def _negated(node: _Node, exactness: list[bool]) -> _Node:
    if isinstance(node, _Is):
        if node.is_multiple:
            raise NotSayable(node.code)
        exactness.append(False)
        return _Is(node.code, frozenset(node.universe) - node.values, node.universe, node.is_multiple)
    if isinstance(node, _Not):
        return node.of
    parts = tuple(_Not(part) for part in node.of)
    return _Any(parts) if isinstance(node, _All) else _All(parts)


class _Reader:
    """Reads a condition from left to right."""

    def __init__(self, condition: str, find: Callable[[str], Named | None]) -> None:
        self.condition, self.find = condition, find
        self.tokens = list(_tokens(condition))
        self.at = 0

    def read(self) -> _Node:
        if not self.tokens:
            return _ALWAYS
        node = self._any(0)
        if self.at != len(self.tokens):
            raise NotSayable(self.condition)
        return node

    def _any(self, depth: int) -> _Node:
        if depth > 20:
            raise NotSayable(self.condition)
        parts = [self._all(depth)]
        while self._take("||"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else _Any(tuple(parts))

    def _all(self, depth: int) -> _Node:
        parts = [self._one(depth)]
        while self._take("&&"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else _All(tuple(parts))

    def _one(self, depth: int) -> _Node:
        if self._take("!"):
            return _Not(self._one(depth + 1))
        if self._take("("):
            node = self._any(depth + 1)
            self._need(")")
            return node
        kind, word = self._peek()
        if kind == "word" and self._peek(1)[1] == "(":
            return self._call(word, depth)
        if kind == "number" and self._peek(1)[1] not in _FLIPPED:
            # LimeSurvey writes 1 where nothing is asked for.
            self.at += 1
            if word != "1":
                raise NotSayable(self.condition)
            return _ALWAYS
        return self._comparison()

    def _call(self, word: str, depth: int) -> _Node:
        self.at += 2
        name = word.lower()
        if name == "not":
            node: _Node = _Not(self._any(depth + 1))
        elif name == "selected":
            named = self._operand()
            self._need(",")
            wanted = self._operand()
            node = self._is(named, wanted)
        elif name in ("is_empty", "empty"):
            node = _Not(self._answered(self._operand()))
        elif name == "true":
            node = _ALWAYS
        else:
            raise NotSayable(word)
        self._need(")")
        return node

    def _comparison(self) -> _Node:
        left = self._operand()
        kind, sign = self._peek()
        sign = "=" if sign == "==" else sign
        if kind != "op" or sign not in _FLIPPED:
            return self._ticked(left)
        self.at += 1
        right = self._operand()
        if isinstance(left, str):
            left, right, sign = right, left, _FLIPPED[sign]
        if sign == "=":
            return self._is(left, right)
        if sign == "!=":
            node = self._is(left, right)
            return node.of if isinstance(node, _Not) else _Not(node)
        return self._compared(left, sign, right)

    def _compared(self, left: _Operand, sign: str, right: _Operand) -> _Node:
        if not isinstance(left, Named) or not isinstance(right, str):
            raise NotSayable(self.condition)
        try:
            values = frozenset(value for value in left.values if _COMPARE[sign](float(value), float(right)))
        except ValueError:
            raise NotSayable(self.condition) from None
        return self._one_of(left, values)

    def _is(self, left: _Operand, right: _Operand) -> _Node:
        if not isinstance(left, Named) or not isinstance(right, str):
            raise NotSayable(self.condition)
        if right == "":
            return _Not(self._answered(left))
        if left.ticked is not None:
            ticked = self._ticked(left)
            return ticked if right in ("Y", "1") else _Not(ticked)
        if right not in left.values:
            raise NotSayable(f"{left.code} = {right}")
        return self._one_of(left, frozenset({right}))

    def _answered(self, operand: _Operand) -> _Node:
        if not isinstance(operand, Named):
            raise NotSayable(self.condition)
        return self._ticked(operand) if operand.ticked else self._one_of(operand, frozenset(operand.values))

    def _ticked(self, operand: _Operand) -> _Node:
        if not isinstance(operand, Named) or operand.ticked is None:
            raise NotSayable(self.condition)
        return self._one_of(operand, frozenset({operand.ticked}))

    def _one_of(self, named: Named, values: frozenset[str]) -> _Node:
        if not values:
            raise NotSayable(named.code)
        return _Is(named.code, values, named.values, named.is_multiple)

    def _operand(self) -> _Operand:
        kind, word = self._peek()
        self.at += 1
        if kind == "text":
            return word[1:-1]
        if kind == "number":
            return word
        if kind == "ref" or (kind == "word" and self._peek()[1] != "("):
            named = self.find(word.strip())
            if named is None:
                raise NotSayable(word)
            return named
        raise NotSayable(self.condition)

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ("", "")

    def _take(self, sign: str) -> bool:
        is_there = self._peek() == ("op", sign)
        self.at += is_there
        return is_there

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise NotSayable(self.condition)


def _tokens(condition: str) -> Iterator[tuple[str, str]]:
    at, text = 0, condition.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotSayable(condition)
        at = found.end()
        kind = str(found.lastgroup)
        word = found[kind]
        if kind == "word" and word.lower() in _WORDS:
            kind, word = "op", _WORDS[word.lower()]
        yield kind, word
