"""Reference pages made from tables in the code, so that the two cannot drift: `tools/dev gen` writes them, lint compares."""
import re

from devlib.shell import ROOT, DevError, relative, say

METRICS_TABLE = ROOT / "src/base/self/metrics.def"
METRICS_PAGE = ROOT / "docs/reference/metrics.md"
ROW = re.compile(r'^METRIC\(\s*(\w+)\s*,\s*"([^"]+)"\s*,\s*(\w+)\s*,\s*"([^"]*)"\s*,((?:\s*"(?:\\.|[^"\\])*")+)\s*\)', re.MULTILINE)
KINDS = {"Counter": "counter", "Gauge": "gauge", "Histogram": "histogram"}


def read_metrics(text):
    """(name, kind, labels, help) of every row of metrics.def."""
    rows = []
    for match in ROW.finditer(text):
        help_text = "".join(part for part in re.findall(r'"((?:\\.|[^"\\])*)"', match.group(5))).replace('\\"', '"')
        rows.append((match.group(2), KINDS[match.group(3)], [label.strip() for label in match.group(4).split(",") if label.strip()],
                     help_text))
    if len(rows) != len(re.findall(r"^METRIC\(", text, re.MULTILINE)):
        raise DevError("a row of metrics.def cannot be read", 'write METRIC(Id, "name", Kind, "labels", "help") from the line\'s start')
    return rows


def metrics_page(rows):
    """The page about Sextant's own metrics."""
    lines = ["# Sextant's own metrics", "",
             "Shown at `/metrics` in Prometheus' text format. Made from `src/base/self/metrics.def` by `tools/dev gen`.", "",
             "| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for name, kind, labels, help_text in rows:
        cells = [f"`{name}`", kind, ", ".join(f"`{label}`" for label in labels) or "–", help_text.replace("|", "\\|")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def pages():
    """(path, content) of every made page."""
    return [(METRICS_PAGE, metrics_page(read_metrics(METRICS_TABLE.read_text())))]


def generate():
    """Writes every made page."""
    for path, content in pages():
        say(f"writing {relative(path)}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
