// What an installation finds when it starts for the first time: the client of the first-party API, and in the embedded
// mode a demo client and a demo user to try things with.
import type { Audit } from './audit.ts'
import { type Client, firstPartyApiClientId, responseModes } from './clients/client.ts'
import type { Clock } from './clock.ts'
import { randomToken } from './secrets.ts'
import type { Stores } from './stores/stores.ts'
import { openidScopes } from './tokens/scopes.ts'
import { defaultRole } from './users/role.ts'
import { newUserId } from './users/user.ts'

export const demoClientId = 'demo'

export interface DemoUser {
  email: string
  /** Random; shown once on the terminal and kept nowhere. */
  password: string
}

interface FirstStartDeps {
  clock: Clock
  stores: Stores
  hashPassword(password: string): Promise<string>
  audit: Audit
  issuer: string
}

const ownClient = (client: Pick<Client, 'id' | 'name' | 'grants'> & Partial<Client>, now: Date): Client => ({
  redirectUris: [],
  postLogoutRedirectUris: [],
  origins: [],
  scopes: [...openidScopes],
  audiences: [],
  introspects: [],
  responseModes: [...responseModes],
  firstParty: true,
  pkceRequired: true,
  refreshPolicy: { kind: 'rotate' },
  createdAt: now,
  ...client,
})

/** Safe to repeat, and from several instances at once. */
export const ensureFirstPartyClient = async ({
  clock,
  stores,
}: Pick<FirstStartDeps, 'clock' | 'stores'>): Promise<void> => {
  if (await stores.clients.find(firstPartyApiClientId)) return
  const name = 'First-party API'
  await stores.clients.create(
    ownClient({ id: firstPartyApiClientId, name, grants: ['refresh_token'] }, clock.now()),
  )
}

/** The addresses of the playground, which lies at the issuer's root. */
const playground = (issuer: string) => ({
  redirectUris: [`${issuer}/`],
  postLogoutRedirectUris: [`${issuer}/`],
  origins: [issuer],
})

const createDemoUser = async ({ clock, stores, hashPassword, audit }: FirstStartDeps) => {
  const now = clock.now()
  const demo = { email: 'demo@dojang.example', password: randomToken(15) }
  const id = newUserId()
  const created = await stores.users.create({
    id,
    email: demo.email,
    emailVerified: true,
    username: 'demo',
    name: 'Demo',
    passwordHash: await hashPassword(demo.password),
    roles: [defaultRole],
    claims: {},
    onboarded: true,
    createdAt: now,
    updatedAt: now,
  })
  if (created !== 'created') return undefined
  audit({ type: 'user.created', actor: 'system', userId: id, reason: 'demo user of the first start' })
  return demo
}

/**
 * Somebody and something to try an embedded issuer with, made while it has neither. At later starts the playground's
 * client follows the issuer to its new address. The demo user's way in, if this call made it.
 */
export const ensureDemo = async (deps: FirstStartDeps): Promise<DemoUser | undefined> => {
  const { clock, stores, issuer } = deps
  const client = await stores.clients.find(demoClientId)
  if (client !== undefined) {
    if (!client.origins.includes(issuer)) await stores.clients.change(demoClientId, playground(issuer))
    return undefined
  }
  if ((await stores.users.list({ limit: 1 })).length > 0) return undefined
  const demo = await createDemoUser(deps)
  await stores.clients.create(
    ownClient(
      {
        id: demoClientId,
        name: 'Dojang playground',
        grants: ['authorization_code', 'refresh_token'],
        ...playground(issuer),
      },
      clock.now(),
    ),
  )
  return demo
}
