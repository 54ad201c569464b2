"""Terminal output becomes HTML: styles stay, control sequences go, text is never lost."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weaving.ansi import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain <b> & co", "plain &lt;b&gt; &amp; co"),
        ("\x1b[31mred\x1b[0m", '<span class="t-red">red</span>'),
        ("\x1b[1;92mbold\x1b[22m on\x1b[0m", '<span class="t-bold t-green">bold</span>'
         '<span class="t-green"> on</span>'),
        ("\x1b[38;5;196mr\x1b[39mn", '<span class="t-red">r</span>n'),
        ("\x1b[38;2;10;200;20mg", '<span class="t-green">g</span>'),
        ("\x1b[44mb\x1b[49m", '<span class="t-on-blue">b</span>'),
        ("\x1b]8;;file:///x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("10 %\r50 %\r100 %\ndone", "100 %\ndone"),
        ("\x1b[2K\x1b[1Aup", "up"),
        ("\x1b[mreset", "reset"),
    ],
)  # fmt: skip
def test_styles_become_classes(text: str, html: str) -> None:
    assert to_html(text) == html


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_text_without_control_characters_is_kept(text: str) -> None:
    assert unescape(to_html(text)) == text


@given(st.lists(st.sampled_from(["\x1b[1m", "\x1b[38;5;", "\x1b[0m", "7m", "a", "\x1b[48;2;1m"])))
def test_broken_sequences_never_break_the_html(parts: list[str]) -> None:
    html = to_html("".join(parts))
    assert html.count("<span") == html.count("</span>")
    assert re.fullmatch(r'(<span class="[\w -]+">|</span>|[^<>])*', html)
