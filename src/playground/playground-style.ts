// The styles that only the playground needs: the numbered steps, the deed with its seal, the wire log.
import { raw } from '../pages/html.ts'

export const playgroundStyle = raw(`
.wide .page { max-width: 86rem; }
.wide main { padding-top: clamp(1.5rem, 3.5vw, 2.75rem); }
.hush { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
.opening { display: grid; gap: 1rem 4rem; padding-bottom: clamp(1.75rem, 3vw, 2.5rem); border-bottom: 2px solid var(--ink); }
.opening h1 { font-size: clamp(2rem, 1.2rem + 3.2vw, 3.375rem); line-height: 1.12; font-weight: 800; letter-spacing: -.04em; }
.opening .lede { margin: 0; }
.who { display: flex; flex-wrap: wrap; gap: .25rem 1.75rem; margin-top: .875rem; }
.who div { display: flex; gap: .6rem; align-items: baseline; min-width: 0; }
.who dt { color: var(--soft); font-size: .875rem; } .who dd { overflow-wrap: anywhere; }
@media (min-width: 900px) { .opening { grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); align-items: end; } }

.is-signed-in .opening { padding-bottom: 1.25rem; } .is-signed-in .opening h1 { font-size: clamp(1.5rem, 1.1rem + 1.4vw, 2rem); line-height: 1.2; }
#play.is-signed-in { margin-top: -1rem; }
.is-signed-in .opening .lede { display: none; } .is-signed-in .who { margin-top: 0; }
@media (min-width: 900px) { .is-signed-in .opening { grid-template-columns: minmax(0, 1fr) auto; } }

.desk { display: grid; gap: 1.5rem; }
@media (min-width: 1080px) { .is-signed-in .desk { grid-template-columns: minmax(0, 1fr) 24.5rem; gap: 3.5rem; } }
.story { min-width: 0; }
.step { display: grid; grid-template-columns: 44px minmax(0, 1fr); gap: 0 1.25rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
.step > .body, .step > .says { grid-column: 2; min-width: 0; }
.step > .body { padding: .25rem 0 1rem; }
.step:not(.is-open) > .body { display: none; }
.opener { display: flex; align-items: center; justify-content: space-between; gap: 1rem; width: 100%; min-height: 44px; padding: 0; border: 0; background: none; color: inherit; font: inherit; letter-spacing: inherit; text-align: left; cursor: pointer; }
.opener::after { content: ""; flex: none; width: 9px; height: 9px; margin: 0 6px; border: solid currentColor; border-width: 0 2px 2px 0; transform: translateY(-2px) rotate(45deg); }
.is-open .opener::after { transform: translateY(2px) rotate(225deg); }
.opener:disabled { cursor: default; opacity: 1; color: var(--soft); } .opener:disabled::after { display: none; }
.onward { margin-top: 1.5rem; }
.number { position: relative; display: grid; place-items: center; width: 44px; height: 44px; border: 1px solid var(--grid); background: var(--sheet); font: 600 1.25rem/1 var(--serif); }
.tick { position: absolute; inset: -1px; width: 44px; height: 44px; opacity: 0; } .dojang .tick { transform: rotate(-6deg) scale(1.02); }
.step.is-done .tick { opacity: 1; }
.step h2 { font-size: 1.25rem; line-height: 1.35; }
.why { max-width: 40rem; margin-bottom: 1.1rem; color: var(--soft); }
#step-sign-in.is-done .why { display: none; }
@media (max-width: 560px) {
  .step { column-gap: .875rem; }
  .step > .body, .step > .says { grid-column: 1 / -1; }
  .step > .says:not(:empty) { padding-top: .4rem; }
}
.says { font-weight: 600; margin: .75rem 0; } .says:empty { display: none; }
.says.bad { color: var(--danger-text); } .says.good { color: var(--valid); }
#step-sign-in .says { margin: 0; }
.pair { display: grid; gap: .5rem 1.5rem; }
.pair dt { color: var(--soft); font-size: .875rem; } .pair dd { word-break: break-all; }
.pair + .button { margin-top: 1rem; }
@media (min-width: 720px) { .pair { grid-template-columns: 1fr 1fr; } }

.switch { display: inline-flex; margin-bottom: 1rem; border: 1px solid var(--edge); border-radius: 4px; overflow: hidden; }
.switch button { min-height: 44px; padding: 0 1.1rem; border: 0; background: none; color: var(--soft); font: 600 .9375rem var(--sans); cursor: pointer; }
.switch [aria-pressed=true] { background: var(--ink); color: var(--paper); }
.switch :focus-visible { outline-offset: -5px; outline-color: currentColor; }
.deed { position: relative; padding: clamp(1rem, 3vw, 1.75rem); background: var(--sheet); border: 1px solid var(--ink); outline: 3px solid var(--ink); outline-offset: 3px; margin: 6px; }
.deed > header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: .25rem 1.5rem; margin-bottom: 1.1rem; }
.deed h3 { margin: 0; font: 700 1.5rem/1.3 var(--serif); letter-spacing: .02em; }
.deed > header p { color: var(--soft); overflow-wrap: anywhere; }
.claims { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13.5rem), 1fr)); padding: 0 1px 1px 0; }
.claims > div { padding: .5rem .75rem; margin: 0 -1px -1px 0; border: 1px solid var(--line); min-width: 0; }
.claims dt { display: flex; justify-content: space-between; gap: .75rem; color: var(--soft); font-size: .8125rem; }
.claims dt code { font-size: .75rem; }
.claims dd { font: 500 .8125rem/1.5 var(--mono); overflow-wrap: anywhere; word-break: normal; }
.claims dd.plain { font-family: var(--sans); font-weight: 600; font-size: .9375rem; }
.life { display: grid; grid-template-columns: auto auto 1fr; align-items: center; gap: .75rem; margin-top: 1rem; font-size: .9375rem; color: var(--soft); }
.life strong { min-width: 3.5rem; color: var(--ink); font-variant-numeric: tabular-nums; }
.bar-of-life { height: 6px; background: var(--line); overflow: hidden; }
.bar-of-life i { display: block; height: 100%; width: 100%; background: var(--ink); transform-origin: left; transform: scaleX(var(--left, 0)); }
.deed > footer { position: relative; margin-top: 1.5rem; min-height: 84px; padding-right: 116px; display: flex; flex-direction: column; justify-content: center; }
.certified { font: 600 1.0625rem/1.5 var(--serif); }
.verdict { color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
.place { position: absolute; right: 10px; top: 50%; width: 92px; height: 92px; margin-top: -46px; display: grid; place-items: center; border: 1.5px dashed var(--edge); border-radius: 50%; color: var(--soft); font: 500 1.25rem var(--serif); }
.in { position: absolute; inset: -6px; width: 102px; height: 102px; color: var(--valid); opacity: 0; transform: rotate(8deg); }
.deed[data-verdict=valid] .in { opacity: 1; } .deed[data-verdict=valid] .place { border-color: transparent; } .deed[data-verdict=valid] .place span { opacity: 0; }
.deed[data-verdict=valid] .verdict { color: var(--valid); font-weight: 600; }
.deed[data-verdict=invalid] .verdict { color: var(--danger-text); font-weight: 600; }
.deed[data-verdict=invalid] .certified { text-decoration: line-through; color: var(--soft); }
@media (prefers-reduced-motion: no-preference) {
  .deed[data-verdict=valid] .in { animation: press .4s cubic-bezier(.2, 1.2, .4, 1) both; }
  @keyframes press { from { opacity: 0; transform: rotate(18deg) scale(1.8); } 60% { opacity: 1; } to { opacity: 1; transform: rotate(8deg); } }
}
details > summary { display: list-item; min-height: 44px; padding: .6rem 0; font-weight: 600; cursor: pointer; }
#log > summary h2 { display: inline; }
.travels { margin: .75rem 0; }
.legend { display: flex; gap: 1.25rem; font-size: .875rem; font-weight: 700; }
.jwt-header { color: var(--seal-text); } .jwt-payload { color: var(--ink); } .jwt-signature { color: var(--valid); }
pre { margin: .75rem 0 0; padding: 1rem; background: var(--sheet); border: 1px solid var(--line); font-size: .8125rem; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; word-break: normal; }
.jwt { word-break: break-all; } .jwt mark { background: var(--danger); color: #fff; }
.chain { list-style: none; margin-top: 1rem; }
.chain li { position: relative; display: grid; grid-template-columns: 2.75rem minmax(0, 1fr) auto; align-items: center; gap: .25rem 1rem; min-height: 60px; padding: .4rem 0; }
.chain li + li::before { content: ""; position: absolute; left: calc(1.375rem - 1px); top: -8px; height: 16px; border-left: 2px solid var(--edge); }
.chain b { display: grid; place-items: center; width: 44px; height: 44px; border: 1px solid var(--edge); border-radius: 50%; background: var(--sheet); font: 600 .9375rem var(--serif); }
.chain .is-current b { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.chain .is-over b { border-style: dashed; color: var(--soft); text-decoration: line-through; }
.chain div { min-width: 0; line-height: 1.4; }
.chain code { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chain span { color: var(--soft); font-size: .875rem; }
.command { display: flex; flex-wrap: wrap; align-items: stretch; background: #191613; color: #f0eae0; border-radius: 4px; overflow: hidden; border: 1px solid var(--line); }
.command code { flex: 1 1 14rem; padding: .8rem 1rem; font-size: .9375rem; }
.command code::before { content: "$ "; color: #ff8d76; }
.command button, .wire button { min-height: 44px; min-width: 64px; padding: 0 1rem; border: 0; background: none; color: inherit; font: 600 .875rem var(--sans); cursor: pointer; }
.command :focus-visible, .wire :focus-visible { outline-color: #f0eae0; outline-offset: -4px; }
.keys { list-style: none; margin-top: 1rem; display: grid; gap: .5rem; }
.keys li { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; padding: .7rem .9rem; background: var(--sheet); border: 1px solid var(--line); border-left: 4px solid var(--edge); overflow-wrap: anywhere; }
.keys .signs { border-left-color: var(--valid); } .keys .fresh { border-left-color: var(--seal); } .keys .gone { opacity: .7; text-decoration: line-through; }
.keys code { word-break: break-all; } .keys .tag { margin-left: 0; } .keys .tag.is-fresh { border-color: var(--seal-text); color: var(--seal-text); }
#says-keys { color: var(--soft); font-weight: 400; font-size: .875rem; }
.terminal { background: #191613; color: #f0eae0; }

.wire { min-width: 0; margin-top: .75rem; padding: .5rem 1.25rem; background: #191613; color: #f0eae0; border-radius: 4px 6px 5px 3px; font-size: .875rem; border: 1px solid #38332c; align-self: start; }
@media (min-width: 1080px) { .wire { position: sticky; top: 1.5rem; max-height: calc(100vh - 3rem); overflow: auto; } }
.wire h2 { font-size: 1.0625rem; } .wire p { color: #b3aa9c; }
.wire button { margin-left: -1rem; color: #b3aa9c; }
.wire ol { list-style: none; margin-top: .5rem; }
.wire li { border-top: 1px solid #38332c; }
.wire li summary { display: grid; grid-template-columns: 2.75rem minmax(0, 1fr) auto; gap: .6rem; align-items: center; min-height: 44px; padding: .35rem 0; font: 500 .8125rem/1.4 var(--mono); list-style: none; }
.wire li summary::-webkit-details-marker { display: none; }
.wire li summary b { color: #ff8d76; font-weight: 600; } .wire li summary span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.wire li summary i { font-style: normal; color: #b3aa9c; text-align: right; } .wire .ok { color: #6fd8a3; } .wire .no { color: #ff8d76; }
.wire pre { margin: 0 0 .75rem; padding: .75rem; background: #100e0c; border-color: #38332c; font-size: .75rem; color: #d9d1c4; }
`)
