// The authorization endpoint of a fake provider: choose a person, agree or cancel, return to the app.
// A browser clicks through the pages. A test without a browser names the person in the query or with a knob.
import type { Clock } from '../src/clock.ts'
import type { Reply } from './faults.ts'
import type { Grants } from './grants.ts'
import { chooserPage, consentPage, type Look, problemPage, sceneOf } from './pages.ts'
import { type Call, redirect } from './provider-server.ts'
import type { Text } from './texts.ts'

/** A person's account at the provider, as the provider's pages show it. */
export interface Account {
  id: string
  name: string
  /** The name in Latin letters, for the pages in English. */
  latinName?: string
  /** The line below the name: the address, or a note about this account. */
  detail: Text
}

export interface ConsentItem {
  scope: string
  label: Text
  /** True: the person cannot untick the item. */
  required: boolean
}

export interface ConsentKnobs {
  /** The id of a person who agrees without seeing a page. `?person=` in the query sets it for one request. */
  person?: string | undefined
  /** Scopes that the person declines at the first consent. `?without=` sets them for one request. */
  without: readonly string[]
  /** True: every person cancels. */
  cancel: boolean
}

export interface AuthorizeRules {
  look: Look
  clock: Clock
  clientId: string
  /** undefined: every redirect URI counts as registered. */
  redirectUris: readonly string[] | undefined
  grants: Grants
  knobs: ConsentKnobs
  accounts(): readonly Account[]
  /** The consent items for the `scope` of the request. undefined: the request has no `scope`. */
  items(scope: string | undefined): readonly ConsentItem[]
  /** Error codes for the provider's own error page. */
  problems: { client: string; redirectUri: string; request: string }
  /** Error parameters of the redirect when the person cancels, or when `prompt=none` needs a page. */
  refusals: { cancelled: Record<string, string>; interaction: Record<string, string> }
  /** More parameters of the redirect to the app. */
  extras?(grant: { scopes: readonly string[]; personId: string }): Record<string, string>
}

const cookieOf = (call: Call, name: string): string | undefined =>
  (call.headers.cookie ?? '')
    .split('; ')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

export const authorize = (call: Call, rules: AuthorizeRules): Reply => {
  const { look, grants, knobs, problems, refusals } = rules
  const scene = sceneOf(look, call)
  const query = call.url.searchParams
  if (query.get('client_id') !== rules.clientId) return problemPage(scene, problems.client)
  const redirectUri = query.get('redirect_uri') ?? ''
  const registered = rules.redirectUris?.includes(redirectUri) ?? URL.canParse(redirectUri)
  if (!registered) return problemPage(scene, problems.redirectUri)
  if (query.get('response_type') !== 'code') return problemPage(scene, problems.request)

  const back = (params: Record<string, string>, cookies: Record<string, string> = {}): Reply => {
    const to = new URL(redirectUri)
    for (const [name, value] of Object.entries(params)) to.searchParams.set(name, value)
    const state = query.get('state')
    if (state !== null) to.searchParams.set('state', state)
    return redirect(to, cookies)
  }

  const items = rules.items(query.get('scope') ?? undefined)
  const cookieName = `${look.name}_person`
  /** `first`: this is the first consent. Google issues a refresh token only then. */
  const withCode = (personId: string, first = false): Reply => {
    const connected = grants.connections.get(personId) ?? new Set()
    const grant = {
      personId,
      scopes: items.map(({ scope }) => scope).filter((scope) => connected.has(scope)),
    }
    const nonce = query.get('nonce')
    const codeChallenge = query.get('code_challenge')
    const code = grants.newCode({
      ...grant,
      redirectUri,
      offline: first && query.get('access_type') === 'offline',
      at: rules.clock.now(),
      ...(nonce !== null && { nonce }),
      ...(codeChallenge !== null && { codeChallenge }),
    })
    const cookie = `${cookieName}=${personId}; Path=/; HttpOnly; SameSite=Lax`
    return back({ code, ...rules.extras?.(grant) }, { 'set-cookie': cookie })
  }

  const agree = (personId: string, without: readonly string[]): Reply => {
    const agreed = items.filter(({ scope, required }) => required || !without.includes(scope))
    grants.connect(
      personId,
      agreed.map(({ scope }) => scope),
    )
    return withCode(personId, true)
  }
  const exists = (id: string | null | undefined): id is string =>
    rules.accounts().some((one) => one.id === id)

  const prompts = (query.get('prompt') ?? '').split(/[ ,]/)
  /** A provider asks again if the app needs an item that the person has not agreed to. */
  const consented = (id: string) => {
    const connected = grants.connections.get(id)
    const isMissing = items.some(({ scope, required }) => required && !connected?.has(scope))
    return connected !== undefined && !isMissing && !prompts.includes('consent')
  }

  if (call.method === 'POST') {
    const person = call.form.get('person')
    if (call.form.get('answer') === 'cancel') return back(refusals.cancelled)
    if (!exists(person)) return chooserPage(scene, call.url, rules.accounts())
    if (call.form.get('answer') === 'agree') {
      const ticked = call.form.getAll('scope')
      return agree(
        person,
        items.map(({ scope }) => scope).filter((scope) => !ticked.includes(scope)),
      )
    }
    if (consented(person)) return withCode(person)
    const account = rules.accounts().find((one) => one.id === person)
    return account ? consentPage(scene, call.url, account, items) : problemPage(scene, problems.request)
  }

  if (knobs.cancel) return back(refusals.cancelled)
  const named = query.get('person') ?? knobs.person
  if (exists(named)) {
    const without = query.get('without')?.split(/[ ,]/) ?? knobs.without
    return consented(named) ? withCode(named) : agree(named, without)
  }
  if (prompts.includes('none')) {
    const known = cookieOf(call, cookieName)
    return exists(known) && consented(known) ? withCode(known) : back(refusals.interaction)
  }
  return chooserPage(scene, call.url, rules.accounts())
}
