"""HTTP of discovery: a blueprint that the service mounts.

    GET /api/search?q=chiken+biriyani&near=12.97,77.59&at=21:30&veg=yes&open=yes&stars=4&cost=600
    GET /api/suggest?q=bir&count=8              GET /api/restaurants/<id>

Page: docs/zomato/search.md
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from chapters.portal.answers import answered
from zomato.search.desk import Desk, count_of


def blueprint(
    desk: Callable[[], Desk], turn: AbstractContextManager[object] | None = None
) -> Blueprint:
    """Return the routes of whichever `desk` there is; `turn` is held by whoever asks or changes it."""
    routes = Blueprint("discovery", __name__)

    @routes.get("/api/search")
    def search() -> ResponseReturnValue:
        return answered(lambda: desk().find(request.args.to_dict()), turn)

    @routes.get("/api/suggest")
    def suggest() -> ResponseReturnValue:
        words = request.args
        return answered(lambda: desk().suggest(words.get("q", ""), count_of(words, "8")), turn)

    @routes.get("/api/restaurants/<id>")
    def restaurant(id: str) -> ResponseReturnValue:
        return answered(lambda: desk().restaurant(id), turn)

    return routes
