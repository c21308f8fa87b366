import { hidden } from './fields.ts'
import { html, raw } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { texts } from './texts.ts'

export interface FormPostView {
  nonce: string
  /** The client's registered redirect URI. */
  action: string
  fields: Readonly<Record<string, string>>
  lang?: Language
}

const submit = raw("document.getElementById('answer').submit()")

/** The answer of response_mode=form_post (OAuth 2.0 Form Post Response Mode §2); a button serves without JavaScript. */
export const formPostPage = ({ nonce, action, fields, lang = 'en' }: FormPostView): string => {
  const t = texts(lang)
  // The button has no name: one called "submit" would hide the form's own submit().
  const body = html`<h1>${t.formPost.title}</h1>
<p class="lede">${t.formPost.text}</p>
<form class="form" id="answer" method="post" action="${action}">
${hidden(fields)}
<button class="button" type="submit">${t.formPost.submit}</button>
</form>`
  return layout({ lang, nonce, title: t.formPost.title, body, phrase: 'confirmed', script: submit })
}
