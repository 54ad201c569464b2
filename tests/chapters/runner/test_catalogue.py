"""The catalogue: what is built, by name, in the syllabus's order."""

import pytest

from chapters.runner.catalogue import Catalogue
from chapters.runner.errors import BrokenCourse, UnknownName


def test_exercises_come_in_the_order_of_the_syllabus(toy):
    assert [each.id for each in toy.catalogue.exercises] == ["toy/push", "toy/pop"]


def test_what_has_no_story_is_not_there(toy):
    assert [each.name for each in toy.catalogue.units] == ["toy"]


def test_an_exercise_knows_its_parts(toy):
    pop = toy.exercise("pop")
    assert (pop.package, pop.modules) == ("chapters.toy", ("chapters.toy.queue",))
    assert (pop.minutes, pop.points) == (5, 6)
    assert str(pop.holes[0]) == "chapters/toy/queue.py::Queue.pop"


def test_a_last_name_alone_will_do(toy):
    assert toy.catalogue.exercise("pop").id == "toy/pop"


@pytest.mark.parametrize(
    ("name", "near"), [("toy/psh", "toy/push"), ("ty", "toy"), ("pop", "toy/pop")]
)
def test_an_unknown_name_gets_the_nearest(toy, name, near):
    with pytest.raises(UnknownName, match=f"did you mean {near}"):
        toy.catalogue.find(name)


def test_a_name_near_nothing_gets_the_way_to_the_list(toy):
    with pytest.raises(UnknownName, match="`kit list` shows"):
        toy.catalogue.find("zzzzzz")


def test_a_track_has_the_exercises_of_what_is_built_on_it(toy):
    assert toy.catalogue.track("queues") == toy.catalogue.exercises
    assert toy.catalogue.track("heaps") == ()
    with pytest.raises(UnknownName, match="did you mean queues"):
        toy.catalogue.track("queus")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Oldest first"', "", "pop: KeyError: 'title'"),
        ('["queue.py::Queue.pop"]', '["queue.py"]', "not of the form file.py::Class.function"),
        ("[[exercise]]", "[[exercise", "cannot be read"),
    ],
)
def test_an_authors_mistake_names_file_and_exercise(toy, old, new, message):
    path = toy.root / "chapters/toy/exercise.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BrokenCourse, match=r"exercise\.toml") as error:
        Catalogue.load(toy.root)
    assert message in str(error.value)
