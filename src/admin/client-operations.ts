// Clients, as an admin registers them. A secret is made here, shown once, and kept as a hash.

import type { Audit } from '../audit.ts'
import type { Apis } from '../clients/api.ts'
import {
  type Client,
  type ClientChange,
  type Clients,
  isClientId,
  isPublic,
  responseModes,
} from '../clients/client.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import { hashToken, randomToken } from '../secrets.ts'
import { alreadyExists, invalid, notFound, refused } from './admin-error.ts'
import { type ClientSettings, checkClient, readSettings, settingNames } from './client-settings.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'

export const clientView = (client: Client) => ({
  client_id: client.id,
  name: client.name,
  public: isPublic(client),
  first_party: client.firstParty,
  redirect_uris: client.redirectUris,
  post_logout_redirect_uris: client.postLogoutRedirectUris,
  origins: client.origins,
  grant_types: client.grants,
  response_modes: client.responseModes,
  scope: client.scopes.join(' '),
  audiences: client.audiences,
  default_audience: client.defaultAudience ?? null,
  introspects: client.introspects,
  pkce_required: client.pkceRequired,
  refresh: client.refreshPolicy.kind,
  refresh_grace:
    (client.refreshPolicy.kind === 'rotate' ? client.refreshPolicy.graceSeconds : undefined) ?? null,
  previous_secret_expires_at: client.previousSecretExpiresAt?.toISOString() ?? null,
  created_at: client.createdAt.toISOString(),
})

export type ClientView = ReturnType<typeof clientView>

/** Old secrets are for a deployment in progress, not for keeping. */
const longestOverlapSeconds = 30 * 86_400

const clearable: Readonly<Record<string, ClientChange>> = {
  'redirect-uri': { redirectUris: [] },
  'post-logout-redirect-uri': { postLogoutRedirectUris: [] },
  origin: { origins: [] },
  scope: { scopes: [] },
  audience: { audiences: [] },
  'default-audience': { defaultAudience: null },
  introspect: { introspects: [] },
  'refresh-grace': { refreshPolicy: { kind: 'rotate' } },
}

const cleared = (names: readonly string[]): ClientChange =>
  Object.assign(
    {},
    ...names.map((name) => {
      if (!Object.hasOwn(clearable, name))
        throw invalid(`Only these can be cleared: ${Object.keys(clearable).join(', ')}.`)
      return clearable[name]
    }),
  )

export interface ClientOperationsDeps {
  clock: Clock
  audit: Audit
  clients: Clients
  apis: Apis
  blacklist: Blacklist
  defaultAudience: string
}

export const createClientOperations = (deps: ClientOperationsDeps) => {
  const { clock, audit, clients, apis, blacklist } = deps

  const found = async (id: string): Promise<Client> => {
    const client = await clients.find(id)
    if (client === undefined) throw notFound(`There is no client ${JSON.stringify(id)}.`)
    return client
  }

  /** An audience with a typing error would be a client that gets no tokens. */
  const checkAudiences = async ({ audiences = [], introspects = [], defaultAudience }: ClientSettings) => {
    const known = [deps.defaultAudience, ...(await apis.list()).map(({ audience }) => audience)]
    const named = [...audiences, ...introspects, ...(defaultAudience === undefined ? [] : [defaultAudience])]
    const stranger = named.find((audience) => !known.includes(audience))
    if (stranger !== undefined)
      throw notFound(`There is no API ${JSON.stringify(stranger)}; make it with "dojang apis create".`)
  }

  const newId = () => `app-${randomToken(12).replaceAll('_', '.')}`

  const create: Operation = async (given) => {
    const input = readInput(given, ['id', 'public', ...settingNames])
    const id = input.optionalText('id') ?? newId()
    if (!isClientId(id))
      throw invalid('A client id has 1 to 128 letters, digits and . _ ~ -, and does not begin with "usr_".')
    const settings = readSettings(input)
    const secret = input.flag('public') === true ? undefined : randomToken()
    const client: Client = {
      id,
      name: id,
      ...(secret !== undefined && { secretHash: hashToken(secret) }),
      redirectUris: [],
      postLogoutRedirectUris: [],
      origins: [],
      grants: ['authorization_code', 'refresh_token'],
      responseModes: [...responseModes],
      scopes: ['openid'],
      audiences: [],
      introspects: [],
      firstParty: true,
      pkceRequired: true,
      refreshPolicy: { kind: 'rotate' },
      ...settings,
      createdAt: clock.now(),
    }
    checkClient(client)
    await checkAudiences(settings)
    if ((await clients.create(client)) === 'exists')
      throw alreadyExists(`There is a client "${id}" already; change it with "dojang clients update".`)
    audit({ type: 'client.created', actor: 'admin', clientId: id })
    return { client_id: id, ...(secret !== undefined && { client_secret: secret }) }
  }

  const update: Operation = async (given) => {
    const input = readInput(given, ['id', 'clear', ...settingNames])
    const client = await found(input.text('id'))
    const settings = readSettings(input)
    const change: ClientChange = { ...settings, ...cleared(input.list('clear') ?? []) }
    if (Object.keys(change).length === 0) return clientView(client)
    const { defaultAudience, ...members } = change
    checkClient({ ...client, ...settings, ...members } as Client)
    await checkAudiences(settings)
    await clients.change(client.id, change)
    audit({
      type: 'client.changed',
      actor: 'admin',
      clientId: client.id,
      reason: Object.keys(change).join(' '),
    })
    return clientView(await found(client.id))
  }

  const rotateSecret: Operation = async (given) => {
    const input = readInput(given, ['id', 'keepOldForSeconds'])
    const client = await found(input.text('id'))
    if (client.secretHash === undefined)
      throw refused(`The client "${client.id}" is public and has no secret.`)
    const overlap = input.whole('keepOldForSeconds', { min: 0, max: longestOverlapSeconds }) ?? 0
    const secret = randomToken()
    const previousSecretExpiresAt = overlap > 0 ? secondsAfter(clock.now(), overlap) : null
    await clients.change(client.id, {
      secretHash: hashToken(secret),
      previousSecretHash: overlap > 0 ? client.secretHash : null,
      previousSecretExpiresAt,
    })
    audit({ type: 'client.secret_rotated', actor: 'admin', clientId: client.id })
    return {
      client_id: client.id,
      client_secret: secret,
      previous_secret_expires_at: previousSecretExpiresAt?.toISOString() ?? null,
    }
  }

  const endTokens = (id: string) => {
    const now = clock.now()
    return blacklist.add(revocationOf('client_id', id, now, { cutoff: now }))
  }

  const remove: Operation = async (given) => {
    const { id } = await found(readInput(given, ['id']).text('id'))
    // Before, so that a blacklist that is down costs nothing but a second try; after, for what was minted in between.
    await endTokens(id)
    await clients.delete(id)
    await endTokens(id)
    audit({ type: 'client.deleted', actor: 'admin', clientId: id })
    return { client_id: id, deleted: true }
  }

  return {
    'clients.create': create,
    'clients.list': async (given) => {
      readInput(given, [])
      return (await clients.list()).map(clientView)
    },
    'clients.show': async (given) => clientView(await found(readInput(given, ['id']).text('id'))),
    'clients.update': update,
    'clients.rotate-secret': rotateSecret,
    'clients.delete': remove,
  } satisfies Record<string, Operation>
}
