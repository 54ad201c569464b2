"""Source code as HTML: coloured by Pygments, every line an anchor."""

from html import escape
from textwrap import dedent

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from weaving.listing import Listing


def lines_of(source: str) -> list[str]:
    """The coloured lines of Python `source`, each closed in itself."""
    coloured = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))
    lines: list[str] = coloured.split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def source_page(path: str) -> str:
    """The address of the page that shows the file `path` in full."""
    return "source/" + path.removesuffix(".py") + "/"


def listing_html(listing: Listing, *, href: str, note: str = "") -> str:
    """A listing whose caption and line numbers lead to the place in the source."""
    rows = numbered(dedent(listing.text), listing.first, href)
    name = f"<b>{escape(listing.name)}</b>" if listing.name else ""
    place = f"{listing.path}:{listing.first}"
    caption = f'<a href="{href}#L{listing.first}" title="The whole file">{escape(place)}</a>'
    remark = f"<i>{escape(note)}</i>" if note else ""
    return (
        f'<figure class="listing"><figcaption>{name}{remark}{caption}</figcaption>'
        f'<pre><code class="highlight">{rows}</code></pre></figure>'
    )


def numbered(source: str, first: int, href: str) -> str:
    """Lines with their numbers; the numbers are links, and cannot be selected."""
    return "".join(
        f'<span class="line"><a href="{href}#L{number}" data-n="{number}" tabindex="-1"'
        f' aria-label="line {number}"></a>{line}\n</span>'
        for number, line in enumerate(lines_of(source), first)
    )


def whole_file_html(source: str) -> str:
    """A file in full; line 57 is the anchor L57."""
    rows = "".join(
        f'<span class="line" id="L{number}"><a href="#L{number}" data-n="{number}"'
        f' tabindex="-1" aria-label="line {number}"></a>{line}\n</span>'
        for number, line in enumerate(lines_of(source), 1)
    )
    return (
        f'<figure class="listing whole"><pre><code class="highlight">{rows}</code></pre></figure>'
    )
