// Registers and changes clients. A secret is generated here, shown once, and stored as a hash.
import type { Audit } from '../audit.ts'
import { heardWithinSeconds } from '../changes.ts'
import type { Apis } from '../clients/api.ts'
import { type Client, type Clients, isClientId, responseModes } from '../clients/client.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { defined } from '../defined.ts'
import type { ClientId } from '../ids.ts'
import { type Blacklist, isClientRemoved, revocationOf } from '../revocation/blacklist.ts'
import { hashToken, randomToken } from '../secrets.ts'
import { isKnownScope, isOpenidScope } from '../tokens/scopes.ts'
import type { Roles } from '../users/role.ts'
import { alreadyExists, invalid, notFound, refused } from './admin-error.ts'
import { cleared } from './cleared.ts'
import {
  type ClientSettings,
  type ClientSettingsChange,
  checkClient,
  clearableSettings,
  clientSettings,
  settingsInput,
} from './client-settings.ts'
import { type ClientView, clientView } from './client-view.ts'
import { flag, list, noInput, required, text, whole } from './input.ts'
import { type Operation, operation } from './operation.ts'

/** The old secret works during a deployment, not permanently. */
const longestOverlapSeconds = 30 * 86_400

const idInput = { id: required(text) }
const createInput = { id: text, public: flag, ...settingsInput }
const updateInput = { ...idInput, ...settingsInput, clear: list }
const rotateSecretInput = { ...idInput, keepOldForSeconds: whole(0, longestOverlapSeconds) }

/** A public client has no secret. */
export interface CreatedClient {
  client_id: ClientId
  first_party: boolean
  client_secret?: string
}

export interface RotatedSecret {
  client_id: ClientId
  client_secret: string
  previous_secret_expires_at: string | null
}

export interface ClientOperations {
  'clients.create': Operation<typeof createInput, CreatedClient>
  'clients.list': Operation<typeof noInput, ClientView[]>
  'clients.show': Operation<typeof idInput, ClientView>
  'clients.update': Operation<typeof updateInput, ClientView>
  'clients.rotate-secret': Operation<typeof rotateSecretInput, RotatedSecret>
  'clients.delete': Operation<typeof idInput, { client_id: ClientId; deleted: true }>
}

export interface ClientOperationsDeps {
  clock: Clock
  audit: Audit
  clients: Clients
  apis: Apis
  roles: Roles
  blacklist: Blacklist
  defaultAudience: string
}

const newClientId = (): ClientId => `app-${randomToken(12).replaceAll('_', '.')}`

const newClient = (
  given: { id: ClientId | undefined; secret: string | undefined; settings: ClientSettings },
  now: Date,
): Client => {
  const id = given.id ?? newClientId()
  if (!isClientId(id))
    throw invalid(
      'A client id has 1 to 128 letters, digits and . _ ~ - and begins with a letter or digit, but not with "usr_".',
    )
  const client: Client = {
    id,
    name: id,
    ...defined({ secretHash: given.secret && hashToken(given.secret) }),
    redirectUris: [],
    postLogoutRedirectUris: [],
    origins: [],
    grants: ['authorization_code', 'refresh_token'],
    responseModes: [...responseModes],
    // The scopes of a sign-in, for a client in which users sign in.
    scopes: given.settings.redirectUris?.length
      ? ['openid', 'profile', 'email', 'offline_access']
      : ['openid'],
    audiences: [],
    introspects: [],
    firstParty: true,
    pkceRequired: true,
    refreshPolicy: { kind: 'rotate' },
    oneSession: false,
    ...given.settings,
    createdAt: now,
  }
  checkClient(client)
  return client
}

/** Rejects an audience that no API has: the client would get no tokens for it. */
const checkAudiences = async (
  { apis, defaultAudience }: Pick<ClientOperationsDeps, 'apis' | 'defaultAudience'>,
  settings: ClientSettings,
): Promise<void> => {
  const known = [defaultAudience, ...(await apis.list()).map(({ audience }) => audience)]
  const named = [settings.audiences ?? [], settings.introspects ?? [], settings.defaultAudience ?? []].flat()
  const unknown = named.find((audience) => !known.includes(audience))
  if (unknown !== undefined)
    throw notFound(`There is no API ${JSON.stringify(unknown)}. Create it with "dojang apis create".`)
}

/**
 * Rejects a scope that no API has and no role grants: it is a typing error, and no token could carry it. The
 * default audience has the scopes that only a role names.
 */
