// APIs: the audiences that tokens are issued for, with their scopes, token lifetime and custom claims.
import type { Audit } from '../audit.ts'
import type { Api, ApiChange, Apis } from '../clients/api.ts'
import type { Clock } from '../clock.ts'
import { defined } from '../defined.ts'
import { maxAccessTokenTtlSeconds } from '../lifetimes.ts'
import { accessTokenType } from '../tokens/access-token.ts'
import { isOpenidScope } from '../tokens/scopes.ts'
import { alreadyExists, invalid, notFound } from './admin-error.ts'
import { checkClaimName } from './claim-names.ts'
import { cleared } from './cleared.ts'
import { type InputValues, list, noInput, required, text, whole } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { scopeNames } from './scope-names.ts'
import { scopeTexts } from './scope-texts.ts'

const apiView = (api: Api) => ({
  audience: api.audience,
  name: api.name,
  scopes: api.scopes,
  scope_texts: api.scopeTexts,
  access_token_ttl: api.accessTokenTtlSeconds ?? null,
  token_type: api.tokenType ?? accessTokenType,
  claims: api.claims,
  created_at: api.createdAt.toISOString(),
})

export type ApiView = ReturnType<typeof apiView>

const audienceInput = { audience: required(text) }

/** A shorter token could expire before it arrives. Every revocation outlasts the longest token. */
const ttl = whole(30, maxAccessTokenTtlSeconds)

const settingsInput = {
  ...audienceInput,
  name: text,
  scopes: list,
  scopeKo: list,
  scopeEn: list,
  accessTokenTtlSeconds: ttl,
  tokenType: text,
  claims: list,
}
const updateInput = { ...settingsInput, clear: list }

export interface ApiOperations {
  'apis.create': Operation<typeof settingsInput, ApiView>
  'apis.list': Operation<typeof noInput, ApiView[]>
  'apis.update': Operation<typeof updateInput, ApiView>
  'apis.delete': Operation<typeof audienceInput, { audience: string; deleted: true }>
}

const checkAudience = (audience: string): void => {
  if (!URL.canParse(audience) || audience.includes('#') || /[\s\p{Cc}]/u.test(audience))
    throw invalid(
      'An audience must be an absolute URI without a fragment, for example https://api.example.com (RFC 8707 §2).',
    )
}

const checkedScopes = (given: readonly string[]): string[] => {
  const scopes = scopeNames(given)
  const openid = scopes.find(isOpenidScope)
  if (openid !== undefined)
    throw invalid(
      `The scope "${openid}" belongs to OpenID Connect and cannot be the scope of an API. Remove it.`,
    )
  return scopes
}

const checkedClaims = (names: string[]): string[] => {
  names.forEach(checkClaimName)
  return names
}

/** The stored form of the token type. `null` is at+jwt. */
const checkedTokenType = (type: string): 'JWT' | null => {
  if (type === 'JWT') return type
  if (type === accessTokenType) return null
  throw invalid(`"tokenType" must be ${accessTokenType} or JWT.`, 'tokenType')
}

const settings = ({
  name,
  scopes,
  claims,
  accessTokenTtlSeconds,
  tokenType,
}: InputValues<typeof settingsInput>) =>
  defined({
    name,
    tokenType: tokenType === undefined ? undefined : checkedTokenType(tokenType),
    scopes: scopes && checkedScopes(scopes),
    claims: claims && checkedClaims(claims),
    accessTokenTtlSeconds,
  })

/** The texts of the input, added to those that the API has. */
const textsOf = (
  { scopeKo: ko = [], scopeEn: en = [] }: InputValues<typeof settingsInput>,
  { scopes, scopeTexts: before }: Pick<Api, 'scopes' | 'scopeTexts'>,
) => scopeTexts(before, scopes, { ko, en })

const unknownApi = (audience: string) =>
  notFound(`There is no API ${JSON.stringify(audience)}. Run "dojang apis list" to see all APIs.`)

const clearable: Readonly<Record<string, ApiChange>> = {
  scopes: { scopes: [] },
  'scope-texts': { scopeTexts: {} },
  claims: { claims: [] },
  ttl: { accessTokenTtlSeconds: null },
}

export const createApiOperations = ({
  apis,
  audit,
  clock,
}: {
  apis: Apis
  audit: Audit
  clock: Clock
}): ApiOperations => {
  const found = async (audience: string): Promise<Api> => {
    const api = await apis.find(audience)
    if (api === undefined) throw unknownApi(audience)
    return api
  }

  return {
    'apis.create': operation(settingsInput, async (input) => {
      const { audience } = input
      checkAudience(audience)
      const { tokenType, ...members } = settings(input)
      const api: Api = {
        audience,
        name: audience,
        scopes: [],
        claims: [],
        ...members,
        scopeTexts: textsOf(input, { scopes: members.scopes ?? [], scopeTexts: {} }),
        ...(tokenType && { tokenType }),
        createdAt: clock.now(),
      }
      if ((await apis.create(api)) === 'exists')
        throw alreadyExists(`The API "${audience}" already exists. Change it with "dojang apis update".`)
      audit({ type: 'api.created', actor: 'admin', reason: audience })
      return apiView(api)
    }),
    'apis.list': operation(noInput, async () => (await apis.list()).map(apiView)),
    'apis.update': operation(updateInput, async (input) => {
      const api = await found(input.audience)
      const { audience } = api
      const change: ApiChange = { ...settings(input), ...cleared(clearable, input.clear ?? []) }
      if (change.scopes !== undefined || input.scopeKo !== undefined || input.scopeEn !== undefined)
        change.scopeTexts = textsOf(input, { ...api, ...change })
      if (Object.keys(change).length > 0) {
        await apis.change(audience, change)
        audit({ type: 'api.changed', actor: 'admin', reason: audience })
      }
      return apiView(await found(audience))
    }),
    'apis.delete': operation(audienceInput, async ({ audience }) => {
      if (!(await apis.delete(audience))) throw unknownApi(audience)
      audit({ type: 'api.deleted', actor: 'admin', reason: audience })
      return { audience, deleted: true }
    }),
  }
}
