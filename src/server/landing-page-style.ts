/** The look of the landing page: light or dark as the browser is, readable on a phone. */
export const style = `
:root { color-scheme: light dark; --line: light-dark(#d5dbe1, #39424d); --soft: light-dark(#f3f5f7, #1d232b); --accent: light-dark(#0b6e4f, #4fd1a5) }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #12161b); color: light-dark(#1b2430, #dde3ea) }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1.25rem 4rem }
h1 { margin: 0; font-size: 1.75rem; color: var(--accent) }
h2 { margin: 2rem 0 .5rem; font-size: 1.125rem }
p { margin: .25rem 0 .75rem; max-width: 46rem }
code, pre { font: .875rem/1.5 ui-monospace, monospace }
code { padding: .1em .3em; border-radius: 4px; background: var(--soft); overflow-wrap: anywhere }
table { display: block; overflow-x: auto; border-collapse: collapse }
th, td { padding: .4rem 1.25rem .4rem 0; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line) }
.number { text-align: right; font-variant-numeric: tabular-nums }
.copyable { position: relative }
pre { margin: 0; padding: .9rem 5.5rem .9rem 1rem; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--soft) }
button { position: absolute; top: .6rem; right: .6rem; padding: .25rem .7rem; font: inherit; font-size: .8125rem; color: inherit; cursor: pointer; border: 1px solid var(--line); border-radius: 6px; background: light-dark(#fff, #12161b) }
button:hover, button:focus-visible { border-color: var(--accent) }
`
