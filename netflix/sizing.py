"""What a service as large as the big one takes: streams, edges, bytes to fill, cores to encode.

Inputs say where they are from; what nobody has published says *assumed*, and is there to be argued
with: `kit scale netflix --set bit_rate=8`. Page: docs/netflix/capacity.md
"""

from chapters.measure.capacity import Input, Model, Step

INPUTS = (
    Input("members", 200e6, "members", "the article: somewhere north of 200 million"),
    Input("watched", 1.7, "h/day/member", "Netflix, late 2024: 94 billion hours in half a year"),
    Input("peak_factor", 2.5, "", "assumed: the busiest hour of a day against its mean"),
    Input("bit_rate", 5, "Mbit/s", "assumed: between a phone's and a television's"),
    Input("edge_rate", 200, "Gbit/s/edge", "assumed; Netflix showed 400 from one machine in 2021"),
    Input("edge_fill", 0.6, "", "assumed: the rest is for the viewers of an edge that dies"),
    Input("titles", 18_000, "titles", "Netflix, late 2024: films and seasons that were watched"),
    Input("hours", 5, "h/title", "assumed: a film has two, a season eight"),
    Input("ladder_rate", 60, "Mbit/s", "assumed: all rungs in all codecs together"),
    Input("places", 1_000, "places", "Open Connect, 2021: over a thousand"),
    Input("kept_share", 0.08, "1/place", "assumed: of the library, in a place; nearly all views"),
    Input("copies", 2, "", "so that one edge of a place may die"),
    Input("changed_share", 0.03, "1/day", "assumed: of what a place keeps, by popularity's drift"),
    Input("fill_window", 12, "h/day", "Open Connect: 2 in the morning to 2 in the afternoon"),
    Input("hit_ratio", 0.98, "", "assumed: of bytes, after the fill; kit run netflix/cdn"),
    Input("new_titles", 60, "titles/day", "assumed: new ones, and old ones encoded again"),
    Input("core_speed", 0.02, "1/core", "assumed: hours of video, all rungs, an hour of a core"),
    Input("session", 0.7, "h/play", "assumed: an episode, or half a film"),
    Input("api_calls", 12, "calls/play", "browse, play, licence, bookmarks; netflix/control"),
    Input("event_rate", 0.05, "events/s", "a heartbeat each 20 s of every player"),
    Input("event_bytes", 300, "B/event", "netflix/events: one heartbeat"),
)

STEPS = (
    Step("streams", "members * watched", "", "hours a day: Little's law gives how many at once"),
    Step("peak_streams", "streams * peak_factor", ""),
    Step("peak_traffic", "peak_streams * bit_rate", "Tbit/s"),
    Step("edges", "ceil(peak_traffic / (edge_rate * edge_fill))", "edges", "to carry the peak"),
    Step("edges_a_place", "edges / places", "edges/place"),
    Step("library", "titles * hours * ladder_rate", "TB"),
    Step("kept", "library * kept_share * copies", "TB/place", "spread over a place's edges"),
    Step("fill", "kept * changed_share", "TB/place/day", "every night"),
    Step("fill_rate", "fill / fill_window", "Gbit/s/place", "while few people watch"),
    Step("peak_misses", "peak_traffic * (1 - hit_ratio)", "Tbit/s", "what the origin would see"),
    Step("without_edges", "peak_traffic / peak_misses", "", "times more, were there no edges"),
    Step("cores", "ceil(new_titles * hours / core_speed)", "cores", "encoding, all day long"),
    Step("plays", "members * watched / session", "plays/s"),
    Step("api_rate", "plays * peak_factor * api_calls", "calls/s"),
    Step("events", "peak_streams * event_rate", "events/s"),
    Step("event_traffic", "events * event_bytes", "MB/s"),
)


def capacity() -> Model:
    """Return the arithmetic of a video service with 200 million members."""
    return Model("A video service as large as Netflix", inputs=INPUTS, steps=STEPS)
