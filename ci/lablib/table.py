# SPDX-License-Identifier: GPL-2.0
"""Numbers and tables as text, for CSV, Markdown and the terminal."""

import statistics


def median(values):
    return statistics.median(values)


def number(value):
    """Three significant digits, but whole where that is more."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(values, form=number):
    if not values:
        return "-"
    if len(values) == 1:
        return form(values[0])
    return (f"{form(median(values))} "
            f"({form(min(values))}-{form(max(values))})")


def markdown(head, lines, left=2):
    """The lines of a Markdown table, the first columns being texts."""
    out = ["| " + " | ".join(head) + " |",
           "|" + "---|" * left + "---:|" * (len(head) - left)]
    return out + ["| " + " | ".join(line) + " |" for line in lines]


def aligned(head, lines, left=2):
    """The same for a terminal."""
    widths = [max(len(row[i]) for row in (head, *lines))
              for i in range(len(head))]
    out = []
    for row in (head, *lines):
        texts = [text.ljust(width) if i < left else text.rjust(width)
                 for i, (text, width) in enumerate(zip(row, widths))]
        out.append("  ".join(texts).rstrip())
    return out


def csv(facts, columns, rows):
    """A file with its provenance in front, as # lines."""
    head = [f"# {name}: {text}" for name, text in facts]
    return "\n".join([*head, ",".join(columns),
                      *(",".join(row) for row in rows)]) + "\n"
