import { alert, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import type { Language } from './language.ts'
import { layout } from './layout.ts'
import { texts } from './texts.ts'

export interface DeleteAccountView {
  lang: Language
  nonce: string
  /** Whose account: name, username, e-mail, as far as there are. */
  label: string
  /** Ids of the providers that it is connected to. */
  providers: readonly string[]
  /** Whose it is was proven too long ago: only the way to prove it anew is shown. */
  proveFirst: boolean
  problem?: 'not_sure'
}

/** Asks before an account is deleted: what goes, what stays elsewhere, and that it is for good. */
export const deleteAccountPage = (view: DeleteAccountView): string => {
  const { lang, nonce, label, providers, proveFirst, problem } = view
  const { deleteAccount: t, providerNames } = texts(lang)
  const names = providers.map((id) =>
    Object.hasOwn(providerNames, id) ? providerNames[id as keyof typeof providerNames] : id,
  )
  const next = proveFirst
    ? html`<div class="form"><p>${t.again}</p>
<a class="button" href="/login">${t.confirmIdentity}</a></div>`
    : html`<form class="form" method="post" action="/account/delete">
<label class="check" for="sure"><input id="sure" name="sure" type="checkbox" value="yes" required${problem && html` aria-invalid="true" aria-describedby="problem"`}>${t.sure}</label>
<button class="button" type="submit">${t.submit}</button>
</form>`
  const body = html`<h1>${t.title}</h1>
${label !== '' && html`<p class="lede">${label}</p>`}
${alert('problem', problem && t.sureMissing)}
<ul class="permits"><li>${t.text}</li>
<li>${t.apps}</li>
${names.length > 0 && html`<li>${t.providers(names.join(', '))}</li>`}</ul>
${next}
<p class="aside"><a href="/account">${t.keep}</a></p>`
  return layout({
    lang,
    nonce,
    title: t.title,
    body,
    languageHref: otherLanguageLink(lang, '/account/delete'),
  })
}

export const accountDeletedPage = ({ lang, nonce }: Pick<DeleteAccountView, 'lang' | 'nonce'>): string => {
  const t = texts(lang).deleteAccount
  const body = html`<h1>${t.doneTitle}</h1>
<p class="lede">${t.doneText}</p>`
  return layout({ lang, nonce, title: t.doneTitle, body, phrase: 'ended' })
}
