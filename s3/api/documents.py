"""Configurations that are kept as the document that the client sent, and read when they are needed.

    PUT  ?cors   XML ──► read, checked ──► kept as text in the bucket's record
    GET  ?cors   the same text
    a request    text ──► rules, parsed once and remembered

Page: docs/s3/configs.md
"""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from s3.api.configs import keep
from s3.api.objects import whole_body
from s3.errors import Refused
from s3.http import Response
from s3.markup import NAMESPACE, XSI, parse
from s3.service import Call

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

ElementTree.register_namespace("xsi", XSI)


def read_document(call: Call, root: str) -> Element:
    """Return the document of the request's body. Raises `MalformedXML`."""
    return parse(whole_body(call), root)


def text_of_document(document: Element) -> str:
    """Return the document as it is kept."""
    document.set("xmlns", NAMESPACE)
    return ElementTree.tostring(document, encoding="unicode")


def keep_document(call: Call, name: str, document: Element) -> Response:
    """Keep a document that was found to be good."""
    return keep(call, name, text_of_document(document))


def show_document(call: Call, name: str, missing: str) -> Response:
    """Return the document that is kept. Raises `missing` if there is none."""
    text: str | None = call.bucket.configs.get(name)
    if text is None:
        raise Refused(missing, BucketName=call.bucket.name)
    return Response(body=(DECLARATION + text).encode())
