"""The page in a real browser: a person trades, runs the market, and sees the book over time."""

import json
import urllib.request

import pytest

from tests.exchange.test_serve import server  # noqa: F401  (a fixture)
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture
def page(server, browser):  # noqa: F811
    shown = browser.new_page(viewport={"width": 1280, "height": 900})
    problems = []
    shown.on("pageerror", lambda error: problems.append(str(error)))
    shown.on("console", lambda said: problems.append(said.text) if is_wrong(said) else None)
    shown.goto(f"http://127.0.0.1:{server.port}/")
    until(lambda: shown.inner_text("#state") == "live")
    yield shown
    shown.close()
    assert not problems


def is_wrong(said):
    """A refusal is an answer, though the browser writes it down as an error."""
    return said.type == "error" and "status of 4" not in said.text


def fill(page, **fields):
    for name, value in fields.items():
        page.fill(f"[name={name}]", str(value))
    page.click("button.primary")


def answer(page):
    return page.locator("#answers li").first.inner_text()


def row(page, number=0):
    return page.locator("#orders tr").nth(number).inner_text()


def told(server, method, path, body):  # noqa: F811
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", json.dumps(body).encode(), method=method
    )
    with urllib.request.urlopen(request, timeout=20) as got:
        return json.load(got)


def test_a_person_places_changes_and_cancels_an_order(server, page):  # noqa: F811
    fill(page, quantity=20, price="9.50")
    until(lambda: "accepted" in answer(page))
    until(lambda: "resting" in row(page))
    page.get_by_role("button", name="Change order").click()
    page.fill("[aria-label='Open quantity']", "12")
    page.fill("[aria-label='Price']", "9.40")
    page.keyboard.press("Enter")
    until(lambda: "replaced" in answer(page))
    until(lambda: "9.40" in row(page) and "0 of 12" in row(page))
    page.get_by_role("button", name="Cancel order").click()
    until(lambda: "canceled" in row(page) and "canceled by client" in row(page))
    assert server.get("/api/book/ACME")["bids"] == []


def test_what_others_do_to_an_order_is_seen_in_its_row(server, page):  # noqa: F811
    fill(page, quantity=20, price="9.50")
    until(lambda: "resting" in row(page))
    server.enter(client_id="s", account=2, side="sell", quantity=5, price="9.50")
    until(lambda: "partly filled" in row(page) and "5 of 20" in row(page))
    server.enter(client_id="t", account=2, side="sell", quantity=15, price="9.50")
    until(lambda: "20 of 20" in row(page) and "● filled" in row(page))


def test_a_refused_order_says_why_in_the_exchange_s_words(page):
    fill(page, quantity=0, price="9.50")
    until(lambda: "rejected: bad-quantity (13)" in answer(page))
    fill(page, quantity="a few", price="9.50")
    until(lambda: "no whole number" in answer(page))


def test_a_level_is_taken_into_the_form_by_click_and_by_keyboard(server, page):  # noqa: F811
    server.enter(client_id="s", account=2, side="sell", quantity=5, price="10.25")
    until(lambda: page.locator("#asks button").count())
    page.click("#asks button")
    assert page.input_value("[name=price]") == "10.25"
    page.fill("[name=price]", "1")
    page.focus("#asks button")
    page.keyboard.press("Enter")
    assert page.input_value("[name=price]") == "10.25"


def inked(page):
    """Return how many pixels of the heat map are not transparent."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#heat");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let at = 3; at < data.length; at += 4) count += data[at] > 0;
            return count;
        }"""
    )


def test_the_heat_map_is_drawn_and_speaks(server, page):  # noqa: F811
    assert inked(page) == 0
    for price in range(990, 1000):
        server.enter(client_id=f"b{price}", quantity=price, price=f"{price / 100:.2f}")
        server.enter(
            client_id=f"s{price}", account=2, side="sell", price=f"{(price + 20) / 100:.2f}"
        )
    until(lambda: inked(page) > 2_000 and page.inner_text("#best-bid") == "9.99")
    page.focus("#heat")
    page.keyboard.press("ArrowLeft")

    def whole_column():
        page.keyboard.press("ArrowRight")  # on to a column in which it waited from the beginning
        return "9.99: 999 lots bid for" in page.inner_text("#heat-says")

    until(whole_column)
    page.keyboard.press("Enter")
    assert page.input_value("[name=price]") == "9.99"


