// APIs: the audiences that tokens are made for, with their scopes, token lifetime and custom claims.

import type { Audit } from '../audit.ts'
import type { Api, ApiChange, Apis } from '../clients/api.ts'
import type { Clock } from '../clock.ts'
import { maxAccessTokenTtlSeconds } from '../lifetimes.ts'
import { isOpenidScope } from '../tokens/scopes.ts'
import { alreadyExists, invalid, notFound } from './admin-error.ts'
import { checkClaimName } from './claim-names.ts'
import { type Input, readInput } from './input.ts'
import type { Operation } from './operation.ts'
import { scopeNames } from './scope-names.ts'

export const apiView = (api: Api) => ({
  audience: api.audience,
  name: api.name,
  scopes: api.scopes,
  access_token_ttl: api.accessTokenTtlSeconds ?? null,
  claims: api.claims,
  created_at: api.createdAt.toISOString(),
})

export type ApiView = ReturnType<typeof apiView>

/** Shorter ones expire on the way; the upper bound is what every revocation outlasts. */
const ttlRange = { min: 30, max: maxAccessTokenTtlSeconds }

const checkedAudience = (audience: string): string => {
  if (!URL.canParse(audience) || audience.includes('#') || /[\s\p{Cc}]/u.test(audience))
    throw invalid('An audience is an absolute URI without a fragment (RFC 8707 §2).')
  return audience
}

const checkedScopes = (given: readonly string[]): string[] => {
  const scopes = scopeNames(given)
  const openid = scopes.find(isOpenidScope)
  if (openid !== undefined)
    throw invalid(`The scope "${openid}" is OpenID Connect's own and belongs to no API.`)
  return scopes
}

const checkedClaims = (names: string[]): string[] => {
  names.forEach(checkClaimName)
  return names
}

const settings = (input: Input) => {
  const name = input.optionalText('name')
  const scopes = input.list('scopes')
  const claims = input.list('claims')
  return {
    ...(name !== undefined && { name }),
    ...(scopes !== undefined && { scopes: checkedScopes(scopes) }),
    ...(claims !== undefined && { claims: checkedClaims(claims) }),
  }
}

export const createApiOperations = ({ apis, audit, clock }: { apis: Apis; audit: Audit; clock: Clock }) => {
  const found = async (audience: string): Promise<Api> => {
    const api = await apis.find(audience)
    if (api === undefined) throw notFound(`There is no API ${JSON.stringify(audience)}.`)
    return api
  }

  return {
    'apis.create': async (given) => {
      const input = readInput(given, ['audience', 'name', 'scopes', 'accessTokenTtlSeconds', 'claims'])
      const audience = checkedAudience(input.text('audience'))
      const ttl = input.whole('accessTokenTtlSeconds', ttlRange)
      const api: Api = {
        audience,
        name: audience,
        scopes: [],
        claims: [],
        ...settings(input),
        ...(ttl !== undefined && { accessTokenTtlSeconds: ttl }),
        createdAt: clock.now(),
      }
      if ((await apis.create(api)) === 'exists')
        throw alreadyExists(`There is an API "${audience}" already; change it with "dojang apis update".`)
      audit({ type: 'api.created', actor: 'admin', reason: audience })
      return apiView(api)
    },
    'apis.list': async (given) => {
      readInput(given, [])
      return (await apis.list()).map(apiView)
    },
    'apis.update': async (given) => {
      const input = readInput(given, [
        'audience',
        'name',
        'scopes',
        'accessTokenTtlSeconds',
        'claims',
        'clear',
      ])
      const { audience } = await found(input.text('audience'))
      const clear = input.list('clear') ?? []
      const stranger = clear.find((name) => !['scopes', 'claims', 'ttl'].includes(name))
      if (stranger !== undefined) throw invalid('Only scopes, claims and ttl can be cleared.')
      const ttl = clear.includes('ttl') ? null : input.whole('accessTokenTtlSeconds', ttlRange)
      const change: ApiChange = {
        ...settings(input),
        ...(clear.includes('scopes') && { scopes: [] }),
        ...(clear.includes('claims') && { claims: [] }),
        ...(ttl !== undefined && { accessTokenTtlSeconds: ttl }),
      }
      if (Object.keys(change).length > 0) {
        await apis.change(audience, change)
        audit({ type: 'api.changed', actor: 'admin', reason: audience })
      }
      return apiView(await found(audience))
    },
    'apis.delete': async (given) => {
      const audience = readInput(given, ['audience']).text('audience')
      if (!(await apis.delete(audience))) throw notFound(`There is no API ${JSON.stringify(audience)}.`)
      audit({ type: 'api.deleted', actor: 'admin', reason: audience })
      return { audience, deleted: true }
    },
  } satisfies Record<string, Operation>
}
