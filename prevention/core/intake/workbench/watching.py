"""Reading the XML of an office document for what acts or loads by itself."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from .limits import XML_DEPTH_MOST, Refused

_WEB_ADDRESS = re.compile(r"(?i)\s*(https?:|mailto:|tel:|#|[^:]*$)")
_ELSEWHERE = re.compile(r"(?i)\s*([a-z][a-z0-9+.-]*:|//|\\\\|/)")
_FIELDS = re.compile(
    r"(?i)\b(DDE|DDEAUTO)\b|\b(INCLUDEPICTURE|INCLUDETEXT|IMPORT)\b[^\\]{0,40}(https?:|file:|\\\\\\\\)"
)
# Cells that ask a server, or another program, as soon as the sheet is opened.
_QUOTED = re.compile(r'"[^"]*"')
_FORMULA_ELEMENTS = frozenset({"f", "definedName", "formula1", "formula2"})
_FORMULAS = re.compile(
    r"(?i)(?<!\w)(DDE|WEBSERVICE|IMAGE|RTD|CALL|REGISTER(\.ID)?|EXEC|IMPORT(DATA|XML|HTML|FEED))\s*\("
    r"|[\w'\"]\s*\|\s*['\"]?[^|]*!"
)


@dataclass
class Watch:
    """Reads one XML part and refuses what acts or loads by itself. Names come as "namespace local"."""

    name: str
    depth: int = 0
    field_codes: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    in_field: bool = False
    in_formula: bool = False

    def read(self, content: bytes) -> None:
        """Read the part to its end.

        Raises:
            Refused: it acts or loads by itself, or is no XML.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise Refused("damaged") from None
        # A field's code may be spread over many runs.
        if _FIELDS.search("".join(self.field_codes)):
            raise Refused("external")
        if any(_FORMULAS.search(_QUOTED.sub("", formula)) for formula in self.formulas):
            raise Refused("external")

    def _doctype(self, *_declared: Any) -> None:
        # Neither office format has any use for a document type; entities come with one.
        raise Refused("external")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > XML_DEPTH_MOST:
            raise Refused("bomb")
        local = name.rsplit(" ", 1)[-1]
        values = {key.rsplit(" ", 1)[-1]: value for key, value in attributes.items()}
        self.in_field, self.in_formula = local == "instrText", local in _FORMULA_ELEMENTS
        if self.in_formula:
            self.formulas.append("")
        if "formula" in values:
            self.formulas.append(values["formula"])
        if local == "fldSimple":
            self.field_codes.append(values.get("instr", ""))
        _check_element(local, values)
        if self.name.endswith(".svg") or "2000/svg" in name:
            _check_drawing(local, values)
        if "xlink" in " ".join(attributes) and "href" in values:
            _check_link(local, values["href"])

    def _end(self, _name: str) -> None:
        self.depth -= 1
        self.in_field = self.in_formula = False

    def _text(self, text: str) -> None:
        if self.in_field:
            self.field_codes.append(text)
        if self.in_formula:
            # The reader gives long text in pieces.
            self.formulas[-1] += text


def _check_element(local: str, values: dict[str, str]) -> None:
    if local == "ddeLink" or (local in ("Override", "Default") and _is_macro_type(values)):
        raise Refused("macros")
    if local == "Relationship":
        _check_relationship(values)
    if local == "encryption-data":
        raise Refused("locked")
    if local in ("event-listener", "plugin", "applet", "floating-frame"):
        raise Refused("macros")


def _is_macro_type(values: dict[str, str]) -> bool:
    kind = values.get("ContentType", "").casefold()
    return any(word in kind for word in ("macroenabled", "vbaproject", "activex", "vbadata"))


def _check_relationship(values: dict[str, str]) -> None:
    kind, place = values.get("Type", "").rsplit("/", 1)[-1].casefold(), values.get("Target", "")
    if kind == "afchunk":
        raise Refused("web_page")
    if kind in ("vbaproject", "control", "keymapcustomizations"):
        raise Refused("macros")
    if values.get("TargetMode", "").casefold() != "external":
        return
    if kind != "hyperlink" or not _WEB_ADDRESS.match(place) or place.strip().startswith(("//", "\\\\")):
        raise Refused("external")


def _check_drawing(local: str, values: dict[str, str]) -> None:
    has_trigger = any(key.casefold().startswith("on") for key in values)
    if local.casefold() in ("script", "foreignobject", "iframe", "handler") or has_trigger:
        raise Refused("drawing")


def _check_link(local: str, place: str) -> None:
    if re.match(r"(?i)\s*(javascript|vbscript|data:text|macro|script|vnd\.sun\.star)", place):
        raise Refused("macros")
    is_followed_by_hand = local == "a"
    if is_followed_by_hand:
        if not _WEB_ADDRESS.match(place):
            raise Refused("external")
    elif local != "template" and (_ELSEWHERE.match(place) or "../.." in place):
        raise Refused("external")
