"""The style sheet of the page: light and dark, narrow and wide, and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1f2328;--soft:#59636e;--line:#d1d9e0;--card:#f6f8fa;
--good:#1a7f37;--warn:#7d4e00;--bad:#c21c2b;--goodbg:#dafbe1;--warnbg:#fff8c5;--badbg:#ffebe9;
--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9198a1;--line:#3d444d;
--card:#161b22;--good:#4ac266;--warn:#e3b341;--bad:#ff7b72;--goodbg:#0f2a19;--warnbg:#2e2308;
--badbg:#35130f;--link:#79b8ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1rem;background:var(--bg);color:var(--fg);
font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.3rem;margin:2rem 0 .5rem;border-bottom:1px solid
var(--line);padding-bottom:.25rem}h3{font-size:1.05rem;margin:1.25rem 0 .5rem}
a{color:var(--link)}a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid
var(--link);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;background:var(--bg);padding:.5rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
font-size:.875em}
nav ul,.verdicts{list-style:none;padding:0;margin:.5rem 0;display:grid;gap:.5rem}
.verdicts li{border:1px solid var(--line);border-left:.5rem solid var(--soft);border-radius:6px;
padding:.5rem .75rem;background:var(--card)}
.verdicts .passes{border-left-color:var(--good)}.verdicts .open{border-left-color:var(--warn)}
.verdicts .refused,.verdicts .failed,.verdicts .not-judged{border-left-color:var(--bad)}
.scroll{overflow-x:auto;position:relative}h4{margin:.75rem 0 .25rem}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{border-bottom:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top;
min-width:6.75rem}td:last-child{min-width:8rem}
thead th{background:var(--card);white-space:nowrap}tbody th{font-weight:400}
code,b,td,th,li{unicode-bidi:isolate}
@media screen and (max-width:40rem){thead{position:absolute;left:-999px}
table,tbody,tr,td,tbody th{display:block}tr{border:1px solid var(--line);border-radius:6px;
margin:.5rem 0;padding:.25rem .6rem}th,td{border:0;padding:.15rem 0}tbody th{font-weight:600}
td:empty{display:none}td::before{content:attr(data-head) ": ";color:var(--soft)}}
.map{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr))}
@media(min-width:40rem){.map.one{grid-template-columns:minmax(8rem,1fr) 5fr}
.map.other{grid-template-columns:5fr minmax(8rem,1fr)}}
.side,.region{border:1px solid var(--line);border-radius:8px;padding:.75rem}
.side{background:var(--card)}.side>h4,.region>h5{margin:0 0 .5rem;font-size:1rem}
.region{background:var(--bg);margin-top:.5rem}.region>h5{font-size:.9375rem;color:var(--soft)}
.things{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:0;padding:0}
.things li{border:1px solid var(--line);border-radius:6px;padding:.35rem .6rem;font-size:.875rem;
max-width:100%}
.things .image{border-style:dashed}
.things b{display:block}.things small{color:var(--soft);font-size:.8125rem}
.new{background:var(--goodbg);border-color:var(--good)!important}
.in-place,.needs-zero-nodes{background:var(--warnbg);border-color:var(--warn)!important}
.replaced,.removed{background:var(--badbg);border-color:var(--bad)!important}
.badge{display:inline-block;border:1px solid var(--line);border-radius:1em;padding:0 .6em;
font-size:.8125rem}
.plots{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))}
.plot{margin:0;border:1px solid var(--line);border-radius:8px;padding:.75rem}
.plot>svg{display:block;width:100%;height:auto;margin-bottom:.25rem}.plot text{fill:var(--soft);
font-size:12px}.plot line,.plot polyline{fill:none;stroke-width:2.5}.plot .grid{stroke:var(--line);
stroke-width:1}.plot .after{stroke:var(--link)}
.plot .before{stroke:var(--warn);stroke-dasharray:6 4}
.plot .limit{stroke:var(--bad);stroke-width:2;stroke-dasharray:2 3}
.plot ul{list-style:none;margin:.25rem 0 0;padding:0;font-size:.875rem}
details{border:1px solid var(--line);border-radius:6px;margin:.75rem 0}
summary{cursor:pointer;padding:.5rem .75rem;font-weight:600}
details>*,details>.rule{margin:0 .75rem .75rem}details>summary{margin:0}
pre{overflow-x:auto;background:var(--card);padding:.75rem;border-radius:6px;line-height:1.35}
.rule{margin:.75rem 0;padding:.5rem .75rem;border:1px solid var(--line);border-radius:6px}
.rule.failure{border-left:.5rem solid var(--bad)}.rule p,.rule ul{margin:.25rem 0}
.soft,footer{color:var(--soft);font-size:.875rem}
pre .add{color:var(--good)}pre .del{color:var(--bad)}pre .mod{color:var(--warn);font-weight:600}
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--soft:#444;--line:#999;--card:#fff;
--good:#1a7f37;--warn:#7d4e00;--bad:#c21c2b;--goodbg:#fff;--warnbg:#fff;--badbg:#fff;--link:#000}
body{max-width:none;padding:0;font-size:10pt}.skip{display:none}summary{list-style:none}.scroll{overflow:visible}
pre{white-space:pre-wrap}tr,.rule,.region,.things li,.plot{break-inside:avoid}
h2,h3,h4,h5{break-after:avoid}
details:not([open])::details-content{content-visibility:visible;display:block}}
"""
