"""Wildcards of policies: `*` is any run of characters, `?` is one, `${aws:username}` is who asks.

    arn:aws:s3:::photos/${aws:username}/*   for alice   arn:aws:s3:::photos/alice/ then anything

Invariant: what a variable stands for is taken literally, so that a user agent of `*` matches nothing
but itself. O(pattern × text) at worst, whatever the pattern: a regular expression with ten stars can
take years, and policies are written by strangers. Page: docs/s3/auth.md
"""

import re
from collections.abc import Iterator, Mapping, Sequence

ANY, ONE = "any run", "one character"  # as tokens: no character is equal to them

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_CHARACTERS = {"*": "*", "?": "?", "$": "$"}  # ${*} is a star that is no wildcard

Values = str | Sequence[str]
Context = Mapping[str, Values]


def matches(tokens: Sequence[str], text: str) -> bool:
    """Return whether the whole of `text` fits `tokens`: characters, ONE and ANY.

    Two fingers move along; at an ANY we note where we are. When a character does not fit, the last
    ANY takes one character more, and both fingers go on from there.
    """
    at = token = 0
    star = resume = -1
    while at < len(text):
        if token < len(tokens) and tokens[token] == ANY:
            star, resume = token, at
            token += 1
        elif token < len(tokens) and tokens[token] in (ONE, text[at]):
            at += 1
            token += 1
        elif star >= 0:
            resume += 1
            at, token = resume, star + 1
        else:
            return False
    return all(each == ANY for each in tokens[token:])


def like(pattern: str, text: str, context: Context) -> bool:
    """Return whether `text` fits `pattern`, its variables filled in from `context`."""
    if "${" not in pattern and "?" not in pattern:
        head, star, tail = pattern.partition("*")
        if not star:
            return pattern == text
        if not tail:
            return text.startswith(head)
    return matches(list(_tokens(pattern, context)), text)


def filled(text: str, context: Context) -> str:
    """Return `text` with its variables filled in; stars in it are stars."""
    if "${" not in text:
        return text
    return _VARIABLE.sub(lambda found: _value(found[1], found[0], context), text)


def _tokens(pattern: str, context: Context) -> Iterator[str]:
    at = 0
    for found in _VARIABLE.finditer(pattern):
        yield from _wildcards(pattern[at : found.start()])
        yield from _value(found[1], found[0], context)
        at = found.end()
    yield from _wildcards(pattern[at:])


def _wildcards(text: str) -> Iterator[str]:
    for character in text:
        yield ANY if character == "*" else ONE if character == "?" else character


def _value(name: str, whole: str, context: Context) -> str:
    """Return what a variable stands for; one that is not known stands for its own name."""
    value = _CHARACTERS.get(name) or context.get(folded(name), whole)
    return value if isinstance(value, str) else whole


def folded(key: str) -> str:
    """Return a condition key for comparing: its case does not count, that of a tag's name does."""
    name, slash, tag = key.partition("/")
    return name.lower() + slash + tag
