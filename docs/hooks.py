"""What MkDocs calls: each event is handed on to `weaving`, which knows nothing of MkDocs."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from weaving import ROOT, WeavingError, generated, navigation, session
from weaving.macros import Macro, Surroundings, extract, printed_by, steps_of, weave

PALETTE = ROOT / "chapters" / "portal" / "static" / "palette.css"
_macros: dict[str, list[Macro]] = {}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Draw up the table of contents from what is built."""
    config.nav = navigation.contents()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that nobody writes and the palette of the live pages; run what all pages run."""
    try:
        for name, text in generated.pages().items():
            files.append(File.generated(config, name, content=text))
        pages = {each.src_uri: each.content_string for each in files.documentation_pages()}
        session.prepare({name: steps_of(extract(text)[1]) for name, text in pages.items()})
    except WeavingError as error:
        raise PluginError(str(error)) from None
    palette = File.generated(config, "stylesheets/palette.css", abs_src_path=str(PALETTE))
    files.append(palette)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take the macros out before Markdown is rendered."""
    text, _macros[page.file.src_uri] = extract(markdown)
    return text


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put in what they stand for."""
    macros = _macros.pop(page.file.src_uri, [])
    if not macros:
        return html
    try:
        return weave(html, macros, surroundings(page, files, macros))
    except WeavingError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from None


def surroundings(page: Page, files: Files, macros: list[Macro]) -> Surroundings:
    """The rest of the site, as seen from `page`."""

    def resolve(address: str) -> str:
        if not any(file.url == address for file in files.documentation_pages()):
            raise WeavingError(f"{address} is not a page of this site")
        return get_relative_url(address, page.url)

    def card(exercise_id: str) -> str:
        exercise = generated.find_exercise(exercise_id)
        return generated.card(exercise, resolve(f"exercises/{exercise.id}/"))

    return Surroundings(
        resolve=resolve,
        card=card,
        shelf=lambda kind: generated.shelf(kind, resolve),
        starter=generated.starter,
        module=generated.module_of,
        printed=printed_by(macros),
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Forget what no page has asked for lately."""
    session.forget()


def on_serve(server: object, config: MkDocsConfig, builder: object) -> object:
    """Rebuild when code changes, not only when prose does."""
    for name in ("chapters", *(unit.name for unit in generated.catalogue().systems)):
        server.watch(str(Path(ROOT / name)))  # type: ignore[attr-defined]
    return server
