"""Reads every page of the built site: links lead somewhere, and nothing is loaded from the network.

python docs/check_site.py docs/_build/html
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Attributes that make a browser load something when the page is opened.
LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
    ("embed", "src"),
}
#: Relations of <link> that load nothing.
NOT_LOADED = {"canonical", "next", "prev", "index", "search", "author", "license", "up"}


@dataclass
class Page(HTMLParser):
    """What one page links to, loads, and offers as targets of links."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Sorts the attributes of one element."""
        given = {name: value or "" for name, value in attrs}
        self.targets |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        relations = set(given.get("rel", "").split())
        if tag == "link" and "href" in given and not relations & NOT_LOADED:
            self.loaded.append(given["href"])
        self.loaded += [given[name] for kind, name in LOADED if kind == tag and name in given]


def read(path: Path) -> Page:
    """The elements of one page."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> list[str]:
    """One line for each dead link and each thing that the network would have to send."""
    written = (path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts)
    pages = {path: read(path) for path in written}
    found = []
    for path, page in pages.items():
        where = path.relative_to(site)
        for link in page.loaded:
            if urlsplit(link).netloc:
                found.append(f"{where}: loads {link} from the network")
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                found.append(f"{where}: {link} is no file")
            elif target in pages and unquote(parts.fragment) not in {"", *pages[target].targets}:
                found.append(f"{where}: {link} has no such heading")
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for url in re.findall(
            r"url\(['\"]?((?:https?:)?//[^)'\"]+)|@import ['\"](http[^'\"]+)", text
        ):
            found.append(f"{sheet.relative_to(site)}: loads {''.join(url)} from the network")
    return found


def main() -> int:
    """Prints the faults; the exit status says whether there are any."""
    site = Path(sys.argv[1]).resolve()
    count = len(list(site.rglob("*.html")))
    lines = faults(site) if count else [f"no pages in {site}"]
    print("\n".join([*lines, f"{count} pages, {len(lines)} faults"]))
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
