"""Search over real song titles: the index beside looking at all of them, and beside tantivy.

A query is one to three words of a title that is known; it hits if that title is among the first ten.
For the typing mistakes, each word of four letters or more has one. Page: docs/spotify/speed.md
"""

import time
from collections.abc import Callable, Iterator, Sequence
from random import Random
from string import ascii_lowercase
from typing import Any

from chapters.inverted_index import Index, words
from chapters.measure.findings import Figure, Finding, Missing
from chapters.measure.ratio import compare
from spotify.bench.data import HOW, found

SEED, QUERIES, SCANNED = 5, 500, 3
TEXTS = 100_000  # titles, and "(Live)" of some
LEAST, P99_MS_MAX, SHOWN = 0.5, 1.0, 10
MISTAKES_FROM_CHARS = 4

Query = tuple[int, str]
Engine = Callable[[str], Sequence[str]]


def cells(quick: bool, on_progress: Callable[[str], object]) -> Iterator[Finding]:
    """Yield speeds and hits."""
    path = found("song_titles.tsv")
    if path is None:
        yield Missing("search on real titles", HOW)
        return
    rng = Random(SEED)
    titles = [line.split("\t")[1] for line in path.read_text("utf-8").splitlines()]
    texts = [*titles, *(f"{rng.choice(titles)} (Live)" for _ in range(TEXTS - len(titles)))]
    exact = _queries(titles, rng, QUERIES // 5 if quick else QUERIES)
    mistyped = [
        (number, " ".join(_mistyped(word, rng) for word in query.split()))
        for number, query in exact
    ]
    on_progress("titles are indexed")
    ours = _ours(texts)
    on_progress("queries")
    yield Figure(
        "search: the slowest of a hundred queries", _p99_ms(ours, exact), "ms", most=P99_MS_MAX
    )
    few = exact[:SCANNED]
    yield compare(lambda: _all(ours, few), lambda: _all(_scan(texts), few), rounds=3,
                  names=("search by index", "looking at all 100,000 titles"))  # fmt: skip
    theirs = _tantivy(texts)
    if theirs is None:
        yield Figure("search: hits with a mistake in each word", _hits(ours, mistyped))
        yield Missing("search beside tantivy", "pip install tantivy")
        return
    plain, fuzzy = theirs
    ratio = compare(
        lambda: _all(ours, exact), lambda: _all(plain, exact), names=("search by index", "tantivy")
    )
    yield ratio
    yield Figure("search: queries a CPU-second, to tantivy's", ratio.ratio, least=LEAST)
    yield Figure(
        "search: hits with a mistake in each word",
        _hits(ours, mistyped),
        least=_hits(fuzzy, mistyped),
    )


def _queries(titles: Sequence[str], rng: Random, count: int) -> list[Query]:
    made: list[Query] = []
    while len(made) < count:
        number = rng.randrange(len(titles))
        own = words(titles[number])
        if own:
            places = sorted(rng.sample(range(len(own)), min(len(own), rng.randint(1, 3))))
            made.append((number, " ".join(own[place] for place in places)))
    return made


def _mistyped(word: str, rng: Random) -> str:
    """The word with a letter lost, added, changed, or swapped with the next."""
    if len(word) < MISTAKES_FROM_CHARS:
        return word
    place, letter = rng.randrange(len(word) - 1), rng.choice(ascii_lowercase)
    before, here, after = word[:place], word[place], word[place + 1 :]
    return rng.choice([before + after, before + letter + here + after, before + letter + after,
                       before + after[0] + here + after[1:]])  # fmt: skip


def _key(number: int) -> str:
    return f"{number:06d}"


def _ours(texts: Sequence[str]) -> Engine:
    index = Index()
    for number, text in enumerate(texts):
        index.add(_key(number), text)
    index.refresh()
    return lambda query: [hit.key for hit in index.search(query, SHOWN)]


def _scan(texts: Sequence[str]) -> Engine:
    """The naive way: every title, every time."""

    def search(query: str) -> list[str]:
        wanted = set(words(query))
        return [_key(n) for n, text in enumerate(texts) if wanted <= set(words(text))][:SHOWN]

    return search


def _tantivy(texts: Sequence[str]) -> tuple[Engine, Engine] | None:
    """A search engine in Rust, plain and with mistakes; None where it is not installed."""
    try:
        import tantivy
    except ImportError:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("key", stored=True)
    builder.add_text_field("title", stored=False)
    index = tantivy.Index(builder.build())
    writer = index.writer(num_threads=1)
    for number, text in enumerate(texts):
        writer.add_document(tantivy.Document(key=[_key(number)], title=[" ".join(words(text))]))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def engine(**more: Any) -> Engine:
        def search(query: str) -> list[str]:
            parsed = index.parse_query(query, ["title"], conjunction_by_default=True, **more)
            hits = searcher.search(parsed, SHOWN).hits
            return [str(searcher.doc(address)["key"][0]) for _, address in hits]

        return search

    return engine(), engine(fuzzy_fields={"title": (False, 1, True)})


def _all(engine: Engine, queries: Sequence[Query]) -> None:
    for _, query in queries:
        engine(query)


def _hits(engine: Engine, queries: Sequence[Query]) -> float:
    return sum(_key(number) in engine(query) for number, query in queries) / len(queries)


def _p99_ms(engine: Engine, queries: Sequence[Query]) -> float:
    took = []
    for _, query in queries:
        begun = time.process_time_ns()
        engine(query)
        took.append((time.process_time_ns() - begun) / 1e6)
    return sorted(took)[int(0.99 * len(took))]
