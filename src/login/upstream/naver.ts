// Naver's quirks. No ID token and no nonce: who it is comes from the profile API, over TLS, with the access token that the
// code was traded for. Its address is a contact address that anyone may enter, so it is never proven.
import { Naver } from 'arctic'
import { isJsonObject } from '../../json-object.ts'
import { exchange } from './exchange.ts'
import { at, createGuardedFetch } from './guarded-fetch.ts'
import { emailOf, nameOf } from './person-facts.ts'
import { type UpstreamProvider, UpstreamRefusal } from './provider.ts'

const login = 'https://nid.naver.com'
const api = 'https://openapi.naver.com'

export const createNaverLogin = (options: {
  clientId: string
  clientSecret: string
  origin?: string
  redirectUri: string
}): UpstreamProvider => {
  const { clientId, clientSecret, origin, redirectUri } = options
  const arctic = new Naver(clientId, clientSecret, redirectUri)
  const fetch = createGuardedFetch({ name: 'Naver', hosts: [login, api], origin })

  return {
    id: 'naver',
    issuer: login,
    pages: [origin ?? login],
    authorizationUrl: ({ state, again }) => {
      const url = arctic.createAuthorizationURL()
      url.searchParams.set('state', state)
      if (again) url.searchParams.set('auth_type', 'reauthenticate')
      return at(origin, url)
    },
    identify: async ({ code, state }) => {
      // Naver answers errors with 200, and wants `state` again.
      const { accessToken } = await exchange(fetch, { state }, () => arctic.validateAuthorizationCode(code))
      const response = await fetch(`${api}/v1/nid/me`, {
        headers: { authorization: `Bearer ${accessToken}` },
      })
      const answer: unknown = await response.json().catch(() => undefined)
      const person = isJsonObject(answer) && answer.resultcode === '00' ? answer.response : undefined
      if (!response.ok || !isJsonObject(person) || typeof person.id !== 'string' || person.id === '')
        throw new UpstreamRefusal('the profile answer names nobody')
      const email = emailOf(person.email)
      const name = nameOf(person.name) ?? nameOf(person.nickname)
      return {
        subject: person.id,
        emailVerified: false,
        ...(email !== undefined && { email }),
        ...(name !== undefined && { name }),
      }
    },
    // Naver wants a living access token for it, and we keep none.
    endConnection: async () => 'impossible',
  }
}
