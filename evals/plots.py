"""The report's plots as inline SVG. What is drawn in INK takes the colour of the page's text, light or dark."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.confidence import CALIBRATION_BINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#010203"
"""Replaced by `currentColor` in the finished SVG; matplotlib itself knows no such colour."""
BLUE, RED = "#3b82c4", "#d0563b"
"""Readable on white and on near-black, and told apart by people who see no red or no green."""
SIZE = (4.6, 3.1)  # inches, at 72 units each
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "footnote",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.6,
}
LONGEST_NAME = 28
LOG_FROM = 20.0
"""Slowest over fastest from which times are drawn on a logarithmic scale."""


def _svg(draw: Any, height: float = SIZE[1]) -> str:
    """The SVG element that `draw(axes)` made, the same for the same data."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(SIZE[0], height), layout="constrained")
        draw(figure.add_subplot())
        figure.patch.set_alpha(0)
        for axes in figure.axes:
            axes.patch.set_alpha(0)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    return text[text.index("<svg") :].replace(INK, "currentColor").strip()


def risk_coverage(points: Sequence[Mapping[str, float]]) -> str:
    """Share wrong over the share of answers given, the surest first."""

    def draw(axes: Axes) -> None:
        axes.plot([p["coverage"] for p in points], [p["risk"] for p in points], marker="o", markersize=4, color=BLUE)
        axes.set(
            xlim=(0, 1.02), ylim=(0, None), xlabel="share of the answers given, surest first", ylabel="share wrong"
        )

    return _svg(draw)


def calibration(confidences: Sequence[float], right: Sequence[bool]) -> str:
    """Share right over the confidence in ten bins, the size of a point by how many answers it stands for."""
    scores, marks = np.asarray(confidences), np.asarray(right, np.float64)
    bins = np.minimum((scores * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    counts = np.bincount(bins, minlength=CALIBRATION_BINS)
    filled = counts > 0
    mean_score = np.bincount(bins, scores, CALIBRATION_BINS)[filled] / counts[filled]
    share = np.bincount(bins, marks, CALIBRATION_BINS)[filled] / counts[filled]

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 4)))
        axes.plot(mean_score, share, color=BLUE, linewidth=1)
        axes.scatter(mean_score, share, s=12 + 160 * counts[filled] / counts.max(), color=BLUE, alpha=0.75, linewidth=0)
        for x, y, n in zip(mean_score, share, counts[filled], strict=True):
            axes.annotate(str(n), (x, y), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=7)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.08), xlabel="confidence", ylabel="share right")

    return _svg(draw)


def latency(milliseconds: Sequence[float]) -> str:
    """How long answers took, with the median and the 95th percentile."""
    taken = np.asarray(milliseconds)
    spread = taken.min() > 0 and taken.max() / taken.min() > LOG_FROM
    edges = np.geomspace(taken.min(), taken.max(), 25) if spread else np.linspace(0, taken.max() * 1.001 + 1e-9, 25)

    def draw(axes: Axes) -> None:
        axes.hist(taken, bins=edges.tolist(), color=BLUE)
        for share, style in ((50, "-"), (95, "--")):
            at = float(np.percentile(taken, share))
            axes.axvline(at, color=RED, linestyle=style, linewidth=1.2, label=f"p{share} {at:.0f} ms")
        axes.legend(frameon=False, fontsize=8)
        axes.set(xlabel="ms for an answer", ylabel="answers")
        if spread:
            axes.set_xscale("log")

    return _svg(draw)


def bars(rows: Sequence[tuple[str, float, float, float, int]]) -> str:
    """Horizontal bars of (name, value, low, high, n), the interval as a line, from the top in the given order."""
    names = [f"{name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + '…'} ({n})" for name, *_, n in rows]

    def draw(axes: Axes) -> None:
        places = np.arange(len(rows))[::-1]
        values = np.array([value for _, value, _, _, _ in rows])
        axes.barh(places, values, height=0.62, color=BLUE)
        axes.hlines(
            places, [low for _, _, low, _, _ in rows], [high for _, _, _, high, _ in rows], color=INK, linewidth=1
        )
        axes.set_yticks(places, names, parse_math=False)
        axes.tick_params(axis="y", length=0)
        axes.set(xlim=(0, 1))

    return _svg(draw, height=0.7 + 0.24 * len(rows))
