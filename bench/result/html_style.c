#include "bench/result/html_style.h"

/* clang-format off */
/* On white, on paper too. */
#define DAY                                                                                        \
"--ws:#1b2a6b;--sse:#b8235a;--longpoll:#0f93a6;--poll:#d99000;--other:#6b7280;"                    \
"--part0:#14213d;--part1:#2f5d8a;--part2:#4f9bb5;--part3:#9cc9d3;--part4:#d5e3e6;"                 \
"--good:#1f7a3d;--bad:#b3261e"

const char html_style[] =
":root{--paper:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#dde2e8;" DAY "}\n"
"@media (prefers-color-scheme:dark){:root{--paper:#12161c;--ink:#e6eaf0;--soft:#9aa6b5;"
"--rule:#2c3542;--ws:#dbe4ff;--sse:#ff86ad;--longpoll:#2fb5c7;--poll:#b98212;"
"--other:#8b95a3;--part0:#f2f6fa;--part1:#a9cbe8;--part2:#5fa3c4;--part3:#3a6f88;--part4:#294651;"
"--good:#6fd08c;--bad:#ff8a80}}\n"
"@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--rule:#ccc;" DAY "}}\n"
"*{box-sizing:border-box}\n"
"body{margin:0;background:var(--paper);color:var(--ink);"
"font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
"main{max-width:880px;margin:0 auto;padding:2.5rem 1.25rem 4rem}\n"
"h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.01em}\n"
"h2{font-size:1.3rem;margin:3rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--rule)}\n"
"h3{font-size:1rem;margin:1.8rem 0 .4rem}h3::first-letter{text-transform:uppercase}\n"
"p{margin:.4rem 0 .8rem;max-width:44rem}.sub,.how{color:var(--soft)}.sub{max-width:none}\n"
"figure{margin:1.4rem 0 2rem}figcaption{font-weight:600;margin-bottom:.4rem}\n"
".scroll{overflow-x:auto}\n"
"table{border-collapse:collapse;font-size:.88rem;min-width:60%}\n"
"th,td{padding:.28rem .7rem;text-align:right;white-space:nowrap}\n"
"th:first-child,td:first-child{text-align:left;padding-left:0}\n"
"thead th{border-bottom:1.5px solid var(--ink);font-weight:600;vertical-align:bottom}\n"
"thead small{display:block;font-weight:400;color:var(--soft)}\n"
"tbody td{border-bottom:1px solid var(--rule)}\n"
"tbody th{font-weight:400;color:var(--soft);padding-top:.7rem;font-style:italic}\n"
".works,.yes{color:var(--good);font-weight:600}.fails,.no{color:var(--bad)}\n"
".claims{width:100%}.claims small{display:block;color:var(--soft);line-height:1.45;"
"margin:.2rem 0 .3rem}\n"
".claims td{white-space:normal;text-align:left;vertical-align:top}"
".claims td:last-child{white-space:nowrap}\n"
"dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem;font-size:.9rem}\n"
"dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}\n"
".crossings{font-size:.9rem;columns:2;column-gap:2rem;padding-left:1.4rem;margin:.2rem 0}\n"
"@media (max-width:640px){.crossings{columns:1}}\n"
".warn{border-left:3px solid var(--bad);padding-left:.8rem}\n"
"@media print{body{font-size:10pt}main{max-width:none;padding:0}"
"figure,tr,li{break-inside:avoid}h2,h3{break-after:avoid}"
".scroll{overflow:visible}table{font-size:7.5pt}th,td{padding:.2rem .4rem}" /* nobody scrolls paper */
"rect,path,circle{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";

const char html_picture_style[] =
"svg{display:block;width:100%;height:auto;overflow:visible}\n"
"svg text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
"fill:var(--ink)}\n"
"svg .tick,svg .title{fill:var(--soft);font-size:12px}svg .number{font-size:11px;font-weight:600}\n"
"svg .figure,td,.num{font-variant-numeric:tabular-nums}\n"
".grid{stroke:var(--rule);fill:none}.axis{stroke:var(--soft);fill:none}\n"
".leader{stroke:var(--soft);stroke-width:.7;fill:none;opacity:.6}\n"
".hint{stroke:var(--soft);stroke-dasharray:2 3;fill:none;opacity:.7}\n"
".ring{fill:none;stroke:var(--ink);stroke-width:1.3}\n"
".ws{--c:var(--ws)}.sse{--c:var(--sse)}.longpoll{--c:var(--longpoll)}.poll{--c:var(--poll)}"
".other{--c:var(--other)}\n"
".line{stroke:var(--c);stroke-width:2.2;fill:none;stroke-linejoin:round}\n"
".spread{stroke:var(--c);stroke-width:1.2}\n"
".mark{fill:var(--c);stroke:var(--c);stroke-width:1.4}\n"
".second .mark,.second .solid{fill:var(--paper);stroke:var(--c);stroke-width:1.8}"
".second .line{stroke-dasharray:6 4}\n"
".solid{fill:var(--c);stroke:var(--c)}.thick{stroke:var(--c);stroke-width:6}"
".middle{stroke:var(--c);stroke-width:2.5}.thin{stroke:var(--c);stroke-dasharray:1.5 3}"
".stop{stroke:var(--c);stroke-width:2}g .ring{stroke:var(--c)}\n"
".part0{fill:var(--part0)}.part1{fill:var(--part1)}.part2{fill:var(--part2)}"
".part3{fill:var(--part3)}.part4{fill:var(--part4)}\n";
/* clang-format on */
