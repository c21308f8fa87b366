// Naver. There is no ID token, so the profile API identifies the user. The e-mail address is never verified,
// because a Naver user may enter any contact address.
import { Naver } from 'arctic'
import { isJsonObject } from '../../json-object.ts'
import { exchange } from './exchange.ts'
import { atOrigin, createGuardedFetch } from './guarded-fetch.ts'
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
    authorizationUrl: ({ state, reauthenticate }) => {
      const url = arctic.createAuthorizationURL()
      url.searchParams.set('state', state)
      if (reauthenticate) url.searchParams.set('auth_type', 'reauthenticate')
      return atOrigin(origin, url)
    },
    identify: async ({ code, state }) => {
      // Naver also requires `state` here. Its error responses have status 200.
      const { accessToken } = await exchange(fetch, { state }, () => arctic.validateAuthorizationCode(code))
      const response = await fetch(`${api}/v1/nid/me`, {
        headers: { authorization: `Bearer ${accessToken}` },
      })
      const body: unknown = await response.json().catch(() => undefined)
      const person = isJsonObject(body) && body.resultcode === '00' ? body.response : undefined
      if (!response.ok || !isJsonObject(person) || typeof person.id !== 'string' || person.id === '')
        throw new UpstreamRefusal('the profile response has no id')
      const email = emailOf(person.email)
      const name = nameOf(person.name) ?? nameOf(person.nickname)
      return {
        subject: person.id,
        emailVerified: false,
        ...(email !== undefined && { email }),
        ...(name !== undefined && { name }),
      }
    },
    // Naver requires a valid access token for this, and Dojang stores none.
    endConnection: async () => 'impossible',
  }
}
