# SPDX-License-Identifier: GPL-2.0
"""A page in blocks, written as Markdown and as HTML.

Within texts, `code` and **bold** mean what they mean in Markdown.
"""

import dataclasses
import re
from html import escape

from .. import table

STYLE = """\
:root { color-scheme: light dark; --ink: #24292f; --soft: #57606a;
  --paper: #ffffff; --line: #d0d7de; --shade: #f6f8fa;
  --good: #1a7f37; --bad: #cf222e; --open: #9a6700; --wait: #57606a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --paper: #0d1117;
    --line: #30363d; --shade: #161b22;
    --good: #3fb950; --bad: #ff7b72; --open: #d29922; --wait: #9198a1; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 28px; margin: 12px 0 4px; }
h2 { font-size: 21px; margin: 44px 0 8px; padding-bottom: 4px;
  border-bottom: 1px solid var(--line); }
h3 { font-size: 16px; margin: 24px 0 6px; }
p, li { max-width: 80ch; }
figure { margin: 14px 0 22px; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; }
figcaption { color: var(--soft); font-size: 13px; max-width: 90ch; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; margin: 10px 0;
  font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: 4px 9px;
  text-align: right; vertical-align: top; }
th { background: var(--shade); text-align: right; }
td.text, th.text { text-align: left; }
td.prose { min-width: 15em; }
code { background: var(--shade); padding: 0 3px; font-size: 92%;
  overflow-wrap: anywhere; }
td code { white-space: nowrap; }
td.prose code { white-space: normal; }
nav { color: var(--soft); } nav a { color: inherit; margin-right: 1em; }
.supported { color: var(--good); font-weight: 600; }
.refuted { color: var(--bad); font-weight: 600; }
.not { color: var(--open); font-weight: 600; }
.waits { color: var(--wait); font-weight: 600; }"""


@dataclasses.dataclass
class Heading:
    """level 1 is the page's title."""
    text: str
    level: int = 2

    def anchor(self):
        return re.sub(r"[^a-z0-9]+", "-", self.text.lower()).strip("-")

    def markdown(self):
        return ["#" * self.level + " " + self.text]

    def html(self):
        return [f'<h{self.level} id="{self.anchor()}">{_inline(self.text)}'
                f"</h{self.level}>"]


@dataclasses.dataclass
class Text:
    """One paragraph."""
    text: str

    def markdown(self):
        return [self.text]

    def html(self):
        return [f"<p>{_inline(self.text)}</p>"]


@dataclasses.dataclass
class Items:
    """A list with dots."""
    texts: list

    def markdown(self):
        return [f"- {text}" for text in self.texts]

    def html(self):
        return ["<ul>", *(f"<li>{_inline(text)}</li>" for text in self.texts),
                "</ul>"]


@dataclasses.dataclass
class Table:
    """left: how many of the first columns are texts; prose: long ones."""
    head: list
    lines: list
    left: int = 1
    prose: bool = False

    def markdown(self):
        safe = [[cell.replace("|", "\\|") for cell in line]
                for line in self.lines]
        return table.markdown(self.head, safe, self.left)

    def _cell(self, tag, column, text):
        words = "text" if column < self.left else ""
        if self.prose and column < self.left and len(text) > 30:
            words += " prose"
        status = text.split(" ")[0].strip("*").rstrip(":")
        if status in ("supported", "refuted", "waits") or \
                text.startswith("**not decidable"):
            text = f'<span class="{status}">{_inline(text.strip("*"))}</span>'
        else:
            text = _inline(text)
        return f'<{tag} class="{words}">{text}</{tag}>' if words else \
            f"<{tag}>{text}</{tag}>"

    def _row(self, tag, line):
        return "<tr>" + "".join(self._cell(tag, column, text) for
                                column, text in enumerate(line)) + "</tr>"

    def html(self):
        return ['<div class="wide"><table>', self._row("th", self.head),
                *(self._row("td", line) for line in self.lines),
                "</table></div>"]


@dataclasses.dataclass
class Plot:
    """A drawing: inline in the one, a file beside the other."""
    name: str
    svg: str
    caption: str

    def markdown(self):
        return [f"![{self.caption}]({self.name}.svg)", "", self.caption]

    def html(self):
        # The page has the sheet once; ids and styles must not repeat.
        drawing = re.sub(r"<style>.*?</style>\n", "", self.svg, flags=re.S)
        return ["<figure>", drawing.rstrip(),
                f"<figcaption>{_inline(self.caption)}</figcaption>",
                "</figure>"]


def _inline(text):
    text = escape(text, quote=False)
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)


def markdown(blocks):
    return "\n\n".join("\n".join(block.markdown()) for block in blocks) + "\n"


def html(title, blocks, sheet):
    """A page that needs nothing else; sheet: the plots' style sheet."""
    links = [f'<a href="#{block.anchor()}">{_inline(block.text)}</a>'
             for block in blocks
             if isinstance(block, Heading) and block.level == 2]
    # The first block is the title, and the links follow it.
    parts = [block.html() for block in blocks]
    parts.insert(1, ["<nav>", *links, "</nav>"])
    body = "\n".join(line for part in parts for line in part)
    return (f"<!doctype html>\n<html lang=\"en\">\n<head>\n"
            f"<meta charset=\"utf-8\">\n"
            f"<meta name=\"viewport\" content=\"width=device-width\">\n"
            f"<title>{escape(title)}</title>\n"
            f"<style>\n{sheet}\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n"
            f"{body}\n</main>\n</body>\n</html>\n")
