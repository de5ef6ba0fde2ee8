"""What the page of a load run adds to the style of all pages: cards, charts, paper."""

from __future__ import annotations

LIGHT = {
    "back": "#fff",
    "s0": "#0b5cad",
    "s1": "#a84300",
    "s2": "#1b6e2d",
    "s3": "#8a1f7a",
    "s4": "#00606b",
    "s5": "#5a5a5a",
}
DARK = {
    "back": "#161616",
    "s0": "#7fb8ff",
    "s1": "#ffb077",
    "s2": "#7fd894",
    "s3": "#f0a3e3",
    "s4": "#6fd6e2",
    "s5": "#b8b8b8",
}
"""Colours of the series; each can be read as text upon the back of its scheme (WCAG 2.2, AA)."""
_DASHES = ("none", "7 4", "2 4", "10 4 2 4", "12 3", "4 2")


def _colours(scheme: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in scheme.items() if name != "back")


_LOOKS = "\n".join(
    f".s{place}{{--c:var(--s{place});--d:{dashes}}}" for place, dashes in enumerate(_DASHES)
)

LOAD_STYLE = f"""
:root{{{_colours(LIGHT)}}}
@media screen and (prefers-color-scheme:dark){{:root{{{_colours(DARK)}}}}}
h3{{margin:0;font-size:1rem}}
.says{{margin:.25rem 0 .75rem;color:var(--quiet);overflow-wrap:anywhere}}
h1{{overflow-wrap:anywhere}}.outcome{{overflow-wrap:anywhere}}
.cards{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));
gap:.75rem;margin:1rem 0;padding:0;list-style:none}}
.cards li{{border:1px solid var(--line);border-radius:.4rem;padding:.6rem .8rem;min-width:0}}
.cards h3{{font-size:.85rem;font-weight:600;color:var(--quiet)}}
.cards .big{{font-size:1.45rem;line-height:1.3;font-weight:600;margin:.1rem 0;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}}
.cards .big small{{font-size:.85rem;font-weight:400;color:var(--quiet)}}
.cards .mark{{white-space:normal}}.cards p{{margin:.1rem 0;font-size:.85rem}}
.charts{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));
gap:1.5rem 2rem;align-items:start}}
.plot{{margin:0;min-width:0}}.wide{{grid-column:1/-1}}
.note{{margin:0 0 .3rem;font-size:.85rem;color:var(--quiet)}}
.key{{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:0 0 .2rem;padding:0;list-style:none;
font-size:.85rem}}.swatch{{vertical-align:-1px}}
.chart{{display:block;box-sizing:border-box;width:100%;height:226px;padding:22px 8px 24px 46px;
overflow:visible}}
.chart text{{font:11px system-ui,sans-serif;fill:var(--ink)}}
.chart .end{{text-anchor:end}}.chart .name{{fill:var(--c);font-weight:600}}
.chart .halo{{paint-order:stroke;stroke:var(--back);stroke-width:4px;stroke-linejoin:round}}
.chart path,.swatch path{{vector-effect:non-scaling-stroke;stroke-linejoin:round}}
.grid{{stroke:var(--line);stroke-width:1}}.axis{{stroke:var(--quiet);stroke-width:1}}
.ref{{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:1.5 3.5}}
.line{{fill:none;stroke:var(--c);stroke-width:2;stroke-dasharray:var(--d)}}
.dot{{fill:none;stroke:var(--c);stroke-width:5;stroke-linecap:round}}
.band{{fill:var(--c);fill-opacity:.28}}.bar{{fill:var(--c)}}
.area{{fill:var(--c);fill-opacity:.22}}.edge{{fill:none;stroke:var(--c);stroke-width:1.5}}
.hatch{{fill:none;stroke:var(--c);stroke-width:1}}
{_LOOKS}
figcaption{{margin-top:.2rem}}
.plot details{{font-size:.85rem;margin-top:.2rem}}summary{{font-family:inherit}}
.scroll{{overflow-x:auto;max-width:100%}}.scroll:focus-visible{{outline:2px solid var(--s0)}}
.numbers td,.numbers th{{text-align:end;font-variant-numeric:tabular-nums}}
.numbers th[scope=row],.numbers th:first-child{{text-align:start}}
.side{{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,18rem),1fr));
gap:.75rem 2rem;align-items:start}}
.side table{{width:100%}}.side td,.side th{{padding-inline:.3rem}}
.rules td{{overflow-wrap:anywhere}}.rules .short{{width:1%;text-align:end;overflow-wrap:normal;
font-variant-numeric:tabular-nums}}.rules .verdict{{width:1%;white-space:nowrap}}
.bad{{border-inline-start:.3rem solid var(--fail);padding:0 .8rem;margin:1rem 0}}
.steps{{margin:.3rem 0;padding:0;list-style:none;font:.85rem/1.5 ui-monospace,monospace;
overflow-wrap:anywhere}}
@media(max-width:30rem){{body{{padding:.75rem}}th,td{{padding:.2rem .35rem}}
.rules .mark{{white-space:normal;overflow-wrap:normal}}
dl{{grid-template-columns:42% 1fr;gap:.1rem .6rem}}}}
@media print{{:root{{color-scheme:light;--fail:#b3261e;--warn:#7a5200;--pass:#1b6e2d;--open:#6b3fa0;
--known:#00606b;--quiet:#444;--back:#fff;--ink:#000}}body{{max-width:none;font-size:11pt;padding:0}}
*{{print-color-adjust:exact}}figure,.cards li,.bad{{break-inside:avoid}}
h2,h3{{break-after:avoid}}details:not([open]){{display:none}}
.charts{{grid-template-columns:1fr 1fr}}}}
"""
