# SPDX-License-Identifier: GPL-2.0
"""The files that a run leaves: CSV, one page twice, its plots, a summary."""

from .. import table
from . import agreement, bars, document, results, sections, words
from .record import Flow
from .results import NOBODY, PAIRS
from .view import View

TITLE = "What each packet costs"


def blocks(found, facts):
    """The page's blocks."""
    page = [document.Heading(TITLE, 1), document.Text(
        "Counted instruction by instruction on an emulated machine that "
        "boots real Xen, for splitnet's network drivers (`ours`), for those "
        "of the same Linux kernel (`stock`), and for Linux without Xen "
        "(`native`).")]
    for section in (sections.summary(found), sections.words_used(),
                    sections.path_length(found), sections.functions(found),
                    sections.events(found), sections.misses(found),
                    sections.cycles(found), sections.crossing(found),
                    sections.claims_table(found), agreement.section(found),
                    sections.limits(),
                    sections.provenance(facts)):
        page += list(section)
    return page


def write(folder, found, facts):
    """results.csv, report.html, report.md and the plots."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    page = blocks(found, facts)
    (folder / "results.csv").write_text(
        table.csv(facts, results.COLUMNS, results.rows(found)))
    (folder / "report.md").write_text(document.markdown(page))
    (folder / "report.html").write_text(
        document.html(TITLE, page, bars.SHEET))
    for block in page:
        if isinstance(block, document.Plot):
            (folder / f"{block.name}.svg").write_text(block.svg)


def _line(found, flow):
    """Native, then the pairs on one CPU and on two."""
    native = View(found, NOBODY).figure("native", flow,
                                        "instructions_per_packet")
    line = [flow.path, flow.traffic, flow.direction,
            table.number(native.median) if native else "-"]
    for placement in ("same", "separate"):
        for pair in PAIRS:
            figure = View(found, pair).figure(placement, flow,
                                              "instructions_per_packet")
            text = "-"
            if figure:
                text = table.number(figure.median)
                if native:
                    text += f" ({figure.median / native.median:.2f}x)"
            line.append(text)
    return line


def terminal(found):
    """The path lengths and what became of the claims."""
    head = ["path", "traffic", "dir", "native", "same: stock", "ours",
            "separate: stock", "ours"]
    lines = [_line(found, Flow(path, direction, traffic))
             for path in words.PATH
             for traffic in sections.charts.main_traffics(found, path)
             for direction in sections.DIRECTIONS]
    out = table.aligned(head, lines, left=3)
    out += ["instructions per packet, medians; in parentheses times native",
            ""]
    for item, by_pair in sections.verdicts(found):
        out.append(f"{item.number:2}  " + "  ".join(
            f"{pair}: {verdict.status:30}"
            for pair, verdict in by_pair.items()) + f"  {item.text}")
    return "\n".join(out)
