"""Live pages: one visual language for all of them, and event streams that hold a thousand readers.

Flask is imported by `chapters.portal.pages` alone, which a system's wire.py asks for.
Page: docs/chapters/portal.md
"""

from chapters.portal.events import EventServer, polled, serve, serve_events
from chapters.portal.history import Event, History

__all__ = ["Event", "EventServer", "History", "polled", "serve", "serve_events"]
