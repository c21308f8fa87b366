// The style sheet of the hosted pages. The colours are variables of the brand (brand.ts), and --seal is the
// brand's accent. One file, because a style sheet is read as a whole.
import { raw } from './html.ts'

export const style = raw(`
:root {
  --radius: 12px;
  --sans: "Pretendard", "Apple SD Gothic Neo", "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic",
    system-ui, sans-serif;
  --serif: "Noto Serif KR", "Noto Serif CJK KR", "Nanum Myeongjo", "AppleMyungjo", "Batang", Georgia, serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas,
    "Liberation Mono", monospace;
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; min-height: 100vh; min-height: 100dvh; background: var(--paper); color: var(--ink);
  font: 400 1rem/1.6 var(--sans); word-break: keep-all; overflow-wrap: break-word; -webkit-font-smoothing: antialiased; }
h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
p, li { text-wrap: pretty; }
h1 { font-size: clamp(1.75rem, 1.5rem + 1.2vw, 2.25rem); line-height: 1.22; font-weight: 750; letter-spacing: -.028em; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.35; font-weight: 700; letter-spacing: -.015em; }
:lang(ko) h1, :lang(ko) h2 { letter-spacing: -.035em; }
a { color: var(--seal-text); text-underline-offset: .22em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
code, pre, .mono { font-family: var(--mono); font-size: .875em; }
main:focus { outline: none; }
:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; border-radius: 2px; }
.skip { position: absolute; left: 1rem; top: -5rem; z-index: 9; padding: .75rem 1rem; background: var(--ink); color: var(--paper); }
.skip:focus { top: 1rem; }

.bar { display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 44px; }
.brand { display: flex; align-items: center; gap: .6rem; min-width: 0; font-weight: 750; font-size: 1.0625rem; line-height: 1.3; letter-spacing: -.02em; overflow-wrap: anywhere; }
.mark { flex: none; width: 32px; height: 32px; object-fit: contain; }
.seal-ink { fill: var(--seal); } .seal-cut { stroke: #fff; }
.seal-rim, .seal-relief { stroke: currentColor; }
.language { display: inline-flex; flex: none; align-items: center; min-height: 44px; min-width: 44px; margin-right: -.25rem; padding: 0 .25rem; justify-content: flex-end; color: var(--soft); font-size: .9375rem; }
.foot { color: var(--soft); font-size: .8125rem; overflow-wrap: anywhere; }
.foot a { display: inline-block; min-height: 24px; margin-right: 1rem; color: inherit; }

.sheet { --side: clamp(1.25rem, 6vw, 2.5rem); }
.sheet .page { display: flex; flex-direction: column; min-height: 100vh; min-height: 100dvh; background: var(--sheet); }
.sheet .card { position: relative; width: 100%; max-width: 28rem; margin: 0 auto; padding: .75rem var(--side) 2.25rem; }
.sheet main { margin-top: 1.25rem; }
.sheet .foot { width: 100%; max-width: 28rem; margin: auto auto 0; padding: 0 var(--side) 1.25rem; }
@media (min-width: 560px) {
  .sheet { --side: 2.5rem; }
  .sheet .page { padding: 1.25rem; background: none; }
  .sheet h1 { font-size: 1.8125rem; }
  .sheet .card { margin: auto; padding: 1rem var(--side) 2.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 20px; }
  .sheet .card:has(main > :is(.aside, .asides):last-child) { padding-bottom: 1.25rem; }
  .sheet .foot { margin: .75rem auto 0; padding: 0 .5rem; text-align: center; }
  .sheet .foot a { margin: 0 .5rem; }
  /* The squares of Korean manuscript paper (원고지). */
  .dojang.sheet { background-image: linear-gradient(var(--grid) 1px, transparent 1px), linear-gradient(90deg, var(--grid) 1px, transparent 1px); background-size: 48px 48px; background-position: center; }
}
/* The tall pages fit on a low screen: all login methods, and all permissions of an app. */
@media (min-width: 560px) and (max-height: 760px) {
  .sheet .page:has(.providers, .permits) {
    padding: .625rem;
    .card { padding: .5rem 2.25rem 1.25rem; }
    .card:has(main > :is(.aside, .asides):last-child) { padding-bottom: .5rem; }
    main { margin-top: .25rem; }
    h1 { font-size: 1.625rem; }
    .lede { margin-top: .25rem; }
    .alert, .notice, .remark { margin-top: .75rem; }
    .alert, .notice { padding: .5rem 1rem; }
    .form { margin-top: 1rem; gap: .75rem; }
    .field label { margin-bottom: .15rem; }
    .field-error { margin-top: .2rem; font-size: .875rem; }
    .hint { margin-top: .2rem; }
    .more { margin-top: -.375rem; }
    .more:not([open]) { margin-bottom: -.375rem; }
    .more summary { min-height: 32px; }
    .providers { gap: .5rem; margin-top: 1rem; }
    .or { margin: .875rem 0 -.25rem; }
    main > .aside, .asides { margin-top: .375rem; }
    .button, .entry input { min-height: 46px; }
    .permits li { padding-top: .2rem; padding-bottom: .2rem; }
    .permits li::before { top: .68rem; }
    .facts { margin-top: 1rem; }
    .facts > div { padding: .35rem 0; }
    .choices { margin-top: 1.25rem; }
    .other-way { margin-top: 0; padding-top: .75rem; }
    .other-way > p { margin-top: .15rem; }
    .other-way form { margin-top: .5rem; }
    form + .small-print { margin-top: .75rem; }
  }
}
.stamp { position: absolute; right: var(--side); bottom: var(--side); width: 76px; height: 76px; color: var(--seal); transform: rotate(-8deg); }
.sheet .stamped { padding-bottom: calc(var(--side) + 6rem); }

.lede { margin-top: .6rem; color: var(--soft); font-size: 1.0625rem; }
.lede strong { color: var(--ink); font-weight: 700; overflow-wrap: anywhere; }
.lede.address { font-size: 1rem; }
.lede.task { color: var(--ink); }
form { margin: 0; }
.form { margin-top: 1.75rem; display: grid; gap: 1.25rem; }
.field label { display: block; margin-bottom: .4rem; font-size: .9375rem; font-weight: 600; }
.optional { color: var(--soft); font-weight: 400; }
.entry { display: flex; background: var(--sheet); border: 1px solid var(--edge); border-radius: var(--radius); }
.entry:focus-within { border-color: var(--ink); outline: 2px solid var(--ink); outline-offset: 0; }
.entry input { flex: 1; min-width: 0; min-height: 50px; padding: .5rem .875rem; border: 0; background: none; color: inherit; font: inherit; outline: none; border-radius: inherit; }
.entry input:-webkit-autofill { -webkit-text-fill-color: var(--ink); box-shadow: 0 0 0 99px var(--sheet) inset; }
.entry:has([aria-invalid]) { border-color: var(--danger-text); outline-color: var(--danger-text); }
.reveal { min-width: 60px; min-height: 44px; padding: 0 .875rem; border: 0; background: none; color: var(--soft); font: 600 .875rem/1 var(--sans); text-align: right; cursor: pointer; }
.reveal:hover { color: var(--ink); }
.hint { margin-top: .4rem; color: var(--soft); font-size: .875rem; }
.field-error { margin-top: .4rem; color: var(--danger-text); font-size: .9375rem; font-weight: 600; }
.more { margin-top: -.625rem; }
.more:not([open]) { margin-bottom: -.625rem; }
.more summary { display: flex; align-items: center; gap: .4rem; min-height: 44px; color: var(--soft); font-size: .9375rem; cursor: pointer; }
.more summary::before { content: "+"; font-size: 1.25rem; line-height: 1; }
.more[open] summary::before { content: "–"; }
.more summary::-webkit-details-marker { display: none; }
.strength p { color: var(--soft); font-size: .875rem; }
.strength[data-level] p { margin-top: .4rem; }
.bars { display: none; grid-template-columns: repeat(4, 1fr); gap: .3rem; margin-top: .6rem; }
.strength[data-level] .bars { display: grid; }
.bars i { height: 5px; border-radius: 3px; background: var(--line); }
.strength[data-level="0"] i:first-child, .strength[data-level="1"] i:first-child { background: var(--danger); }
.strength[data-level="2"] i:nth-child(-n+2) { background: var(--fair); }
.strength[data-level="3"] i:nth-child(-n+3), .strength[data-level="4"] i { background: var(--valid); }
.alert, .notice, .remark { margin-top: 1.25rem; padding: .75rem 1rem; border: 1px solid var(--danger-text); border-radius: var(--radius); background: var(--danger-wash); font-weight: 600; }
.notice { border-color: var(--valid); background: var(--valid-wash); }
.remark { padding: .125rem 0 .125rem .875rem; border: 0; border-left: 3px solid var(--edge); border-radius: 0; background: none; font-weight: 400; }
.check { display: flex; align-items: center; gap: .75rem; min-height: 44px; text-wrap: pretty; }
.check input { width: 22px; height: 22px; margin: 0; accent-color: var(--seal); flex: none; }

.button { display: inline-flex; align-items: center; justify-content: center; gap: .6rem; min-height: 52px; padding: .5rem 1.25rem; border: 1px solid transparent;
  border-radius: var(--radius); background: var(--seal); color: var(--on-seal); font: 700 1.1875rem/1.25 var(--sans); letter-spacing: -.01em; text-decoration: none; text-align: center; cursor: pointer; }
.button:hover { background: var(--seal-press); }
.button:active { transform: translateY(1px); }
.button.plain { background: none; color: var(--ink); border-color: var(--edge); }
.button.plain:hover { border-color: var(--ink); background: var(--sheet); }
.button.danger { background: var(--danger); color: #fff; }
.button.danger:hover { background: var(--danger-press); }
.button.small { min-height: 44px; padding: .4rem 1rem; font-size: .9375rem; font-weight: 600; }
.button[disabled] { opacity: .45; cursor: not-allowed; }
.form > .button { width: 100%; }
.form + .form { margin-top: .75rem; }
.aside, .asides { margin-top: 1.25rem; color: var(--soft); }
.asides .aside { margin-top: 0; }
.asides { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem; }
.aside a { display: inline-flex; align-items: center; min-height: 44px; padding: 0 .25rem; margin: 0 -.25rem; font-weight: 600; }
.or { display: flex; align-items: center; gap: 1rem; margin: 1.5rem 0 -.25rem; color: var(--soft); font-size: .875rem; }
.or::before, .or::after { content: ""; flex: 1; height: 1px; background: var(--line); }
.providers { display: grid; gap: .625rem; margin-top: 1.5rem; }
.providers .button { width: 100%; }

.symbol { flex: none; width: 20px; height: 20px; }
.button.kakao { background: #fee500; color: #000000d9; }
.button.kakao:hover { background: #f2da00; }
.button.google { background: #fff; color: #1f1f1f; border-color: #747775; }
.button.google:hover { background: #f2f2f2; }
.button.naver { background: #03a94d; color: #fff; }
.button.naver:hover { background: #029a46; }
@media (prefers-color-scheme: dark) {
  .button.google { background: #131314; color: #e3e3e3; border-color: #8e918f; }
  .button.google:hover { background: #1f1f20; }
}
.steps { display: grid; gap: .75rem; margin-top: 1.75rem; }
.steps .button[hidden] { display: none; }
.other-way { margin-top: 2rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.other-way > p { margin-top: .35rem; color: var(--soft); }
.other-way > .note { color: var(--ink); }
.other-way form { display: grid; gap: .75rem; margin-top: 1rem; }
.other-way .button { width: 100%; }
.links { display: flex; flex-wrap: wrap; gap: .75rem; }

.facts { margin-top: 1.5rem; border-top: 1px solid var(--line); }
.facts > div { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
.facts dt { flex: 0 0 6rem; color: var(--soft); font-size: .9375rem; }
.facts dd { font-weight: 600; overflow-wrap: anywhere; }
.sheet .facts > div { display: block; }
.permits { margin-top: .75rem; list-style: none; }
.permits li { position: relative; padding: .3rem 0 .3rem 1.75rem; }
.permits li::before { content: ""; position: absolute; left: 2px; top: .78rem; width: 11px; height: 11px; background: var(--seal); border-radius: 3px; }
.points { margin: 1rem 0 0; padding-left: 1.125rem; }
.points li + li { margin-top: .375rem; }
.points li::marker { color: var(--soft); }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin-top: 2rem; }
.note { margin-top: .875rem; }
.small-print { margin-top: 1rem; color: var(--soft); font-size: .875rem; }
.small-print a { white-space: nowrap; }
.form > .small-print { margin-top: 0; }
.reference { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
.reference + .reference { margin-top: 1rem; }
.reference [lang] { color: var(--ink); font-size: .8125rem; }
.reference-id { color: var(--ink); font-size: 1rem; -webkit-user-select: all; user-select: all; }

.wide .page { max-width: 46rem; margin: 0 auto; padding: .75rem clamp(1.25rem, 5vw, 2.5rem) 2.5rem; }
.wide main { padding: clamp(1.5rem, 5vw, 3rem) 0 3.5rem; }
.head { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 1.25rem; }
.head > div { min-width: 0; overflow-wrap: anywhere; }
.part { margin-top: 3.25rem; }
.part > h2 { padding-top: 1rem; border-top: 2px solid var(--ink); }
.part > p { margin-top: .25rem; color: var(--soft); }
.rows { list-style: none; margin-top: 1rem; }
.rows > li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 1.5rem; padding: 1.1rem 0; border-bottom: 1px solid var(--line); }
.rows > li > div { flex: 1 1 16rem; min-width: 0; }
.rows .name { font-weight: 700; overflow-wrap: anywhere; }
.rows .meta { color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
.rows .permitted::first-letter { text-transform: uppercase; }
.rows .apart { display: flex; flex-wrap: wrap; column-gap: .875rem; }
.tag { display: inline-block; margin-left: .4rem; padding: .05rem .5rem; border: 1px solid var(--valid); border-radius: 3px; color: var(--valid); font-size: .8125rem; font-weight: 700; vertical-align: .08em; }
.tag.open { border-color: var(--edge); color: var(--soft); }
.wide .form { max-width: 26rem; }
.after-rows { margin-top: 1.25rem; }

@media (prefers-reduced-motion: no-preference) {
  .stamp { animation: stamp .42s cubic-bezier(.2, 1.2, .4, 1) .15s both; }
  @keyframes stamp { from { opacity: 0; transform: rotate(-14deg) scale(1.7); } 55% { opacity: 1; } to { opacity: 1; transform: rotate(-8deg) scale(1); } }
}
@media print { .language { display: none; } }
@media (forced-colors: active) { .button { border-color: ButtonText; } .entry { border-color: CanvasText; } }
`)
