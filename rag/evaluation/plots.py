"""Draws tables of measures as heat maps; matplotlib comes with the extra `plot`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rag.evaluation.measures import Evaluation

__all__ = ["check_plot_path", "heat_map", "plot_pairs"]

_KINDS = (".png", ".svg")
_DARK = 0.62  # from here on the cell is so dark that its number is written in white
_INCH = 0.75  # of a cell
_MEASURE = "hit@1"


def check_plot_path(path: Path) -> None:
    """Refuse what could not be drawn, before an evaluation takes its time.

    Raises:
        ConfigError: the file's ending is neither .png nor .svg, its folder is not there, or matplotlib isn't.
    """
    if path.suffix.lower() not in _KINDS:
        raise ConfigError(f"{path}: a plot is a .png or an .svg file", "name it so")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}", "make it first")
    try:
        import matplotlib as _  # noqa: F401, ICN001 - only whether it is there
    except ImportError as error:
        raise ConfigError("plots need matplotlib", "install it with pip install 'babelquote[plot]'") from error


def plot_pairs(evaluation: Evaluation, path: Path) -> None:
    """Draw hit@1 by question language (rows) and language of the relevant document (columns).

    Args:
        evaluation: what was measured.
        path: the file, .png or .svg.

    Raises:
        ConfigError: no question names a relevant document of the index, or as `check_plot_path`.
        StoreError: the file can't be written.
    """
    pairs = evaluation.by_pair
    if not pairs:
        raise ConfigError(f"{path}: nothing to plot; no question names a relevant document of this index")
    asked, found = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
    values = [[pairs[a, f].hit_1 if (a, f) in pairs else None for f in found] for a in asked]
    heat_map(path, values, asked, found, title="Relevant document first, by language pair")


def heat_map(
    path: Path, values: Sequence[Sequence[float | None]], rows: Sequence[str], columns: Sequence[str], *, title: str
) -> None:
    """Draw shares (0 to 1) as coloured cells with their percentages; `None` stays blank.

    Args:
        path: the file, .png or .svg; an SVG is the same, byte for byte, for the same values.
        values: a row for each question language.
        rows: question languages.
        columns: languages of the texts.
        title: above the cells.

    Raises:
        ConfigError: as `check_plot_path`.
        StoreError: the file can't be written.
    """
    check_plot_path(path)
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.2 + _INCH * len(columns), 1.6 + _INCH * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    _draw(figure, values, rows, columns, title)
    # Fixed names inside an SVG and no date: a figure under version control changes only when its numbers do.
    dateless = {"Date": None} if path.suffix.lower() == ".svg" else {}
    try:
        with mpl.rc_context({"svg.hashsalt": "babelquote", "svg.fonttype": "none"}):
            figure.savefig(path, dpi=150, metadata=dateless)
    except OSError as error:
        raise StoreError(f"{path}: the plot can't be written ({error})", "choose another place") from error


def _draw(
    figure: Figure, values: Sequence[Sequence[float | None]], rows: Sequence[str], columns: Sequence[str], title: str
) -> None:
    axes = figure.add_subplot()
    shares = [[float("nan") if value is None else value for value in row] for row in values]
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="language of the text", ylabel="language of the question", title=title)
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            if value is not None:
                axes.text(x, y, f"{100 * value:.0f}", ha="center", va="center", color="w" if value > _DARK else "k")
    figure.colorbar(image, label=f"{_MEASURE} (share of questions)", shrink=0.8)
