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

/** Somebody without an e-mail address and a username could not use a password. */
const signInName = ({ user }: AccountView): string | undefined => user.email ?? user.username

export const hasNewPasswordField = (view: AccountView): boolean =>
  view.user.hasPassword || signInName(view) !== undefined

const firstPasswordForm = (view: AccountView): Part => {
  const { lang } = view
  const t = texts(lang).account
  if (!hasNewPasswordField(view)) return html`<p>${t.noPassword} ${t.emailFirst}</p>`
  return html`<p>${t.noPassword}</p>
<form class="form" method="post" action="/account/password/set" novalidate>
${hidden({ ui_locales: lang })}<input type="text" name="username" value="${signInName(view)}" autocomplete="username" hidden>
${newPasswordField(view)}
<button class="button plain" type="submit">${t.setPassword}</button>
</form>`
}

const changePasswordForm = (view: AccountView): Part => {
  const { lang, problem } = view
  const t = texts(lang)
  const label = signInName(view)
  return html`<form class="form" method="post" action="/account/password" novalidate>
${hidden({ ui_locales: lang })}${label !== undefined && html`<input type="text" name="username" value="${label}" autocomplete="username" hidden>`}
${field(lang, { id: 'current', label: t.fields.currentPassword, type: 'password', autocomplete: 'current-password', error: problem === 'wrong_password' ? t.password.wrong : undefined })}
${newPasswordField(view)}
<label class="check" for="end_others"><input id="end_others" name="end_others" type="checkbox" value="yes" checked>${t.account.endOthersToo}</label>
<button class="button plain" type="submit">${t.account.changePassword}</button>
</form>`
}

/** Left out if the user can neither change a password nor get a name to use one with. */
export const passwordPart = (view: AccountView): Part => {
  const { lang, user, mail } = view
  if (!hasNewPasswordField(view) && !mail) return undefined
  const t = texts(lang).account
  return html`<section class="part" aria-labelledby="change"><h2 id="change">${user.hasPassword ? t.password : t.setPassword}</h2>
${user.hasPassword ? changePasswordForm(view) : firstPasswordForm(view)}
</section>`
}

/** How to confirm or change the address. Left out if this installation sends no mail. */
export const emailPart = ({ lang, user, mail, problem }: AccountView): Part => {
  if (!mail) return undefined
  const t = texts(lang)
  const { resend, unconfirmedText, noEmail, addEmail, changeEmail, changeEmailHint } = t.account
  const submit = user.email === undefined ? addEmail : changeEmail
  return html`<section class="part" aria-labelledby="address"><h2 id="address">${submit}</h2>
${user.email === undefined && html`<p>${noEmail}</p>`}
${
  user.email !== undefined &&
  !user.emailVerified &&
  html`<p>${unconfirmedText}</p>
<form class="after-rows" method="post" action="/account/email/resend">${hidden({ ui_locales: lang })}<button class="button plain small" type="submit">${resend}</button></form>`
}
<form class="form" method="post" action="/account/email" novalidate>
${hidden({ ui_locales: lang })}
${field(lang, { id: 'email', label: user.email === undefined ? t.fields.email : t.fields.newEmail, type: 'email', autocomplete: 'email', inputmode: 'email', hint: changeEmailHint, error: problem === 'email_invalid' ? t.register.emailInvalid : undefined })}
<button class="button plain" type="submit">${submit}</button>
</form>
</section>`
}
