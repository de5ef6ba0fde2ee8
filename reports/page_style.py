"""How the page looks, and the few lines of script that filter its rows."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--fail:#b3261e;--warn:#7a5200;--pass:#1b6e2d;--open:#6b3fa0;
--known:#00606b;--quiet:#5a5a5a;--line:#8884;--back:#fff;--ink:#1a1a1a}
@media(prefers-color-scheme:dark){:root{--fail:#ff9d94;--warn:#f0c060;--pass:#7fd894;--open:#cbb0f5;
--known:#6fd6e2;--quiet:#b0b0b0;--back:#161616;--ink:#eee}}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:64rem;padding:1rem;
background:var(--back);color:var(--ink)}
h1{margin:0;font-size:1.5rem}h2{margin:2rem 0 .5rem;font-size:1.15rem}
header{border-inline-start:.5rem solid var(--open);padding:.25rem 1rem}
header.pass{border-color:var(--pass)}header.fail{border-color:var(--fail)}
.outcome{font-size:1.15rem;font-weight:600;margin:.25rem 0}
table{border-collapse:collapse}caption{text-align:start;color:var(--quiet)}
th,td{text-align:start;vertical-align:top;padding:.2rem .6rem;border-bottom:1px solid var(--line)}
.rules{width:100%}.counts td{text-align:end;font-variant-numeric:tabular-nums}
.short{white-space:nowrap}nav ul{padding-inline-start:1rem;list-style:none}
.rules>tbody>tr{scroll-margin-top:5rem}a{color:inherit}
.mark{white-space:nowrap;font-weight:600}
.fail,.error{--tone:var(--fail)}.warn{--tone:var(--warn)}.pass{--tone:var(--pass)}
.inconclusive{--tone:var(--open)}.known{--tone:var(--known)}.not_applicable{--tone:var(--quiet)}
.mark{color:var(--tone)}summary{cursor:pointer;font-family:ui-monospace,monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem;margin:.5rem 0}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0;font-size:.85rem}
.wire{font-size:.9rem}.wire td:first-child{text-align:end;font-variant-numeric:tabular-nums}
.fold{color:var(--quiet)}.decisive td{font-weight:600}
figure{margin:.5rem 0}figcaption{font-size:.85rem;color:var(--quiet);overflow-wrap:anywhere}
.timeline{width:100%;max-width:45rem}
.timeline text{font:10px system-ui,sans-serif;fill:currentColor}
fieldset{border:1px solid var(--line);display:flex;flex-wrap:wrap;gap:.25rem 1rem}
.filters{position:sticky;top:0;background:var(--back);padding:.25rem 0}
[hidden]{display:none}@media print{.filters{display:none}}
"""

SCRIPT = """
const form=document.querySelector('.filters');
form.addEventListener('change',()=>{
  for(const box of form.querySelectorAll('input'))
    for(const row of document.querySelectorAll('.rules>tbody>tr.'+box.name))row.hidden=!box.checked;
});
"""
