// The part of the account page that shows who the user is: username, address, name and language.
// src/account/change-profile.ts handles its form.
import type { AccountView } from './account-view.ts'
import { field, hidden } from './fields.ts'
import { type Html, html, type Part } from './html.ts'
import { type Language, languages } from './language.ts'
import { texts } from './texts.ts'

export const emailTag = (lang: Language, verified: boolean): Html => {
  const t = texts(lang).account
  return verified
    ? html`<span class="tag">${t.confirmed}</span>`
    : html`<span class="tag open">${t.unconfirmed}</span>`
}

/** The name of a language in the language of the page. A tag without a name shows itself. */
const languageName = (lang: Language, tag: string): string => {
  try {
    return new Intl.DisplayNames([lang], { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}

/** The languages of the pages, and the user's own language if it is another one. */
const languageField = (lang: Language, locale: string | undefined): Html => {
  const t = texts(lang).account
  const tags: readonly string[] = [...new Set([...languages, ...(locale === undefined ? [] : [locale])])]
  const option = (language: string) =>
    html`<option value="${language}"${language === locale && html` selected`}>${languageName(lang, language)}</option>`
  return html`<div class="field">
<label for="locale">${t.language}</label>
<div class="entry"><select id="locale" name="locale" aria-describedby="locale-hint">
${locale === undefined && html`<option value="" selected>${t.noLanguage}</option>`}${tags.map(option)}
</select></div>
<p class="hint" id="locale-hint">${t.languageHint}</p>
</div>`
}

const fact = (label: string, value: Part): Html => html`<div><dt>${label}</dt><dd>${value}</dd></div>`

export const profilePart = ({ lang, user, problem, typedName }: AccountView): Html => {
  const t = texts(lang)
  const { email, username } = user
  const facts = [
    username !== undefined && fact(t.fields.username, username),
    email !== undefined && fact(t.fields.email, html`${email} ${emailTag(lang, user.emailVerified)}`),
  ].filter(Boolean)
  return html`<section class="part" aria-labelledby="profile"><h2 id="profile">${t.account.profile}</h2>
${facts.length > 0 && html`<dl class="facts">${facts}</dl>`}
<form class="form" method="post" action="/account/profile" novalidate>
${hidden({ ui_locales: lang })}
${field(lang, { id: 'name', label: t.fields.name, value: typedName ?? user.name, autocomplete: 'name', optional: true, hint: t.account.nameHint, error: problem === 'name_invalid' ? t.register.nameInvalid : undefined })}
${languageField(lang, user.locale)}
<button class="button" type="submit">${t.account.saveProfile}</button>
</form>
</section>`
}
