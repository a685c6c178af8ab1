"""What the site needs to be read without a network.

Formulas become MathML, which every browser draws by itself; the script that lets a page from disk
search (browsers start no workers there) is the copy in docs/assets.
"""

import html
import re
from typing import Any

from latex2mathml.converter import convert
from mkdocs.utils import get_relative_url

_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<open>[(\[])(?P<latex>.*?)\\[)\]]</(?P=tag)>',
    re.DOTALL,
)
#: Bars are as high as a line, not as what stands beside them, without spaces.
_BAR = re.compile(r"<mo>(&#x0007C;|&#x02016;)</mo>")
_FETCHED, _OWN = "https://unpkg.com/iframe-worker/shim", "assets/iframe-worker.js"


def on_page_content(content: str, **_: Any) -> str:
    """Replace the formulas in a page."""
    return _FORMULA.sub(_mathml, content)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Replace the script that a page would fetch from elsewhere."""
    return output.replace(_FETCHED, get_relative_url(_OWN, page.url))


def on_post_template(output: str, template_name: str, **_: Any) -> str:
    """Replace it in the page of links that lead nowhere."""
    return output.replace(_FETCHED, f"/{_OWN}")


def _mathml(found: re.Match[str]) -> str:
    display = "block" if found["open"] == "[" else "inline"
    formula = convert(html.unescape(found["latex"]).strip(), display=display)
    return _BAR.sub(r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>', formula)
