// The squared manuscript paper (원고지) beside a narrow page: the closing phrase of a Korean document with a
// seal. It is decoration in both languages, and hidden from screen readers.
import { type Html, html } from './html.ts'
import { sealMark } from './seal.ts'

const verbs = {
  confirmed: '확인함',
  registered: '등록함',
  agreed: '동의함',
  ended: '마침',
  notified: '안내함',
} as const

export type Phrase = keyof typeof verbs

const lead = Array.from({ length: 13 }, () => html`<i class="lead"></i>`)
const rest = Array.from({ length: 72 }, () => html`<i></i>`)

/** 위와 같이 …함 (인): "as above, confirmed", one syllable per square. The seal of a notice is hollow. */
export const manuscript = (phrase: Phrase): Html => {
  const letters = ['위', '와', '', '같', '이'].map((letter) => html`<i>${letter}</i>`)
  const verb = [...verbs[phrase]].map((letter) => html`<i>${letter}</i>`)
  const seal = html`<i class="sealed${phrase === 'notified' && ' hollow'}">${sealMark('stamp')}</i>`
  return html`<div class="manuscript" aria-hidden="true" lang="ko">${lead}${letters}<i class="gap"></i>${verb}${seal}${rest}</div>`
}
