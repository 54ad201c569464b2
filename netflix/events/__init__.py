"""What players report, and what is made of it: sessions, viewings, quality of experience, popularity.

    player ──► intake ──► log ──► sessions ──► quality (SQL)
                           │          └──────► viewings ──► continue watching, recommendations
                           └───────► windows ──► popularity ──► nightly fill

Page: docs/netflix/events.md
"""
