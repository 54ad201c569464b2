"""Restaurant files: the shapes that are about, all the dirt that was seen in them, and noise."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chapters.geo import Place, metres
from zomato.catalog.areas import AREAS, CITY
from zomato.catalog.columns import mended
from zomato.catalog.files import read
from zomato.catalog.hours import every_day
from zomato.errors import BadFile

DATA = Path(os.environ.get("KIT_DATA", Path(__file__).parents[4] / "shared" / "data")) / "zomato"
REAL = DATA / "bengaluru_restaurants.csv"
BENGALURU = (
    ",Unnamed: 0,restaurant name,restaurant type,rate (out of 5),num of ratings,"
    "avg cost (two people),online_order,table booking,cuisines type,area,local address\n"
)
WORLD = (
    "Restaurant ID,Restaurant Name,City,Address,Locality,Longitude,Latitude,Cuisines,"
    "Average Cost for two,Currency,Aggregate rating,Votes\n"
)


@pytest.fixture
def loaded(tmp_path):
    def load(text):
        path = tmp_path / "restaurants.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read(path)

    return load


def local(**cells):
    """A row of the file of Bengaluru."""
    own = {"name": "Sagar", "rate": "4.1", "votes": "305", "cost": "700", "area": "HSR"} | cells
    return (
        f"0,0,{own['name']},Cafe,{own['rate']},{own['votes']},{own['cost']},Yes,No,"
        f'"North Indian, Chinese",{own["area"]},{own.get("address", "HSR")}\n'
    )


def abroad(lat="12.97", lon="77.59", currency="Indian Rupees(Rs.)", id="7", cost="800"):
    """A row of the file of the world."""
    return f"{id},Sagar {id},Bangalore,1 Road,Road,{lon},{lat},Thai,{cost},{currency},4.5,10\n"


def test_a_row_as_it_should_be(loaded):
    (found,) = loaded(BENGALURU + local()).restaurants.values()
    assert (found.id, found.name, found.kind, found.area) == ("c2", "Sagar", "Cafe", "HSR")
    assert found.cuisines == ("North Indian", "Chinese") and found.cost_for_two_paise == 70_000
    assert (found.rating.votes, found.rating.mean) == (305, pytest.approx(4.1))
    assert metres(found.place, AREAS["HSR"]) < 4_000


def test_a_row_with_coordinates_and_an_id(loaded):
    (found,) = loaded(WORLD + abroad()).restaurants.values()
    assert (found.id, found.place, found.rating.votes) == ("7", Place(12.97, 77.59), 10)


def test_the_other_file_of_bengaluru_with_dishes_that_people_like(loaded):
    heading = (
        "url,address,name,online_order,book_table,rate,votes,phone,location,rest_type,dish_liked,"
        "cuisines,approx_cost(for two people),reviews_list,menu_item,listed_in(type),listed_in(city)"
    )
    row = '"u","1, Road",Sagar,Yes,No,4.1/5,775,"1\n2",{},Cafe,"Idli, Vada",Cafe,"1,200","[]",[],Buffet,HSR'
    found = loaded(
        "\n".join([heading, row.format("HSR"), row.format("HSR"), row.format("Elsewhere")])
    )
    one, other = found.restaurants.values()
    assert one.known_for == ("Idli", "Vada") and one.cost_for_two_paise == 120_000
    assert (one.rating.votes, one.rating.tenths) == (775, 775 * 41)
    assert metres(other.place, AREAS["HSR"]) < 4_000 and found.refused == 1


def test_without_coordinates_it_stands_where_it_stood_last_time(loaded):
    one, other = (loaded(BENGALURU + local()).restaurants["c2"].place for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("rate", "votes", "expected"),
    [
        ("4.1/5", "1,305", (1305, 41)),
        ("4.1 /5", "10", (10, 41)),
        ("NEW", "0", None),
        ("-", "", None),
        ("", "7", None),
        ("0", "2", None),
        ("Not rated", "2", None),
        ("nan", "2", None),
        ("inf", "2", None),
        ("6.1", "2", None),
        ("4.1", "-3", None),
        ("4.1", "2.5", None),
        ("4.1", "1e99", None),
        ("good", "2", None),
    ],
)
def test_a_rating_counts_with_its_votes_or_not_at_all(loaded, rate, votes, expected):
    found = loaded(BENGALURU + local(rate=rate, votes=f'"{votes}"'))
    rating = found.restaurants["c2"].rating
    wanted = (0, 0) if expected is None else (expected[0], expected[0] * expected[1])
    assert (rating.votes, rating.tenths) == wanted
    assert (expected is None) == any(each.field == "rating" for each in found.remarks)


@pytest.mark.parametrize(
    ("cost", "paise"),
    [('"1,200"', 120_000), ("99.5", 9_950), ("", None), ("-5", None), ("nan", None), ("1e9", None)],
)
def test_a_cost_is_rupees_or_nothing(loaded, cost, paise):
    assert loaded(BENGALURU + local(cost=cost)).restaurants["c2"].cost_for_two_paise == paise


def test_a_cost_in_another_currency_is_none(loaded):
    found = loaded(WORLD + abroad(currency="Botswana Pula(P)"))
    assert found.restaurants["7"].cost_for_two_paise is None
    (remark,) = found.remarks
    assert str(remark) == "line 2, cost: '800 Botswana Pula(P)' is not in rupees"


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        ("91", "77.59", "are on no map"),
        ("nan", "77.59", "are on no map"),
        ("12.97", "181", "are on no map"),
        ("", "", "are no numbers"),
        ("12°58'", "77°35'", "are no numbers"),
        ("77.59", "12.97", "are latitude and longitude swapped"),
        ("0", "0", "are far from the city"),
        ("14.565443", "121.027535", "are far from the city"),
    ],
)
def test_a_place_that_cannot_be_refuses_the_row(loaded, lat, lon, said):
    found = loaded(WORLD + abroad() + abroad(lat, lon, id="8"))
    assert list(found.restaurants) == ["7"] and (found.rows, found.refused) == (2, 1)
    (remark,) = found.remarks
    assert str(remark) == f"line 3, lat, lon: {f'{lat}, {lon}'!r} {said}" and remark.is_row


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (local(name=" "), "name", "must have 1 to 200 letters"),
        (local(name="x" * 300), "name", "must have 1 to 200 letters"),
        (local(area="Atlantis"), "area", "is not known, and there are no coordinates"),
        ("0,0,Sagar,Cafe\n", "row", "has not the 12 fields of the heading"),
        (local() + local(), "name", "is there twice"),
    ],
)
def test_a_row_that_says_too_little_is_refused(loaded, row, field, said):
    found = loaded(BENGALURU + row + local(name="Other"))
    assert found.restaurants.popitem()[1].name == "Other" and found.refused == 1
    assert [(each.field, each.why) for each in found.remarks if each.is_row] == [(field, said)]


def test_a_row_that_was_quoted_as_one_field_is_read(loaded):
    row = abroad().strip().replace("1 Road,", '""1 Road, Bangalore"",')
    (found,) = loaded(WORLD + f'"{row}"\n').restaurants.values()
    assert found.id == "7" and found.place == Place(12.97, 77.59)


def test_names_that_were_saved_wrongly_are_mended_and_then_there_twice(loaded):
    name = "Café Felix"
    rows = ""
    for _ in range(4):
        rows += local(name=name)
        name = name.encode().decode("latin-1")
    found = loaded(BENGALURU + rows)
    assert [each.name for each in found.restaurants.values()] == ["Café Felix"]
    assert found.refused == 3


@pytest.mark.parametrize("text", ["Déjà Vu", "Ünal’s", "ಮೈಸೂರು", "Ã", "naïve", "¡Olé!"])
def test_what_was_not_broken_is_not_mended(text):
    assert mended(text) == text
    assert mended(text.encode().decode("latin-1")) == text


def test_bytes_that_are_not_utf8_are_taken_for_windows(loaded):
    found = loaded(BENGALURU.encode() + local(name="Caf\xe9 \x92s").encode("latin-1"))
    assert found.restaurants["c2"].name == "Café ’s"
    broken = loaded(BENGALURU.encode() + local(name="Bras\x81_lia").encode("latin-1"))
    assert "\ufffd" in broken.restaurants["c2"].name
    assert "broken bytes" in broken.remarks[0].why


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(loaded):
    text = "\ufeff" + (WORLD + abroad()).replace("\n", "\r\n")
    assert list(loaded(text).restaurants) == ["7"]


def test_hours_are_taken_if_they_can_be_and_else_assumed(loaded):
    heading = "name,cuisines,lat,lon,hours\n"
    found = loaded(heading + "A,Thai,12.97,77.59,18:00-26:00\nB,Thai,12.97,77.59,18:00-02:00\n")
    assert found.restaurants["c2"].hours == every_day("18:00-26:00", "Asia/Kolkata")
    assert found.restaurants["c3"].hours == every_day("11:00-23:00", "Asia/Kolkata")
    assert "over midnight it is written 26:00" in found.remarks[0].why


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column is called restaurant name or name"),
        ("name,rating\nSagar,4\n", "no column is called cuisines type or cuisines or cuisine"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no column is called"),
    ],
)
def test_a_file_without_the_columns_is_one_clear_error(loaded, text, said):
    with pytest.raises(BadFile, match=said) as caught:
        loaded(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadFile, match="No such file or directory; say the name of a csv file"):
        read(tmp_path / "none.csv")
    with pytest.raises(BadFile, match="Is a directory"):
        read(tmp_path)


def test_a_quote_that_is_never_closed_costs_what_it_swallows_and_no_more(loaded):
    rows = "".join(local(name=f"n{number}") for number in range(5_000))
    found = loaded(BENGALURU + local(name='"open') + rows)
    assert 0 < found.refused < 5 and len(found.restaurants) > 1_000


def test_remarks_are_bounded_and_all_are_counted(loaded):
    rows = "".join(local(name=f"n{number}", rate="NEW") for number in range(1_200))
    found = loaded(BENGALURU + rows)
    assert len(found.remarks) == 1_000 and found.counts.total() == 1_200


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=30), max_size=8), st.binary(max_size=60))
def test_it_never_dies_of_dirt(loaded, cells, noise):
    row = ",".join(cells).encode("utf-8", "replace")
    good = local(name="Good").encode()
    found = loaded(BENGALURU.encode() + row + b"\n" + noise + b"\n" + good)
    assert found.rows >= found.refused + len(found.restaurants)


@pytest.mark.skipif(not REAL.exists(), reason="KIT_DATA has no zomato/bengaluru_restaurants.csv")
def test_the_real_file_is_read_all_but_five_rows():
    found = read(REAL)
    assert (found.rows, found.refused, len(found.restaurants)) == (7_105, 5, 7_100)
    by_field = Counter()
    for (_, field, _), count in found.counts.items():
        by_field[field] += count
    assert by_field == {"rating": 68, "cost": 57, "name": 65}
    assert all(metres(each.place, CITY) < 30_000 for each in found.restaurants.values())
    assert any(each.name == "Andy's Café" for each in found.restaurants.values())
