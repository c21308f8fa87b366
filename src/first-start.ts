// Creates the first records of an installation: the client of the first-party API and, with the embedded
// database on a local issuer, a demo client and a demo user.
import type { Audit } from './audit.ts'
import {
  type Client,
  firstPartyApiClientId,
  firstPartyApiClientName,
  responseModes,
} from './clients/client.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { isLocalIssuer } from './environment.ts'
import { randomToken } from './secrets.ts'
import type { Stores } from './stores/stores.ts'
import { openidScopes } from './tokens/scopes.ts'
import { defaultRole } from './users/role.ts'
import { newUserId } from './users/user.ts'

export const demoClientId = 'demo'

/** The demo user, the demo client and the playground are for trying Dojang on one machine. */
export const hasDemo = ({ databaseUrl, issuer }: Pick<Config, 'databaseUrl' | 'issuer'>): boolean =>
  databaseUrl === undefined && isLocalIssuer(issuer)

export interface DemoUser {
  email: string
  /** Random. It is shown once on the terminal and never stored. */
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
  oneSession: false,
  createdAt: now,
  ...client,
})

/** Safe to repeat and to run on several instances at once. */
export const ensureFirstPartyClient = async ({
  clock,
  stores,
}: Pick<FirstStartDeps, 'clock' | 'stores'>): Promise<void> => {
  if (await stores.clients.find(firstPartyApiClientId)) return
  await stores.clients.create(
    ownClient(
      { id: firstPartyApiClientId, name: firstPartyApiClientName, grants: ['refresh_token'] },
      clock.now(),
    ),
  )
}

/** The addresses of the playground, which is at the root of the issuer. */
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
 * Creates the demo client and the demo user in an installation without users. Gives the user that it created.
 * At a later start it updates the addresses of the demo client if ISSUER has changed.
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
