"""How the guide becomes a site: `make docs`. Nothing in it asks a network for anything, so pages open from disk."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "machinery")]

import pushpop  # noqa: E402 - it is found by the line above

project = "pushpop"
author = "the pushpop authors"
version = release = pushpop.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "catalogues",
    "commands",
    "docstrings",
    "mathml",
    "outside",
    "studies",
]
exclude_patterns = ["build"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # tests run the notebook, and compare what it prints with what it holds

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
smartquotes = False
default_role = "py:obj"  # docstrings put names in single backticks
toc_object_entries_show_parents = "hide"
viewcode_line_numbers = True

html_theme = "furo"
html_title = f"pushpop {release}"
html_static_path = ["machinery/static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_search_summary = False  # it would fetch pages, which a browser refuses to one opened from disk
html_copy_source = html_show_sourcelink = html_show_copyright = False
html_theme_options = {"navigation_with_keys": True, "sidebar_hide_name": False}
pygments_style = "tango"
pygments_dark_style = "github-dark"
