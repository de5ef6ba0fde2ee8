"""HTML to `Page`, as an HTML5 parser reads it and as a person without scripts sees it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, LexborNode

from harness.consent.controls import MARK, Drafts, attribute, hints_of, label_of
from harness.consent.pages import Form, Link, Page
from harness.consent.submission import absolute
from harness.wire import FORM, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 2_000_000
"""No page is read beyond this."""
MAX_TAGS = 8_000
"""The time that parsing takes grows with the square of the nesting."""
SMALL = 32_768
"""Bytes up to which a page is worth remembering."""
MAX_LINKS = 500
MAX_SCRIPT = 100_000
MAX_TEXT = 100_000

_UNSEEN = frozenset({"script", "style", "template", "head", "title", "datalist", "svg", "iframe"})
# fmt: off
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "br", "button", "dd", "details", "dialog",
    "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
])
# fmt: on
_HIDDEN_CLASSES = frozenset({"hidden", "d-none", "is-hidden", "hide", "display-none", "uk-hidden"})
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
_LONG_TAG = re.compile(r"<[^<>]{3000,}>?")
_DELAY = re.compile(
    r"\s*(\d+(?:\.\d*)?)\s*(?:[;,]\s*(?:url\s*=)?\s*['\"]?([^'\"]*))?", re.IGNORECASE
)


def read_page(url: str, response: Response) -> Page:
    """The page that a browser shows for `response`, found at `url`.  Never raises for bad HTML."""
    small = len(response.body) <= SMALL
    return _remembered(url, response) if small else _read(url, response)


def _read(url: str, response: Response) -> Page:
    text = _decoded(response)
    refresh = _refresh(response.header("refresh") or "", url)
    media = response.media_type
    looks_like_html = text.lstrip()[:1] == "<"
    if media not in {"text/html", "application/xhtml+xml"} and not (not media and looks_like_html):
        return Page(url, response.status, response, text=text[:2000], refresh=refresh)
    return _Reader(url, response, _bounded(text)).page(refresh)


_remembered = lru_cache(maxsize=256)(_read)
"""A server in virtual time shows the same few pages in every scenario."""


class _Reader:
    """One walk through the tree, in document order."""

    def __init__(self, url: str, response: Response, text: str) -> None:
        self.url = url
        self.response = response
        self.tree = LexborHTMLParser(text)
        self.base = url
        self.lines: list[str] = []
        self.block = 0
        self.size = 0
        self.links: list[Link] = []
        self.scripts: list[str] = []
        self.script_count = 0
        self.metas: dict[str, str] = {}
        self.drafts = Drafts(self.tree)

    def page(self, refresh: tuple[float, str] | None) -> Page:
        base = self.tree.css_first("base[href]")
        if base is not None:
            self.base = absolute(self.url, attribute(base, "href"))
        blocks: dict[int, int] = {}
        unseen: dict[int, bool] = {}
        for node in self._nodes():
            parent = node.parent
            above = parent.mem_id if parent is not None else 0
            hidden = unseen.get(above, False)
            if node.is_text_node:
                if not hidden:
                    self._see(node.text_content or "", blocks.get(above, 0), above)
                continue
            tag = node.tag or ""
            hidden = hidden or tag in _UNSEEN or _is_hidden(node)
            unseen[node.mem_id] = hidden
            blocks[node.mem_id] = node.mem_id if tag in _BLOCKS else blocks.get(above, 0)
            self._element(node, tag, seen=not hidden)
        return self._finished(refresh)

    def _nodes(self) -> Iterator[LexborNode]:
        root = self.tree.root
        if root is None:
            return
        for node in root.traverse(include_text=True):
            if node.is_text_node or node.is_element_node:
                yield node

    def _see(self, text: str, block: int, parent: int) -> None:
        words = " ".join(text.split())
        self.size += len(words)
        if not words or self.size > MAX_TEXT:
            return
        if self.lines and block == self.block:
            self.lines[-1] += " " + words
        else:
            self.lines.append(words)
        self.block = block
        self.drafts.text(words, parent)

    def _element(self, node: LexborNode, tag: str, *, seen: bool) -> None:
        if tag == "script":
            self.script_count += 1
            self.scripts.append(node.text(deep=True) or "")
        elif tag == "meta":
            self._meta(node)
        elif tag in {"a", "area"} and seen and len(self.links) < MAX_LINKS:
            href = attribute(node, "href")
            if href or attribute(node, "onclick") or attribute(node, MARK):
                method = attribute(node, "data-method") or attribute(node, "data-turbo-method")
                target = absolute(self.base, href) if href else ""
                link = Link(target, label_of(node), hints_of(node), attribute(node, "onclick"))
                self.links.append(replace(link, method=method.upper(), mark=attribute(node, MARK)))
        elif tag == "body" and attribute(node, "onload"):
            self.scripts.append(attribute(node, "onload"))
        self.drafts.element(node, tag, seen=seen)

    def _meta(self, node: LexborNode) -> None:
        name = (attribute(node, "name") or attribute(node, "http-equiv")).lower()
        self.metas.setdefault(name, attribute(node, "content"))

    def _finished(self, refresh: tuple[float, str] | None) -> Page:
        title = self.tree.css_first("title")
        token = None
        if "csrf-token" in self.metas:
            name = self.metas.get("csrf-param") or "authenticity_token"
            token = (name, self.metas["csrf-token"])
        drafts = self.drafts
        forms = tuple(self._form(index) for index in range(len(drafts.forms)))
        return Page(
            url=self.url,
            status=self.response.status,
            response=self.response,
            title=" ".join((title.text() if title is not None else "").split()),
            text="\n".join(self.lines),
            forms=forms,
            links=tuple(self.links),
            loose=tuple(drafts.buttons(None, self._resolve)),
            script="\n".join(self.scripts)[:MAX_SCRIPT],
            scripts=self.script_count,
            refresh=refresh or _refresh(self.metas.get("refresh", ""), self.base),
            token=token,
        )

    def _form(self, index: int) -> Form:
        node = self.drafts.forms[index]
        method = attribute(node, "method").strip().upper()
        return Form(
            method=method if method in {"GET", "POST"} else "GET",
            action=self._resolve(attribute(node, "action")),
            enctype=attribute(node, "enctype").strip().lower() or FORM,
            fields=tuple(self.drafts.fields(index)),
            buttons=tuple(self.drafts.buttons(index, self._resolve)),
            text=self.drafts.text_of(index),
            hints=hints_of(node),
            id=attribute(node, "id"),
            name=attribute(node, "name"),
            page_url=self.url,
        )

    def _resolve(self, action: str) -> str:
        # An empty action means the page's own address, whatever <base> says.
        return absolute(self.base, action) if action.strip() else self.url.partition("#")[0]


def _decoded(response: Response) -> str:
    body = response.body[:MAX_BYTES]
    declared = re.search(r"charset=\"?([\w-]+)", response.header("content-type") or "")
    if declared:
        charset = declared.group(1)
    else:
        found = _CHARSET.search(body[:2048])
        charset = found.group(1).decode("ascii") if found else "utf-8"
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _bounded(text: str) -> str:
    """The text without what only takes time: tags without end, tags without number."""
    text = _LONG_TAG.sub(lambda tag: tag[0] if len(tag[0].split()) < 400 else "", text)
    if text.count("<") <= MAX_TAGS:
        return text
    return "<".join(text.split("<", MAX_TAGS)[:-1])


def _refresh(content: str, base: str) -> tuple[float, str] | None:
    found = _DELAY.match(content)
    if not content or not found or not (found.group(2) or "").strip():
        return None
    return float(found.group(1)), absolute(base, found.group(2).strip())


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    if "display:none" in style or "visibility:hidden" in style:
        return True
    return not _HIDDEN_CLASSES.isdisjoint((attributes.get("class") or "").lower().split())
