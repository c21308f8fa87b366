// Lives through steps with the rules of the core on two instances of a store, and holds each answer, event and record
// against the model.

import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { AuditEvent } from '../../src/audit.ts'
import type { Client } from '../../src/clients/client.ts'
import { earlier, epochSeconds, secondsAfter } from '../../src/clock.ts'
import { createEndSessions } from '../../src/sessions/end.ts'
import { createSignIn } from '../../src/sessions/sign-in.ts'
import { createCheckStanding } from '../../src/sessions/standing.ts'
import type { ExpiringStores, LastingStores } from '../../src/stores/stores.ts'
import { createIssueTokens } from '../../src/tokens/issue.ts'
import { createRefresh } from '../../src/tokens/refresh.ts'
import { createRefreshTokenFormat, type RefreshTokenFormat } from '../../src/tokens/refresh-token-format.ts'
import { createSpendRefreshToken } from '../../src/tokens/spend-refresh-token.ts'
import { createStartFamily } from '../../src/tokens/start-family.ts'
import { newUserId } from '../../src/users/user.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import type { OpenBackend } from './expiring-backends.ts'
import { idleSeconds, type ModelFamily, type Promised, present } from './refresh-model.ts'
import { type ClientId, clientIds, people, policies, type Step } from './refresh-steps.ts'

const absoluteSeconds = 3000
const defaultAudience = 'https://api.example'

interface LivedFamily extends ModelFamily {
  id: string
  clientId: ClientId
  userId: string
  sessionId: string
  startedAt: Date
}

interface Surroundings {
  clock: TestClock
  lasting: LastingStores
  format: RefreshTokenFormat
  events: AuditEvent[]
}

/** The core's rules on one instance of the store. */
const issuerOn = (expiring: ExpiringStores, { clock, lasting, format, events }: Surroundings) => {
  const faulty = faultyStores({ ...lasting, ...expiring })
  const { users, clients, consents, apis, sessions, refreshTokens, blacklist } = faulty.stores
  const ttls = { idleTtlSeconds: idleSeconds, absoluteTtlSeconds: absoluteSeconds }
  const endSessions = createEndSessions({ clock, users, sessions, refreshTokens, blacklist })
  const issueTokens = createIssueTokens({
    clock,
    apis,
    issuer: 'https://issuer.example',
    defaultAudience,
    accessTokenTtlSeconds: 600,
    sign: async () => 'signed',
  })
  const base = { clock, users, clients, consents, sessions, refreshTokens, endSessions, ...ttls }
  const tokens = { issueTokens, refreshTokenFormat: format }
  const audit = (event: AuditEvent) => void events.push(event)
  return {
    faulty,
    endSessions,
    signIn: createSignIn(base),
    startFamily: createStartFamily({ ...base, ...tokens, audit: () => {} }),
    refresh: createRefresh({
      ...base,
      ...tokens,
      defaultAudience,
      checkStanding: createCheckStanding(base),
      spendRefreshToken: createSpendRefreshToken({ ...base, audit, graceSeconds: 20 }),
    }),
  }
}

type Issuer = ReturnType<typeof issuerOn>

const populate = async ({ users, clients }: LastingStores, now: Date): Promise<string[]> => {
  for (const id of clientIds) {
    const policy = policies[id]
    await clients.create({
      ...{ id, name: id, redirectUris: [], postLogoutRedirectUris: [], origins: [], audiences: [] },
      ...{ grants: ['authorization_code', 'refresh_token'], scopes: ['openid'], introspects: [] },
      responseModes: ['query'],
      ...{ firstParty: true, pkceRequired: true, createdAt: now },
      refreshPolicy: policy.rotates
        ? { kind: 'rotate', graceSeconds: policy.graceSeconds }
        : { kind: 'reuse' },
    })
  }
  const ids = people.map(() => newUserId())
  for (const id of ids)
    await users.create({
      ...{ id, emailVerified: false, roles: [], claims: {}, onboarded: true, createdAt: now, updatedAt: now },
    })
  return ids
}

