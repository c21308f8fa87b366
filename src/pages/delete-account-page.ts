// Asks before an account is deleted, and confirms the deletion.
import { alert, link, otherLanguageLink } from './fields.ts'
import { html } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { texts } from './texts.ts'

export interface DeleteAccountView extends PageFrame {
  /** Name, username and e-mail address, as far as the account has them. */
  label: string
  /** Ids of the linked providers. */
  providers: readonly string[]
  /** The last sign-in is too old. The page then only offers to sign in again. */
  mustReauthenticate: boolean
  problem?: 'not_sure'
}

/** Says what is deleted, what other services keep, and that it is permanent. Posts to /account/delete. */
export const deleteAccountPage = (view: DeleteAccountView): string => {
  const { lang, label, providers, mustReauthenticate, problem } = view
  const { deleteAccount: t, providerNames } = texts(lang)
  const names = providers.map((id) =>
    Object.hasOwn(providerNames, id) ? providerNames[id as keyof typeof providerNames] : id,
  )
  const next = mustReauthenticate
    ? html`<div class="form"><p>${t.again}</p>
<a class="button" href="/login">${t.confirmIdentity}</a></div>`
    : html`<form class="form" method="post" action="/account/delete" novalidate>
<label class="check" for="sure"><input id="sure" name="sure" type="checkbox" value="yes" required${problem && html` aria-invalid="true" aria-describedby="problem"`}>${t.sure}</label>
<button class="button danger" type="submit">${t.submit}</button>
</form>`
  const body = html`<h1>${t.title}</h1>
${label !== '' && html`<p class="lede address"><strong>${label}</strong></p>`}
${alert('problem', problem && t.sureMissing)}
<ul class="points"><li>${t.text}</li>
<li>${t.apps}</li>
${names.length > 0 && html`<li>${t.providers(names.join(', '))}</li>`}</ul>
${next}
<p class="form"><a class="button plain" href="/account">${t.keep}</a></p>`
  return layout(view, {
    title: t.title,
    body,
    sheet: 'open',
    languageHref: otherLanguageLink(lang, '/account/delete'),
  })
}

export const accountDeletedPage = (frame: PageFrame): string => {
  const { deleteAccount: t, forgot } = texts(frame.lang)
  const body = html`<h1>${t.doneTitle}</h1>
<p class="lede">${t.doneText}</p>
<div class="steps"><a class="button plain" href="${link('/login', { ui_locales: frame.lang })}">${forgot.back}</a></div>`
  return layout(frame, { title: t.doneTitle, body, sheet: 'open' })
}