def test_a_page_that_is_opened_later_has_the_same_past(server, page, browser):  # noqa: F811
    server.enter(client_id="b", quantity=7, price="9.99")
    server.enter(client_id="s", account=2, side="sell", quantity=3, price="9.99")
    fill(page, quantity=20, price="9.50")
    until(lambda: "9.50" in page.inner_text("#bids"))
    second = browser.new_page(viewport={"width": 390, "height": 844})
    second.goto(f"http://127.0.0.1:{server.port}/")
    until(lambda: "9.50" in second.inner_text("#bids") and "9.99" in second.inner_text("#trades"))
    until(lambda: inked(second) > 500)
    until(lambda: "resting" in row(second))
    assert not second.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    second.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_that_can_be_used_has_a_name(page, theme):
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, canvas, table, svg[role]")]
            .filter((node) => !node.ariaLabel && !node.hasAttribute("aria-labelledby"))
            .filter((node) => !(node.labels?.length || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []


def test_the_page_may_load_nothing_from_elsewhere(server):  # noqa: F811
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=20) as got:
        policy = got.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_a_halt_stops_an_order_and_every_page_says_why(server, page, browser):  # noqa: F811
    second = browser.new_page()
    second.goto(f"http://127.0.0.1:{server.port}/")
    until(lambda: second.inner_text("#state") == "live")
    page.get_by_role("button", name="Halt").click()
    until(lambda: second.inner_text("#phase") == "‖ halted")
    assert second.inner_text("#why") == "by operator"
    fill(page, quantity=20, price="9.50")
    until(lambda: "rejected: market-closed" in answer(page))
    second.get_by_role("button", name="Open, resume").click()
    until(lambda: page.inner_text("#phase") == "● trading")
    fill(page, quantity=20, price="9.50")
    until(lambda: "accepted" in answer(page))
    second.close()


def test_an_auction_builds_up_before_the_eyes_and_ends_at_one_price(server, page):  # noqa: F811
    page.get_by_role("button", name="Opening auction").click()
    until(lambda: page.is_visible("#auction"))
    fill(page, quantity=20, price="10.10")
    server.enter(client_id="s", account=2, side="sell", quantity=30, price="10.00")
    until(lambda: page.inner_text("#would-trade") == "20")
    assert page.inner_text("#indicative") in ("10.00", "10.05", "10.10")
    assert page.inner_text("#left-over") == "10 to sell"
    assert page.locator("#curves path").count() >= 4
    page.get_by_role("button", name="Open, resume").click()
    until(lambda: "last auction: 20 lots at" in page.inner_text("#uncrossed"))
    until(lambda: page.is_hidden("#auction") and "● filled" in row(page))


def test_an_iceberg_shows_its_tip_and_a_stop_waits(server, page):  # noqa: F811
    page.click("summary")
    page.fill("[name=display]", "5")
    fill(page, quantity=20, price="9.50")
    until(lambda: "shows 5" in answer(page) and "accepted" in answer(page))
    assert server.get("/api/book/ACME")["bids"] == [["9.50", 5, 1]]
    page.fill("[name=display]", "")
    fill(page, stop_price="10.50", quantity=7, price="10.60")
    until(lambda: "◷ waiting" in row(page) and "0 of 20" in row(page, 1))


def test_candles_are_those_of_the_trades(server, page):  # noqa: F811
    for number, price in enumerate(("10.00", "10.40", "9.90")):
        server.enter(client_id=f"b{number}", quantity=5, price=price)
        server.enter(client_id=f"s{number}", account=2, side="sell", quantity=5, price=price)
    page.select_option("#interval", "5m")
    until(lambda: "high 10.40, low 9.90" in page.inner_text("#candle-says"))
    assert page.locator("#candles .body").count() >= 1


def test_the_kill_switch_takes_all_orders_and_lets_none_in(server, page):  # noqa: F811
    fill(page, quantity=20, price="9.50")
    until(lambda: "resting" in row(page))
    page.get_by_role("button", name="Stop the account").click()
    until(lambda: "kill switch" in row(page))
    fill(page, quantity=20, price="9.50")
    until(lambda: "account-blocked" in answer(page))
    page.get_by_role("button", name="Release it").click()
    until(lambda: "release account" in answer(page))
    fill(page, quantity=20, price="9.50")
    until(lambda: "accepted" in answer(page))
