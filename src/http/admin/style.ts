/** Of the status page; colours have a contrast of at least 4.5 in both schemes. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --paper: #fff; --ink: #1b2430; --quiet: #586474; --line: #dde2e9; --link: #0b57b8;
  --well: #116b36; --well-ground: #e3f5ea;
  --watch: #7f4d00; --watch-ground: #fdf1d8;
  --wrong: #a31616; --wrong-ground: #fde8e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #11161d; --paper: #1a212b; --ink: #e4e9f0; --quiet: #9fabba; --line: #2f3946; --link: #7db4ff;
    --well: #6fd497; --well-ground: #12301f;
    --watch: #f2bb5b; --watch-ground: #372a0e;
    --wrong: #ff938c; --wrong-ground: #431a1a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 72rem; padding: 1rem 1.25rem 3rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word;
}
a { color: var(--link); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; margin-bottom: 1rem; }
header h1 { margin: 0; font-size: 1.4rem; }
header nav { display: flex; gap: 1rem; flex: 1; }
header p { margin: 0; color: var(--quiet); font-size: .85rem; }
h2 { margin: 2rem 0 .6rem; font-size: 1.05rem; }
code, .code { font: .85em/1.4 ui-monospace, 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace; }
code { display: inline-block; padding: .1rem .35rem; border-radius: .25rem; background: color-mix(in srgb, var(--ink) 9%, transparent); color: var(--ink); }
small { display: block; color: var(--quiet); font-size: .82rem; font-weight: 400; }
time { white-space: nowrap; }
data { white-space: nowrap; }
.quiet { color: var(--quiet); margin: .5rem 0; }

.banner { margin: 0 0 1rem; padding: .8rem 1rem; border-radius: .5rem; border-left: .35rem solid; }
.banner h2 { margin: 0 0 .4rem; }
.banner ul { margin: 0; padding: 0; list-style: none; }
.banner li { display: flex; gap: .6rem; padding: .3rem 0; color: var(--ink); }
.banner li span { flex: 1; }
.banner .mark { flex: 0 0 3.4rem; }
.banner.well, .tag.well { color: var(--well); background: var(--well-ground); }
.banner.watch, .tag { color: var(--watch); background: var(--watch-ground); }
.banner.wrong, .tag.wrong { color: var(--wrong); background: var(--wrong-ground); }
.banner li.wrong .mark { color: var(--wrong); }
.banner li.watch .mark { color: var(--watch); }
.tag { padding: .05rem .4rem; border-radius: .25rem; font-size: .85em; }
.fault { display: block; color: var(--wrong); }

dl { margin: 0 0 1rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .6rem; }
dl > div { padding: .6rem .8rem; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; }
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; }
.cards { grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); }
.cards dd:first-of-type { font-size: clamp(1.05rem, 4.6vw, 1.45rem); font-weight: 600; }
.cards :is(dd, data, time) { overflow-wrap: anywhere; white-space: normal; }
.cards dd + dd { color: var(--quiet); font-size: .85rem; }
.cards .watch { border-color: var(--watch); }

table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; background: var(--paper); border: 1px solid var(--line); }
caption { padding: .2rem 0 .4rem; text-align: left; font-weight: 600; font-size: .9rem; color: var(--quiet); }
th, td { padding: .4rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-size: .82rem; font-weight: 500; }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.columns { display: grid; gap: 0 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); }
.columns > div { min-width: 0; }
td form, .brake form { margin: 0; }
td code { margin: .1rem 0; }
.places { margin: 0; padding: 0; list-style: none; }

button {
  padding: .35rem .8rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--paper); color: var(--ink);
  font: inherit; cursor: pointer;
}
button.danger { border-color: var(--wrong); color: var(--wrong); font-weight: 600; }
button:hover { border-color: currentColor; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.brake { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; margin-bottom: 1rem; }
.brake p { margin: 0; }
.reason { display: grid; gap: .5rem; max-width: 36rem; justify-items: start; }
.reason input { width: 100%; padding: .45rem .6rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: .35rem; }

@media (max-width: 40rem) {
  body { padding: .75rem .75rem 2rem; }
  .banner li { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, tr, tbody th, td { display: block; width: auto; }
  table { border: 0; background: none; }
  tbody { border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); }
  tr { padding: .5rem .75rem; border-top: 1px solid var(--line); }
  tr:first-child { border-top: 0; }
  tbody th { padding: 0 0 .2rem; border: 0; font-weight: 600; }
  td { display: flex; gap: .75rem; padding: .1rem 0; border: 0; }
  td::before { content: attr(data-label); flex: 0 0 6.5rem; color: var(--quiet); font-size: .85rem; }
  td > span { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .number { text-align: left; }
  .number, data, time { white-space: normal; }
  dd, .banner, .brake p { overflow-wrap: anywhere; }
}
`
