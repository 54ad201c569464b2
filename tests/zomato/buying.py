"""Buying something on the page, as a person does: search, menu, cart, home, order."""

from typing import Any

from tests.waiting import until


def at_noon(page: Any, served: str) -> list[str]:
    """Open the page and let the time pass to noon; return what goes wrong on it, as it does."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(served)
    until(lambda: page.evaluate("kitTown.now.riders.length"))
    page.click("[data-speed='20']")
    until(lambda: page.evaluate("kitTown.now.minute > 12 * 60"))
    page.click("[data-speed='1']")
    return problems


def fill_a_cart(page: Any) -> None:
    """Search for biryani, take two dishes of the first restaurant, and say where home is."""
    page.fill("#search", "biryani")
    until(lambda: page.locator("#found button").count())
    page.locator("#found button").first.click()
    until(lambda: page.locator("#menu .dish").count())
    for number in (1, 3):  # more of the first dish, and of the second
        page.locator("#menu .dish button").nth(number).click()
    home = "kitTown.pixel(kitTown.mine.restaurant.x + 700, kitTown.mine.restaurant.y + 600)"
    x, y = page.evaluate(home)
    page.click("#map", position={"x": x, "y": y})
    until(lambda: not page.is_disabled("#place"))
