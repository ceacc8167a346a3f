"""The site, built by ``make docs`` without the network and with warnings as errors."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
HOME = DOCS.parent
sys.path[:0] = [str(HOME), str(DOCS)]

# both need the folders to be on the path
from nitpick import IGNORE, IGNORE_REGEX  # noqa: E402

from qnu.version import __version__  # noqa: E402

project = "qnu"
author = "the qnu developers"
copyright = author  # noqa: A001  # the name that Sphinx reads
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",  # Sphinx's default loads MathJax from the network
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_design",
    "myst_nb",
    "reference_pages",
]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
nitpicky = True
nitpick_ignore, nitpick_ignore_regex = IGNORE, IGNORE_REGEX

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # `make notebooks` has executed them, with a limit for their time
mathjax3_config = {"chtml": {"scale": 0.95}}

html_theme = "pydata_sphinx_theme"
html_title = "qnu"
html_static_path = ["_static"]
html_css_files = ["qnu.css"]
html_favicon = "_static/logo.svg"
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "logo": {
        "text": "qnu",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
        "alt_text": "qnu, home",
    },
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "secondary_sidebar_items": ["page-toc"],
}
PAGES_ALONE = (
    "benchmarks",
    "changelog",
    "cite",
    "checklist",
    "checks",
    "contributing",
    "engine",
    "glossary",
    "index",
    "physics",
)
html_sidebars = {page: [] for page in PAGES_ALONE}
copybutton_exclude = ".linenos, .gp, .go"


def copy_notebooks(_: Sphinx) -> None:
    """The notebooks as ``make notebooks`` has executed them, otherwise as they are stored."""
    pages = DOCS / "notebooks"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    for stored in (HOME / "notebooks").glob("*.ipynb"):
        executed = stored.parent / "executed" / stored.name
        shutil.copy(executed if executed.exists() else stored, pages)


def setup(app: Sphinx) -> None:
    """What is written before Sphinx looks for pages."""
    app.connect("builder-inited", copy_notebooks)
