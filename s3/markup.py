"""S3's XML, both ways: what clients send is read strictly, what they get is written from tuples.

    [("Name", "photos"), ("Contents", [("Key", "a.jpg"), ("Size", 3)])]
    ──►  <Name>photos</Name><Contents><Key>a.jpg</Key><Size>3</Size></Contents>

A tag's value is text, a number, a list of further (tag, value) pairs, or None, which leaves it out.
Documents with a DOCTYPE are refused: no request of S3 has one, and entities are an attack.
Page: docs/s3/requests.md
"""

import re
from collections.abc import Iterable
from typing import TypeAlias, Union
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser

from s3.errors import Refused
from s3.http import is_number

Value: TypeAlias = Union[str, int, bool, "list[Pair]", "Xml", None]
Pair: TypeAlias = tuple[str, Value]


class Xml(str):
    """Text that is XML already: what a page of a thousand entries is written with, at half the cost."""

    __slots__ = ()


NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DOCUMENT_BYTES_MAX = 2 * 1024 * 1024  # 1,000 keys to delete fit, and 10,000 parts to complete

_SPECIAL = re.compile(r"[&<>\"\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def render(root: str, content: list[Pair] | str, *, namespace: str = NAMESPACE) -> bytes:
    """Return an XML document: the element `root` with pairs, or text, inside."""
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n<', root]
    pieces.append(f' xmlns="{namespace}">' if namespace else ">")
    if isinstance(content, str):
        pieces.append(escape(content))
    else:
        _write(pieces, content)
    pieces.append(f"</{root}>")
    return "".join(pieces).encode()


def fragment(pairs: Iterable[Pair]) -> str:
    """Return pairs as XML, without a document around them."""
    pieces: list[str] = []
    _write(pieces, pairs)
    return "".join(pieces)


def _write(pieces: list[str], pairs: Iterable[Pair]) -> None:
    for tag, value in pairs:
        if value is None:
            continue
        if isinstance(value, Xml):
            pieces.append(f"<{tag}>{value}")
        elif isinstance(value, list):
            pieces.append(f"<{tag}>")
            _write(pieces, value)
        elif value is True or value is False:
            pieces.append(f"<{tag}>{'true' if value else 'false'}")
        else:
            pieces.append(f"<{tag}>{escape(str(value))}")
        pieces.append(f"</{tag.partition(' ')[0]}>")


def escape(text: str) -> str:
    """Return `text` with what XML cannot hold as character references, as S3 does."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda at: _ESCAPED.get(at[0]) or f"&#x{ord(at[0]):x};", text)


def parse(document: bytes, root: str) -> Element:
    """Return the root element, namespaces taken off. Raises `MalformedXML` unless it is `root`."""
    if len(document) > DOCUMENT_BYTES_MAX:
        raise Refused("MalformedXML", f"The document is over {DOCUMENT_BYTES_MAX} bytes")
    try:
        found = ElementTree.fromstring(document, XMLParser(target=_Builder()))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Refused("MalformedXML", f"The XML cannot be read: {error}") from None
    for each in found.iter():
        each.tag = each.tag.rpartition("}")[2]
    if found.tag != root:
        raise Refused("MalformedXML", f"The root is {found.tag}; {root} was expected")
    return found


class _Builder(TreeBuilder):
    def doctype(self, *_: object) -> None:
        """Refuse it, whatever the document's encoding is, before an entity can be declared."""
        raise Refused("MalformedXML", "A document with a DOCTYPE is not read")


def text_of(parent: Element, tag: str, default: str | None = None) -> str:
    """Return the text of a child. Raises `MalformedXML` when it is missing without a default."""
    child = parent.find(tag)
    if child is None:
        if default is None:
            raise Refused("MalformedXML", f"{parent.tag} has no {tag}")
        return default
    return (child.text or "").strip() if len(child) == 0 else ""


def raw_text(parent: Element, tag: str) -> str:
    """Return the text of a child with its spaces: keys may begin and end with them."""
    child = parent.find(tag)
    if child is None:
        raise Refused("MalformedXML", f"{parent.tag} has no {tag}")
    return child.text or ""


def number_of(parent: Element, tag: str, *, low: int = 0) -> int:
    """Return a child's whole number, at least `low`. Raises `MalformedXML`."""
    text = text_of(parent, tag)
    if not is_number(text.removeprefix("-")) or int(text) < low:
        raise Refused("MalformedXML", f"{tag} is {text!r}: no whole number from {low} on")
    return int(text)