export const newLife = async (instances: OpenBackend['instances']) => {
  const clock = testClock()
  const lasting = memoryStores()
  const events: AuditEvent[] = []
  const surroundings = { clock, lasting, events, format: createRefreshTokenFormat([randomBytes(32)]) }
  const one = issuerOn(instances[0], surroundings)
  const two = issuerOn(instances[1], surroundings)
  const { sessions, refreshTokens, blacklist } = instances[0]
  const userIds = await populate(lasting, clock.now())

  const families: LivedFamily[] = []
  /** Those that nobody ended, with the moment they end by themselves. */
  const sessionEnds = new Map<string, Date>()
  const cutoffs = new Map<string, Date>()

  const stands = ({ userId, sessionId, startedAt }: LivedFamily): boolean => {
    const [end, cutoff] = [sessionEnds.get(sessionId), cutoffs.get(userId)]
    if (end === undefined || clock.now() >= end) return false
    return cutoff === undefined || epochSeconds(startedAt) > epochSeconds(cutoff)
  }

  const refreshed = async (issuer: Issuer, token: string, clientId: ClientId): Promise<string> => {
    const client = (await lasting.clients.find(clientId)) as Client
    const startedBy = 'authorization_code'
    const answer = await issuer.refresh({ token, startedBy, client, ip: '192.0.2.1', requestId: 'r' })
    return answer.outcome === 'refreshed' ? answer.refreshToken : answer.outcome
  }

  const isBlacklisted = async (sid: string): Promise<boolean> =>
    (await blacklist.find([{ kind: 'sid', value: sid }], clock.now())).length === 1

  const eventTypesSince = (length: number): string[] => events.slice(length).map(({ type }) => type)

  const startSession = async (userId: string): Promise<string> => {
    const user = await lasting.users.find(userId)
    if (user === undefined) throw new Error('There is no such person.')
    const { id } = await one.signIn.withoutBrowser({ user, amr: ['pwd'] })
    sessionEnds.set(id, secondsAfter(clock.now(), absoluteSeconds))
    return id
  }

  const signInStep = async ({ person, client: clientId, again }: Extract<Step, { does: 'sign in' }>) => {
    const userId = userIds[person] ?? ''
    const now = clock.now()
    const last = families.findLast((family) => family.userId === userId)?.sessionId ?? ''
    const goesOn = again && (sessionEnds.get(last) ?? now) > now
    const sessionId = goesOn ? last : await startSession(userId)
    const session = await sessions.find(sessionId)
    if (session === undefined) throw new Error('A session that nobody ended is gone.')
    const [user, client] = [await lasting.users.find(userId), await lasting.clients.find(clientId)]
    if (user === undefined || client === undefined) throw new Error('The user or the client is missing.')
    const { authTime, amr } = session
    const prepared = await one.startFamily.prepare({
      session,
      user,
      client,
      startedBy: 'authorization_code',
      scope: ['openid'],
      resource: [],
      audiences: [defaultAudience],
      authTime,
      amr,
    })
    expect(await one.startFamily.store(prepared)).toBe('stored')
    const { family, refreshToken } = prepared
    const endsAt = earlier(secondsAfter(now, absoluteSeconds), sessionEnds.get(sessionId) ?? now)
    families.push({
      ...{ id: family.id, clientId, userId, sessionId, startedAt: now, policy: policies[clientId] },
      ...{ tokens: [refreshToken], lastRotation: now, isDead: false },
      ...{ endsAt, idleUntil: earlier(secondsAfter(now, idleSeconds), endsAt) },
    })
  }

  /** The model's answers to as many presentations one after the other. */
  const promise = (family: LivedFamily, age: number, times: number): Promised[] => {
    const presented = family.tokens.length - 1 - age
    return Array.from({ length: times }, () => {
      const ageNow = family.tokens.length - 1 - presented
      return present(family, ageNow, clock.now(), stands(family))
    })
  }

  /** Holds what was answered to the promise. A token that is new to us becomes the newest one of the family. */
  const compare = async (family: LivedFamily, answers: readonly string[], promised: readonly Promised[]) => {
    const given = answers.filter((answer) => answer !== 'refused')
    expect(given).toHaveLength(promised.filter(({ answer }) => answer !== 'refused').length)
    const [token] = given
    if (token === undefined) return
    // All of them got one and the same: nothing branches.
    expect(new Set(given)).toEqual(new Set([token]))
    const newest = family.tokens.length - 1
    expect(family.tokens.indexOf(token)).toBe(family.tokens[newest] === undefined ? -1 : newest)
    family.tokens[newest] = token
  }

  const refreshStep = async (family: LivedFamily, step: Extract<Step, { does: 'refresh' }>) => {
    const age = Math.min(step.age, family.tokens.length - 1)
    const token = family.tokens.at(-1 - age)
    // Its answer was lost: nobody has it.
    if (token === undefined) return
    const before = events.length
    const times = step.failure ? 1 : step.twins
    if (step.failure) one.faulty.failCall(step.failure.call, step.failure.fault)
    const calling = Array.from({ length: times }, (_, twin) =>
      refreshed(twin % 2 === 0 ? one : two, token, family.clientId),
    )
    const results = await Promise.allSettled(calling)
    const use = one.faulty.calls.find((call) => /^refreshTokens\.(rotate|acceptCurrent)$/.test(call))
    const failed = one.faulty.mend()
    if (failed !== undefined) {
      expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'Error' } })
      // Whatever failed before the one write spent nothing (C9); after it only the answer was lost (C10).
      const isUsed = use !== undefined && !(failed === use && step.failure?.fault === 'not done')
      if (isUsed) promise(family, age, 1)
      return
    }
    const answers = results.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
    const promised = promise(family, age, times)
    await compare(family, answers, promised)
    const said = promised.flatMap(({ event }) => event ?? [])
    expect(eventTypesSince(before).sort()).toEqual(said.sort())
    if (said.includes('token.reused')) expect(await isBlacklisted(family.id)).toBe(true)
  }

  const refusedStep = async (family: LivedFamily, does: 'refresh ahead' | 'refresh as another client') => {
    const before = events.length
    const record = await refreshTokens.find(family.id)
    if (record === undefined) throw new Error('A family is gone.')
    if (does === 'refresh ahead') {
      const token = surroundings.format.write(record, record.generation + 1)
      expect(await refreshed(one, token, family.clientId)).toBe('refused')
      const promised = present(family, -1, clock.now(), stands(family))
      expect(eventTypesSince(before)).toEqual(promised.event ? [promised.event] : [])
    } else {
      const token = surroundings.format.write(record, record.generation)
      const other = clientIds.find((id) => id !== family.clientId) ?? 'strict'
      expect(await refreshed(one, token, other)).toBe('refused')
      expect(eventTypesSince(before)).toEqual([])
    }
    expect(await refreshTokens.find(family.id)).toStrictEqual(record)
  }

  const endSteps = {
    'log out': {
      end: ({ sessionId }: LivedFamily) => one.endSessions.session(sessionId),
      inModel: ({ sessionId }: LivedFamily) => {
        // A session that is gone already leaves its families as they are.
        const inIt = sessionEnds.has(sessionId) ? families.filter((one) => one.sessionId === sessionId) : []
        for (const family of inIt) family.isDead = true
        sessionEnds.delete(sessionId)
        return inIt
      },
    },
    revoke: {
      end: ({ id }: LivedFamily) => one.endSessions.family(id),
      inModel: (family: LivedFamily) => {
        family.isDead = true
        return [family]
      },
    },
    'sign out everywhere': {
      end: ({ userId }: LivedFamily) => one.endSessions.everythingOf(userId),
      inModel: ({ userId }: LivedFamily) => {
        cutoffs.set(userId, clock.now())
        for (const family of families) if (family.userId === userId) sessionEnds.delete(family.sessionId)
        return []
      },
    },
  }

  const endStep = async (family: LivedFamily, step: Extract<Step, { does: keyof typeof endSteps }>) => {
    const { end, inModel } = endSteps[step.does]
    if (step.failure) {
      one.faulty.failCall(step.failure.call, step.failure.fault)
      await Promise.allSettled([end(family)])
      one.faulty.mend()
    }
    // Whatever a failure left half done, repeating it completes.
    await end(family)
    for (const { id } of inModel(family)) expect(await isBlacklisted(id)).toBe(true)
  }

  const take = async (step: Step): Promise<void> => {
    if (step.does === 'wait') return clock.advance(step.seconds)
    if (step.does === 'sign in') return signInStep(step)
    const family = families.at(-1 - (step.family % Math.max(1, families.length)))
    if (family === undefined) return
    if (step.does === 'refresh') return refreshStep(family, step)
    if (step.does === 'refresh ahead' || step.does === 'refresh as another client')
      return refusedStep(family, step.does)
    return endStep(family, step)
  }

  /** Every record is as the model says, and so is what its newest token is worth. */
  const check = async (): Promise<void> => {
    for (const family of families) {
      const record = await refreshTokens.find(family.id)
      expect(record).toMatchObject({ expiresAt: family.endsAt, idleExpiresAt: family.idleUntil })
      expect(record?.revokedAt !== undefined).toBe(family.isDead)
      await refreshStep(family, { does: 'refresh', family: 0, age: 0, twins: 1 })
    }
    for (const userId of userIds) {
      const listed = (await sessions.listOfUser(userId)).map(({ id }) => id)
      const known = [...sessionEnds.keys()].filter((id) => id.startsWith(userId))
      expect(listed.sort()).toEqual(known.sort())
    }
  }

  return { take, check }
}
