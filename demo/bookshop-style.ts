// The style of the bookshop page. It differs from the issuer's pages on purpose: the shop is another site.
import { raw } from '../src/pages/html.ts'

export const bookshopStyle = raw(`
:root { color-scheme: light dark; --wall: #eef1ec; --card: #fff; --ink: #14302b; --soft: #52665f; --line: #cfd8d1; --leaf: #1d6b54; --on-leaf: #fff; --leaf-text: #175a46; --over: #a3341f; --over-wash: #a3341f12; --board: #8a6a48;
  --book-1: #1d6b54; --book-2: #d9a441; --book-3: #a3482f; --book-4: #31556b; --book-5: #7d8f69;
  --sans: "Pretendard", "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", system-ui, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --wall: #101a17; --card: #172420; --ink: #e9f0eb; --soft: #9fb2a9; --line: #2c3d36; --leaf: #27785d; --leaf-text: #7fd3b2; --over: #ff9a83; --over-wash: #ff9a8317; --board: #6d5438; } }
* { box-sizing: border-box; }
body { display: flex; flex-direction: column; margin: 0; min-height: 100dvh; background: var(--wall); color: var(--ink); font: 400 1rem/1.6 var(--sans); word-break: keep-all; overflow-wrap: anywhere; -webkit-font-smoothing: antialiased; }
h1, h2, h3, p, ol, dl, dd { margin: 0; padding: 0; } ol { list-style: none; }
header, main { width: min(100% - 2.5rem, 72rem); margin: 0 auto; }
header { padding: 1.1rem 0; } main { flex: 1; display: flex; flex-direction: column; }
header a { display: inline-flex; align-items: center; gap: .6rem; min-height: 44px; color: inherit; font-weight: 800; font-size: 1.125rem; letter-spacing: -.02em; text-decoration: none; }
.bookmark { width: 16px; height: 23px; fill: var(--book-3); }
h1 { font-size: clamp(2rem, 1.3rem + 3.4vw, 3.5rem); line-height: 1.15; font-weight: 800; letter-spacing: -.04em; text-wrap: balance; }
.lede { max-width: 34rem; margin-top: 1rem; color: var(--soft); font-size: 1.125rem; }
.hero { flex: 1; display: grid; gap: 2rem clamp(2rem, 6vw, 5rem); align-content: center; align-items: center; padding: clamp(1rem, 4vh, 3rem) 0 clamp(2rem, 5vh, 4rem); } .hero form { margin-top: 2rem; }
@media (min-width: 900px) { .hero { grid-template-columns: 1.15fr 1fr; } }
.shelf { display: block; width: 100%; height: clamp(96px, min(20vw, 30vh), 250px); }
.book-1 { fill: var(--book-1); } .book-2 { fill: var(--book-2); } .book-3 { fill: var(--book-3); } .book-4 { fill: var(--book-4); } .book-5 { fill: var(--book-5); }
.band { fill: #fff; opacity: .55; } .board { fill: var(--board); }
.button { min-height: 52px; padding: .6rem 1.6rem; border: 1px solid transparent; border-radius: 10px; background: var(--leaf); color: var(--on-leaf); font: 700 1.0625rem/1.2 var(--sans); cursor: pointer; }
.button:hover { filter: brightness(1.08); }
.button.plain { min-height: 44px; padding: .5rem 1.1rem; background: none; border-color: var(--line); color: inherit; font-size: .9375rem; font-weight: 600; }
.button.plain:hover { border-color: var(--ink); filter: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
.greeting { padding: clamp(.5rem, 3vh, 2rem) 0 1.75rem; } .greeting h1 { font-size: clamp(1.75rem, 1.3rem + 2.2vw, 2.75rem); }
.state { display: inline-flex; align-items: center; gap: .5rem; margin-bottom: .6rem; color: var(--leaf-text); font-weight: 700; }
.state::before { content: ""; width: 11px; height: 11px; border-radius: 50%; background: currentColor; }
.state.is-over { color: var(--over); } .state.is-over::before { border-radius: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.25rem; }
.desk { display: grid; gap: 1.5rem; padding-bottom: 3rem; }
@media (min-width: 960px) { .desk { grid-template: 'next activity' auto 'tokens tokens' auto / minmax(0, 1fr) minmax(0, 1fr); } .desk .next { grid-area: next; } .desk .activity { grid-area: activity; } .desk .contents { grid-area: tokens; } }
.next, .token, .activity { padding: 1.4rem clamp(1.1rem, 3vw, 1.6rem); background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
h2 { font-size: 1.0625rem; font-weight: 700; } h3 { font-size: 1.0625rem; }
.next ol { display: grid; counter-reset: step; margin-top: .5rem; }
.methods { display: flex; flex-wrap: wrap; gap: .35rem; margin: .35rem 0 0; padding: 0; list-style: none; }
.next .methods li { padding: .1rem .65rem; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: .875rem; font-weight: 400; }
.next .methods li.done { border-color: var(--leaf-text); color: var(--leaf-text); font-weight: 600; } .next .methods li.done::before { content: "✓ " / ""; }
.next ol > li { position: relative; counter-increment: step; padding: .55rem 0 .55rem 2.5rem; font-weight: 600; }
.next ol > li::before { content: counter(step); position: absolute; left: 0; top: .5rem; display: grid; place-items: center; width: 28px; height: 28px; border: 1.5px solid var(--line); border-radius: 50%; font-size: .875rem; }
.next ol > li.done { color: var(--soft); font-weight: 400; } .next ol > li.done::before { content: "✓" / ""; background: var(--leaf); border-color: var(--leaf); color: var(--on-leaf); }
.next p { color: var(--soft); font-size: .9375rem; font-weight: 400; }
.next a { display: inline-flex; align-items: center; gap: .3rem; min-height: 44px; color: var(--leaf-text); text-underline-offset: .22em; } .next small { font-weight: 400; }
.contents { min-width: 0; } .contents summary { display: inline-flex; align-items: center; gap: .5rem; min-height: 44px; padding: 0 .25rem; font-weight: 700; cursor: pointer; }
.contents summary::before { content: "▸" / ""; } .contents[open] summary::before { content: "▾" / ""; }
.tokens { display: grid; gap: 1.5rem; margin-top: .5rem; } @media (min-width: 720px) { .tokens { grid-template-columns: 1fr 1fr; align-items: start; } }
.token { min-width: 0; border-top: 6px solid var(--book-4); } .token + .token { border-top-color: var(--book-2); }
.token p { margin-top: .15rem; color: var(--soft); font-size: .9375rem; }
.token dl { margin-top: .9rem; }
.token dl > div { display: grid; grid-template-columns: 6.2rem 1fr; gap: .75rem; padding: .4rem 0; border-top: 1px solid var(--line); font: 400 .8125rem/1.5 var(--mono); }
.token dt { color: var(--soft); } .token dd { overflow-wrap: anywhere; word-break: normal; } .token small { display: block; color: var(--soft); font: 400 .8125rem/1.4 var(--sans); }
.is-over .token:first-child { border-top-color: var(--over); } .is-over .token:first-child dd { color: var(--soft); text-decoration: line-through; text-decoration-color: var(--over); }
.activity { background: none; border-style: dashed; } .activity ol { margin-top: .5rem; }
.activity li { display: grid; grid-template-columns: 4.6rem 1fr; gap: .75rem; padding: .55rem 0; border-top: 1px dashed var(--line); font-size: .9375rem; line-height: 1.45; }
.activity time { color: var(--soft); font: 400 .8125rem/1.65 var(--mono); } .activity .bad { color: var(--over); font-weight: 600; } .activity code { font-family: var(--mono); font-size: .8125rem; }
@media (forced-colors: active) { .button { border-color: ButtonText; } }
`)
