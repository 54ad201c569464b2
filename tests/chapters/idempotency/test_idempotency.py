"""Asked twice, done once: by a shop that dies anywhere, and by many who ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapters.idempotency import BadKey, KeyReused, fingerprint, forget, once, story
from chapters.transaction import open_database
from chapters.transaction.opening import MEMORY

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def typed(value):
    """The value with its types, as JSON sees them: 1 is not true."""
    if isinstance(value, dict):
        return {name: typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    return (type(value).__name__, value)


@given(VALUES, VALUES)
def test_fingerprints_are_equal_if_and_only_if_the_values_are(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (typed(one) == typed(other))


@given(st.dictionaries(st.text(), VALUES, max_size=5), st.randoms())
def test_the_order_of_names_makes_no_difference(value, rng):
    names = list(value)
    rng.shuffle(names)
    assert fingerprint(value) == fingerprint({name: value[name] for name in names})


def test_a_key_with_its_effect_is_once_at_every_death():
    way = story.key_with_effect
    assert [story.cooked(way, point) for point in range(story.points(way) + 1)] == [1, 1, 1]


def test_the_other_ways_cook_twice_or_never():
    def all_of(way):
        return {story.cooked(way, point) for point in range(1, story.points(way) + 1)}

    assert 2 in all_of(story.without_a_key)
    assert 2 in all_of(story.effect_then_key)
    assert 0 in all_of(story.key_then_effect)


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request, tmp_path):
    address = f"sqlite:///{tmp_path / 'kit.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres")
    found = open_database(address, story.tables)
    yield found
    found.close()


def test_of_many_at_once_one_is_done_and_all_get_its_answer(database):
    def ask(_):
        return database.run(
            lambda connection: once(
                connection, "tap", {}, lambda: story.cook(connection, "dosa"), now_ns=0
            )
        )

    with ThreadPoolExecutor(6) as crew:
        answers = list(crew.map(ask, range(12)))
    assert answers == [{"dinner": "dosa"}] * 12
    assert database.run(lambda connection: connection.execute(story.COOKED).scalar_one()) == 1


def test_a_forgotten_key_is_new_again():
    database = open_database(MEMORY, story.tables)

    def ask(now_ns):
        return database.run(lambda c: once(c, "tap", {}, lambda: now_ns, now_ns=now_ns))

    assert (ask(5), ask(6)) == (5, 5)
    assert database.run(lambda c: forget(c, before_ns=5)) == 0
    assert database.run(lambda c: forget(c, before_ns=6)) == 1
    assert ask(9) == 9


def test_refusals_name_the_key_and_the_remedy():
    database = open_database(MEMORY, story.tables)
    story.key_with_effect(database, "dosa")
    with pytest.raises(KeyReused, match="'tap-1' was used for another request: take a new one"):
        story.key_with_effect(database, "idli")
    with pytest.raises(BadKey, match="201 characters"):
        database.run(lambda c: once(c, "k" * 201, {}, lambda: 1, now_ns=0))