const checkScopes = async (
  { apis, roles }: Pick<ClientOperationsDeps, 'apis' | 'roles'>,
  { scopes = [] }: ClientSettings,
): Promise<void> => {
  if (scopes.every(isOpenidScope)) return
  const [known, granted] = await Promise.all([apis.list(), roles.list()])
  const unknown = scopes.filter(
    (scope) => !isKnownScope(scope, known) && !granted.some((role) => role.scopes.includes(scope)),
  )
  if (unknown.length > 0)
    throw notFound(
      `No API has ${unknown.map((scope) => JSON.stringify(scope)).join(', ')}. Correct "scopes", or add the scope to an API with "dojang apis update".`,
      'scopes',
    )
}

export const createClientOperations = (deps: ClientOperationsDeps): ClientOperations => {
  const { clock, audit, clients, blacklist } = deps

  const found = async (id: ClientId): Promise<Client> => {
    const client = await clients.find(id)
    if (client === undefined)
      throw notFound(
        `There is no client ${JSON.stringify(id)}. Run "dojang clients list" to see all clients.`,
      )
    return client
  }

  /** Also revokes tokens from servers that have not heard of the deletion yet. */
  const revokeTokensOf = (id: ClientId) => {
    const now = clock.now()
    const cutoff = secondsAfter(now, heardWithinSeconds)
    return blacklist.add(revocationOf('client_id', id, now, { cutoff }))
  }

  /** Tokens of the new client would be on the blacklist with those of the old one. */
  const checkNotJustDeleted = async (id: ClientId): Promise<void> => {
    const now = clock.now()
    if (await isClientRemoved(blacklist, id, now, now))
      throw refused(
        `A client "${id}" was deleted a moment ago. Try again in ${heardWithinSeconds} seconds, or use another id.`,
      )
  }

  return {
    'clients.create': operation(createInput, async (input) => {
      const secret = input.public === true ? undefined : randomToken()
      const settings = clientSettings(input)
      const client = newClient({ id: input.id, secret, settings }, clock.now())
      await checkScopes(deps, settings)
      await checkAudiences(deps, settings)
      await checkNotJustDeleted(client.id)
      if ((await clients.create(client)) === 'exists')
        throw alreadyExists(
          `The client "${client.id}" already exists. Change it with "dojang clients update".`,
        )
      audit({ type: 'client.created', actor: 'admin', clientId: client.id })
      const { id, firstParty } = client
      return { client_id: id, first_party: firstParty, ...defined({ client_secret: secret }) }
    }),
    'clients.list': operation(noInput, async () => (await clients.list()).map(clientView)),
    'clients.show': operation(idInput, async ({ id }) => clientView(await found(id))),
    'clients.update': operation(updateInput, async (input) => {
      const client = await found(input.id)
      const settings = clientSettings(input)
      const change: ClientSettingsChange = { ...settings, ...cleared(clearableSettings, input.clear ?? []) }
      if (Object.keys(change).length === 0) return clientView(client)
      const { defaultAudience: _, ...members } = change
      checkClient({ ...client, ...members })
      await checkScopes(deps, settings)
      await checkAudiences(deps, settings)
      await clients.change(client.id, change)
      const reason = Object.keys(change).join(' ')
      audit({ type: 'client.changed', actor: 'admin', clientId: client.id, reason })
      return clientView(await found(client.id))
    }),
    'clients.rotate-secret': operation(rotateSecretInput, async ({ id, keepOldForSeconds = 0 }) => {
      const client = await found(id)
      if (client.secretHash === undefined)
        throw refused(`The client "${client.id}" is public, so it has no secret to rotate.`)
      const secret = randomToken()
      const keepsOld = keepOldForSeconds > 0
      const previousSecretExpiresAt = keepsOld ? secondsAfter(clock.now(), keepOldForSeconds) : null
      await clients.change(client.id, {
        secretHash: hashToken(secret),
        previousSecretHash: keepsOld ? client.secretHash : null,
        previousSecretExpiresAt,
      })
      audit({ type: 'client.secret_rotated', actor: 'admin', clientId: client.id })
      return {
        client_id: client.id,
        client_secret: secret,
        previous_secret_expires_at: previousSecretExpiresAt?.toISOString() ?? null,
      }
    }),
    'clients.delete': operation(idInput, async ({ id }) => {
      await found(id)
      // Revoke before the deletion, so that a failure can be retried.
      // Revoke again after it, for tokens issued in between.
      await revokeTokensOf(id)
      await clients.delete(id)
      await revokeTokensOf(id)
      audit({ type: 'client.deleted', actor: 'admin', clientId: id })
      return { client_id: id, deleted: true }
    }),
  }
}
