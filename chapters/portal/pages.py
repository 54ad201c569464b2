"""The one visual language of the kit's web pages: a base template, its style and its script.

A system's page says `{% extends "portal/base.html" %}` and registers `blueprint()` beside its own.
Everything is served from here: no other host, no build step. Page: docs/chapters/portal.md
"""

from flask import Blueprint


def blueprint() -> Blueprint:
    """Return the blueprint `portal`: templates under `portal/`, files under `/portal/`."""
    return Blueprint(
        "portal",
        __name__,
        static_folder="static",
        static_url_path="/portal",
        template_folder="templates",
    )
