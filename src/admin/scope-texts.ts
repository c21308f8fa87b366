// What the scopes of an API mean to a person, in Korean and in English. The consent page shows these texts.
import type { ScopeTexts } from '../clients/api.ts'
import { isDisplayName } from '../users/user.ts'
import { invalid } from './admin-error.ts'

/** `orders:read=See your orders`: the scope and its text. A scope may contain `=`, but no space. */
const parse = (given: string): { scope: string; text: string } => {
  const cut = given.indexOf('=')
  const [scope, text] = [given.slice(0, cut), given.slice(cut + 1).trim()]
  if (cut < 1) throw invalid(`Write ${JSON.stringify(given)} as SCOPE=TEXT.`)
  if (!isDisplayName(text))
    throw invalid(
      `The text of "${scope}" must have 1 to 100 characters, one of them visible, and none that controls the ` +
        'direction of text.',
    )
  return { scope, text }
}

/**
 * The texts of an API after a change: those of before, with the given ones in their place. Texts of scopes
 * that the API does not have any more are left out.
 * @throws {AdminError} `invalid` for an unknown scope, or a scope with a text in one language only
 */
export const scopeTexts = (
  before: ScopeTexts,
  scopes: readonly string[],
  given: { ko: readonly string[]; en: readonly string[] },
): ScopeTexts => {
  const texts = new Map<string, { ko?: string; en?: string }>(
    Object.entries(before).filter(([scope]) => scopes.includes(scope)),
  )
  for (const lang of ['ko', 'en'] as const)
    for (const { scope, text } of given[lang].map(parse)) {
      if (!scopes.includes(scope))
        throw invalid(`The API has no scope ${JSON.stringify(scope)}. Add it with "scopes".`, 'scopes')
      texts.set(scope, { ...texts.get(scope), [lang]: text })
    }
  return Object.fromEntries(
    [...texts].map(([scope, { ko, en }]) => {
      if (ko !== undefined && en !== undefined) return [scope, { ko, en }]
      const [member, name] = ko === undefined ? ['scopeKo', 'Korean'] : ['scopeEn', 'English']
      throw invalid(
        `The scope "${scope}" has no text in ${name}. Give it with "${member}", because the consent page needs both.`,
        member,
      )
    }),
  )
}
