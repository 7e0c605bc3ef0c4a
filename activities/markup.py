"""Markdown as safe HTML: CommonMark with tables, without raw HTML, and cleaned of everything that could run."""

from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}


def html(text: str) -> SafeString:
    """Return the text as HTML; its headings begin below the page's own."""
    made = _markdown().render(text)
    cleaned = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow")
    return mark_safe(cleaned)  # noqa: S308 (nh3 has just cleaned it)


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

    def lower(state: object) -> None:
        for token in state.tokens:  # type: ignore[attr-defined]
            if token.type in {"heading_open", "heading_close"}:
                token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"

    made.core.ruler.push("lower", lower)
    return made
