"""A text as a small page to print."""

from __future__ import annotations

from html import escape


def page(title: str, text: str) -> str:
    """HTML with a paragraph for each line; a first line that is the title becomes the heading."""
    first, *rest = [line for line in text.splitlines() if line] or [""]
    heading = f"<h1>{escape(first)}</h1>" if first == title else f"<p>{escape(first)}</p>"
    body = heading + "".join(f"<p>{escape(line)}</p>" for line in rest)
    return f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title><body>{body}</body></html>'
