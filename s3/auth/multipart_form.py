"""A form as browsers send it (multipart/form-data), read as a stream: fields first, then the file.

    --boundary\\r\\n
    Content-Disposition: form-data; name="key"\\r\\n \\r\\n            a part: headers, an empty line,
    user/${filename}\\r\\n                                         its value up to the next boundary
    --boundary\\r\\n
    Content-Disposition: form-data; name="file"; filename="a.jpg"\\r\\n \\r\\n
    …the bytes…\\r\\n
    --boundary--                                                the file ends here

Invariant: the file is never in memory whole: one block and one boundary's length of it is. What may still
be the beginning of a boundary is not given out until it is known not to be one. What follows the file is
ignored, as S3 does. Source: RFC 7578, RFC 2046 §5.1. Page: docs/s3/auth.md
"""

import re
from dataclasses import dataclass, field
from email.message import Message

from s3.errors import Refused
from s3.http import Body

BLOCK_BYTES = 64 * 1024
BOUNDARY_BYTES_MAX = 70  # RFC 2046
FIELDS_BYTES_MAX = 20 * 1024  # all that comes before the file, as S3 has it
FIELDS_MAX = 100

_BOUNDARY = re.compile(r"[ -~]{1,70}")


@dataclass(slots=True)
class Form:
    """The fields by lower-case name, and the file as a stream."""

    fields: dict[str, str]
    file: "FilePart"
    filename: str = ""
    content_type: str = ""
    names: dict[str, str] = field(default_factory=dict)  # as they were written


class FormReader:
    """The bytes of a form, cut where we ask."""

    def __init__(self, source: Body, boundary: bytes) -> None:
        self._source = source
        self._block = b"\r\n"  # so that the first boundary is like all others
        self.boundary = b"\r\n--" + boundary
        self.read_bytes = 0

    def until(self, mark: bytes, bytes_max: int) -> bytes:
        """Return what comes before `mark`, and step over it; at most `bytes_max` bytes."""
        while (at := self._block.find(mark)) < 0 and len(self._block) < bytes_max + len(mark):
            self._more()
        if not 0 <= at <= bytes_max:
            raise Refused("MaxPostPreDataLengthExceededError")
        found, self._block = self._block[:at], self._block[at + len(mark) :]
        return found

    def is_last(self) -> bool:
        """Return whether the boundary just passed ended the form; step over the rest of its line."""
        rest = self.until(b"\r\n", BOUNDARY_BYTES_MAX).strip(b" \t")
        if rest not in (b"", b"--"):
            raise Refused("MalformedPOSTRequest", f"A boundary goes on with {rest!r}")
        return rest == b"--"

    def some_until(self, mark: bytes, size: int) -> tuple[bytes, bool]:
        """Return up to `size` bytes before `mark`, and whether `mark` has been reached."""
        while (at := self._block.find(mark)) < 0 and len(self._block) < len(mark):
            self._more()
        count = min(size, at if at >= 0 else len(self._block) - len(mark) + 1)
        found, self._block = self._block[:count], self._block[count:]
        return found, count == at

    def _more(self) -> None:
        block = self._source.read(BLOCK_BYTES)
        if not block:
            raise Refused("MalformedPOSTRequest", "The form ended inside a part")
        self.read_bytes += len(block)
        self._block += block

    def drain(self) -> None:
        """Read what follows, so that the connection can be used again."""
        self._block = b""
        while self._source.read(BLOCK_BYTES):
            pass


class FilePart:
    """The file's bytes; refuses itself when its size is not in the range that the policy allows."""

    def __init__(self, reader: FormReader) -> None:
        self.size_bytes = 0
        self.low_bytes, self.high_bytes = 0, 1 << 63
        self.trailers: dict[str, str] = {}
        self._reader = reader
        self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all that is left when it is negative, none at the end.

        Raises `EntityTooLarge` or `EntityTooSmall` before the empty read, and `MalformedPOSTRequest`
        for a form that ends before its boundary.
        """
        pieces = []
        left = size if size >= 0 else 1 << 63
        while left and not self._ended:
            piece, ended = self._reader.some_until(self._reader.boundary, left)
            pieces.append(piece)
            left -= len(piece)
            self.size_bytes += len(piece)
            self._check(ended)
        return b"".join(pieces)

    def _check(self, ended: bool) -> None:
        if self.size_bytes > self.high_bytes:
            raise Refused("EntityTooLarge", f"The policy allows {self.high_bytes} bytes")
        if ended:
            self._ended = True
            self._reader.drain()
            if self.size_bytes < self.low_bytes:
                raise Refused("EntityTooSmall", f"The policy asks for {self.low_bytes} bytes")


def read_form(content_type: str, source: Body) -> Form:
    """Return the fields before the file, and the file as it comes.

    Raises `MalformedPOSTRequest`, `MaxPostPreDataLengthExceededError`, and `InvalidArgument` for a
    form without a file.
    """
    reader = FormReader(source, _boundary(content_type))
    reader.until(reader.boundary, FIELDS_BYTES_MAX)
    form = Form({}, FilePart(reader))
    left_bytes = FIELDS_BYTES_MAX
    while not reader.is_last():
        header = reader.until(b"\r\n\r\n", left_bytes)
        name, filename, part_type = _described(header)
        if name.lower() == "file":
            form.filename, form.content_type = filename, part_type
            return form
        value = reader.until(reader.boundary, left_bytes - len(header))
        left_bytes -= len(header) + len(value)
        _add(form, name, value)
    raise Refused("InvalidArgument", "POST requires exactly one file upload per request")


def _add(form: Form, name: str, value: bytes) -> None:
    if len(form.fields) == FIELDS_MAX or name.lower() in form.fields:
        raise Refused("MalformedPOSTRequest", f"The field {name!r} is there twice, or one too many")
    try:
        form.fields[name.lower()] = value.decode()
    except UnicodeDecodeError as error:
        raise Refused("MalformedPOSTRequest", f"The field {name!r} is not UTF-8") from error
    form.names[name.lower()] = name


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    boundary = message.get_boundary()
    if message.get_content_type() != "multipart/form-data" or boundary is None:
        raise Refused("MalformedPOSTRequest", "The Content-Type is not multipart/form-data")
    if not _BOUNDARY.fullmatch(boundary):
        raise Refused("MalformedPOSTRequest", f"{boundary[:80]!r} is no boundary")
    return boundary.encode()


def _described(header: bytes) -> tuple[str, str, str]:
    """Return name, file name and content type of a part."""
    message = Message()
    for line in header.decode("utf-8", "replace").replace("\r\n ", " ").split("\r\n"):
        header_name, colon, value = line.partition(":")
        if colon:
            message[header_name.strip()] = value.strip().replace("\r", " ").replace("\n", " ")
    name = message.get_param("name", header="content-disposition")
    if not isinstance(name, str) or not name:
        raise Refused("MalformedPOSTRequest", "A part has no name")
    filename = message.get_param("filename", "", header="content-disposition")
    text = filename if isinstance(filename, str) else ""
    return name, re.split(r"[\\/]", text)[-1], str(message.get("content-type", ""))
