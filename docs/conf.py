"""Sphinx's settings. Pages are Markdown; tables come from the code, and every example is run."""

import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent / "_ext"), str(Path(__file__).parent.parent)]

from hvinspect._version import __version__  # noqa: E402

project = "hvinspect"
copyright = "the hvinspect authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "catalogue",
    "errors",
    "ceilometer_differences",
    "matrix",
    "measured",
    "benchmarks",
    "operations",
    "public_names",
    "qemu_operations",
    "exported",
    "ranges",
    "vmware_sources",
    "xen_sources",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "measured"]

html_theme = "furo"
html_title = f"hvinspect {release}"
html_short_title = "hvinspect"
html_show_sphinx = False
# The JSON Schemas of stored records, under their own names.
html_extra_path = ["schema"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
# Pages hold nothing that has to be fetched from elsewhere.
html_theme_options = {"top_of_page_buttons": []}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 80
autodoc_preserve_defaults = True
# Only hvinspect's own public names have to resolve: nothing is looked up on the network.
nitpick_ignore_regex = [("py:.*", r"(?!hvinspect\.).*"), ("py:.*", r"hvinspect\.(\w+\.)*_.*")]

# Only blocks marked as doctest are run; they see what a reader sees.
doctest_test_doctest_blocks = ""
doctest_global_setup = "import hvinspect"


def _without_that_of_modules(*event: Any) -> None:
    """Leave a module's docstring to who reads the code: the page with its names says the same in its own words."""
    _, what, *_, lines = event
    if what == "module":
        lines.clear()


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _without_that_of_modules)
