"""Listings: every page, of every size, is what a plain reading of the keys would give."""

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapters.lsm import Tree
from chapters.sim.disk import SimDisk
from s3.api.walk import Asked, objects, page_of, versions_from
from s3.metadata.keys import object_key, version_key
from s3.records import Version

KEYS = st.lists(st.text("ab/é", min_size=1, max_size=5), max_size=25, unique=True)


def space(entries):
    """A key space that holds these (key, record) pairs."""
    import random

    tree = Tree(disk=SimDisk(rng=random.Random(1)))
    if entries:
        tree.apply(1, entries)

    def scan(start, stop, limit, *, reverse=False):
        return tree.scan(start, stop, limit=limit, reverse=reverse)

    return SimpleNamespace(scan=scan)


def version(key, order="5", is_marker=False):
    return Version(key, "id" + order, order, 0, "owner", is_marker=is_marker)


def naive(keys, prefix, delimiter):
    """All keys and common prefixes in order, by reading every key."""
    found = []
    for key in sorted(keys, key=str.encode):
        if not key.startswith(prefix):
            continue
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        shown = key if at < 0 else key[: at + len(delimiter)]
        if at < 0 or shown not in found:
            found.append(shown)
    return found


@settings(max_examples=200)
@given(KEYS, st.text("ab/", max_size=2), st.sampled_from(["", "/", "a", "b/"]), st.integers(1, 5),
       st.sets(st.integers(0, 24)))  # fmt: skip
def test_pages_put_together_are_the_naive_listing(keys, prefix, delimiter, limit, hidden):
    markers = {key for number, key in enumerate(keys) if number in hidden}
    held = space(
        [(object_key("b", key), version(key, is_marker=key in markers).to_bytes()) for key in keys]
    )
    wanted = Asked(prefix, delimiter, limit, "")
    seen, marker = [], ""
    for _ in range(60):
        page = page_of(objects(held, "b", wanted), wanted, marker)
        shown = sorted([*(each.key for each in page.entries), *page.prefixes], key=str.encode)
        assert len(shown) <= limit and (shown or not page.is_truncated)
        seen += shown
        marker = page.last
        if not page.is_truncated:
            break
    assert seen == naive(set(keys) - markers, prefix, delimiter)


@settings(max_examples=100)
@given(
    st.dictionaries(st.text("ab/", min_size=1, max_size=3), st.integers(1, 4), max_size=8),
    st.integers(1, 4),
)
def test_all_versions_are_listed_newest_first_over_any_pages(counts, limit):
    entries = []
    for key, count in counts.items():
        entries.append((object_key("b", key), version(key, "0").to_bytes()))
        entries += [
            (version_key("b", key, str(n)), version(key, str(n)).to_bytes())
            for n in range(1, count)
        ]
    held, wanted = space(entries), Asked("", "", limit, "")
    seen, marker, inner = [], "", ""
    for _ in range(60):
        page = page_of(versions_from(held, "b", wanted), wanted, marker, inner)
        seen += [(each.key, each.order, is_latest) for each, is_latest in page.entries]
        if not page.is_truncated:
            break
        marker, inner = page.last, page.entries[-1][0].order
    expected = [(key, str(n), n == 0) for key in sorted(counts) for n in range(counts[key])]
    assert seen == expected


def names(body, tag="Key"):
    return re.findall(rf"<{tag}>(.*?)</{tag}>", body.decode())


@pytest.fixture
def box(store):
    store.ask("PUT", "/box")
    for key in ("a", "b/1", "b/2", "c d", "e"):
        store.ask("PUT", f"/box/{key}", body=b"1")
    return store


def test_version_one_goes_on_behind_its_marker(box):
    first = box.ask("GET", "/box", max_keys="2").body
    assert names(first) == ["a", "b/1"] and b"<IsTruncated>true" in first
    assert names(box.ask("GET", "/box", marker="b/1").body) == ["b/2", "c d", "e"]


def test_version_two_goes_on_with_its_token(box):
    seen, token = [], {}
    while True:
        page = box.ask("GET", "/box", list_type="2", max_keys="2", **token)
        seen += names(page.body)
        if b"<IsTruncated>false" in page.body:
            break
        token = {"continuation_token": page.find("NextContinuationToken")}
    assert seen == ["a", "b/1", "b/2", "c d", "e"]


def test_keys_are_encoded_when_the_client_asks_for_it(box):
    assert "c%20d" in names(box.ask("GET", "/box", encoding_type="url").body)
    assert box.ask("GET", "/box", encoding_type="rot13").code == "InvalidArgument"


@pytest.mark.parametrize("number", ["-1", "many", "99999999999"])
def test_a_page_size_that_is_no_number_is_refused(box, number):
    assert box.ask("GET", "/box", max_keys=number).code == "InvalidArgument"


def test_a_page_of_nothing_is_not_truncated(box):
    page = box.ask("GET", "/box", max_keys="0")
    assert names(page.body) == [] and b"<IsTruncated>false" in page.body
