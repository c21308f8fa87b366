// The forms of the account page for the e-mail address and the password. src/account handles them.
import type { AccountView } from './account-view.ts'
import { field, hidden } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import { passwordProblemText } from './password-problem.ts'
import { texts } from './texts.ts'

const newPasswordField = (view: AccountView): Html => {
  const { lang, user, problem, minPasswordLength, strength, serviceNames } = view
  const t = texts(lang)
  const error = typeof problem === 'string' ? passwordProblemText(t, problem, minPasswordLength) : undefined
  const names = [user.email, user.username, user.name].filter((name) => name !== undefined)
  const meter = {
    minPasswordLength,
    strength,
    names: [...names, ...serviceNames],
    rejected: error !== undefined,
  }
  return field(lang, {
    id: 'password',
    label: t.fields.newPassword,
    type: 'password',
    autocomplete: 'new-password',
    meter,
    hint: t.password.hint(minPasswordLength),
    error,
  })
}

/** A user without an e-mail address and a username could not use a password. */
const firstPasswordForm = (view: AccountView, label: string | undefined): Part => {
  const { lang } = view
  const t = texts(lang).account
  if (label === undefined) return html`<p>${t.noPassword}</p>`
  return html`<p>${t.noPassword}</p>
<form class="form" method="post" action="/account/password/set" novalidate>
${hidden({ ui_locales: lang })}<input type="text" name="username" value="${label}" autocomplete="username" hidden>
${newPasswordField(view)}
<button class="button" type="submit">${t.setPassword}</button>
</form>`
}

/** The address, and how to confirm or change it. Left out if this installation sends no mail. */
export const emailPart = ({ lang, user, mail, problem }: AccountView): Part => {
  if (!mail) return undefined
  const t = texts(lang)
  const tag = user.emailVerified
    ? html`<span class="tag">${t.account.confirmed}</span>`
    : html`<span class="tag open">${t.account.unconfirmed}</span>`
  return html`<section class="part" aria-labelledby="address"><h2 id="address">${t.account.email}</h2>
${
  user.email === undefined
    ? html`<p>${t.account.noEmail}</p>`
    : html`<ul class="rows"><li><div><p class="name">${user.email} ${tag}</p></div>
${!user.emailVerified && html`<form method="post" action="/account/email/resend">${hidden({ ui_locales: lang })}<button class="button plain small" type="submit">${t.account.resend}</button></form>`}</li></ul>`
}
<form class="form" method="post" action="/account/email" novalidate>
${hidden({ ui_locales: lang })}
${field(lang, { id: 'email', label: t.fields.newEmail, type: 'email', autocomplete: 'email', inputmode: 'email', hint: t.account.changeEmailHint, error: problem === 'email_invalid' ? t.register.emailInvalid : undefined })}
<button class="button" type="submit">${t.account.changeEmail}</button>
</form>
</section>`
}

export const passwordForm = (view: AccountView): Part => {
  const { lang, user, problem } = view
  const t = texts(lang)
  const label = user.email ?? user.username
  if (!user.hasPassword) return firstPasswordForm(view, label)
  return html`<form class="form" method="post" action="/account/password" novalidate>
${hidden({ ui_locales: lang })}${label !== undefined && html`<input type="text" name="username" value="${label}" autocomplete="username" hidden>`}
${field(lang, { id: 'current', label: t.fields.currentPassword, type: 'password', autocomplete: 'current-password', error: problem === 'wrong_password' ? t.password.wrong : undefined })}
${newPasswordField(view)}
<label class="check" for="end_others"><input id="end_others" name="end_others" type="checkbox" value="yes" checked>${t.account.endOthersToo}</label>
<button class="button" type="submit">${t.account.changePassword}</button>
</form>`
}
