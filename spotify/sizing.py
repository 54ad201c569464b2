"""What a music service as large as the big one takes: plays, edges, bytes, events, and what is paid.

Inputs say where they are from; what nobody has published says *assumed*, and is there to be argued with:
`kit scale spotify --set bit_rate=320`. Page: docs/spotify/capacity.md
"""

from chapters.measure.capacity import Input, Model, Step

INPUTS = (
    Input("listeners", 700e6, "listeners", "Spotify, 2025: monthly active users, about"),
    Input("active_share", 0.45, "", "assumed: of them, on any one day"),
    Input("listened", 1.0, "h/day/listener", "assumed: on a day with any"),
    Input("peak_factor", 2.2, "", "assumed: the busiest hour of a day against its mean"),
    Input("song", 0.055, "h/play", "3 minutes 20 seconds: the usual length of a song"),
    Input("length", 0.055, "h", "the same, of a file"),
    Input("bit_rate", 130, "kbit/s", "spotify/ingest: 'normal', measured on the kit's own music"),
    Input("kept_share", 0.4, "", "assumed: of starts that a device has at hand, as simulated here"),
    Input("hit_ratio", 0.95, "", "assumed: of blocks, at the edges; kit run spotify/playback"),
    Input("edge_rate", 40, "Gbit/s/edge", "assumed: small ranges, and TLS"),
    Input("edge_fill", 0.6, "", "assumed: the rest is for the listeners of an edge that dies"),
    Input("tracks", 100e6, "", "Spotify, 2024: over 100 million"),
    Input("ladder_rate", 1_100, "kbit/s", "spotify/ingest: all renditions of a track together"),
    Input("copies", 3, "", "assumed: of each file, in different places"),
    Input("event_count", 8, "events/play", "assumed: play, progress, skips, shows of pages"),
    Input("event_bytes", 200, "B/event", "spotify/events: one play"),
    Input("search_share", 0.12, "", "assumed: plays that begin with a search"),
    Input("keystrokes", 6, "queries/play", "search as you type asks at each"),
    Input("pool", 900e6, "USD/month", "Spotify, 2024: ten billion dollars paid in a year, about"),
)

STEPS = (
    Step("streams", "listeners * active_share * listened", "", "heard at once, by Little's law"),
    Step("peak_streams", "streams * peak_factor", ""),
    Step("plays", "streams / song", "plays/s", "on average"),
    Step("peak_plays", "plays * peak_factor", "plays/s"),
    Step("peak_traffic", "peak_streams * bit_rate * (1 - kept_share)", "Tbit/s"),
    Step("edges", "ceil(peak_traffic / (edge_rate * edge_fill))", "edges"),
    Step("origin_traffic", "peak_traffic * (1 - hit_ratio)", "Gbit/s", "what edges lack"),
    Step(
        "library",
        "tracks * length * ladder_rate * copies",
        "PB",
        "an hour of play is an hour of bytes",
    ),
    Step("events", "peak_plays * event_count", "events/s"),
    Step("event_traffic", "events * event_bytes", "MB/s"),
    Step("queries", "peak_plays * search_share * keystrokes", "queries/s"),
    Step("per_play", "pool / plays", "USD/play", "were it shared by plays alone"),
)


def capacity() -> Model:
    """Return the arithmetic of a music service with 700 million listeners a month."""
    return Model("A music service as large as Spotify", inputs=INPUTS, steps=STEPS)
