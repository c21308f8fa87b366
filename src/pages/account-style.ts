// The part of the style sheet that only the pages of the user's account need.
import { raw } from './html.ts'

export const accountStyle = raw(`
.button.plain.danger { background: none; border-color: var(--danger-text); color: var(--danger-text); }
.button.plain.danger:hover { background: var(--sheet); }
.entry:has(select) { position: relative; }
.entry:has(select)::after { content: ""; position: absolute; right: 1.125rem; top: 50%; width: 8px; height: 8px; border: solid currentColor; border-width: 0 2px 2px 0; transform: translateY(-70%) rotate(45deg); pointer-events: none; }
.entry select { flex: 1; min-width: 0; min-height: 50px; padding: .5rem 2.75rem .5rem .875rem; appearance: none; text-overflow: ellipsis; border: 0; background: var(--sheet); color: inherit; font: inherit; outline: none; border-radius: inherit; }
.facts dd:has(.tag) { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .6rem; min-width: 0; }
.facts .tag { margin-left: 0; }
.wide .facts { margin-top: 1rem; border-top: 0; }
.wide .part > .form { margin-top: 1.5rem; }
.provider-mark { display: inline-grid; place-items: center; flex: none; width: 28px; height: 28px; border-radius: 6px; vertical-align: -.5em; }
.provider-mark .symbol { width: 16px; height: 16px; }
.provider-mark.kakao { background: #fee500; }
.provider-mark.google { background: #fff; box-shadow: inset 0 0 0 1px #747775; }
.provider-mark.naver { background: #03a94d; }
.rows .name:has(.provider-mark) { display: flex; align-items: center; gap: .6rem; margin-bottom: .25rem; }
.after-rows.links { display: grid; grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); }
.links .button { width: 100%; padding-left: .75rem; justify-content: flex-start; }
`)
