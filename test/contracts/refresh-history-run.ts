// Runs the steps of a refresh history on two instances of a store, with the rules of the core.
// Compares each answer, event and record with the model.
import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { AuditEvent } from '../../src/audit.ts'
import type { Client } from '../../src/clients/client.ts'
import { earlier, secondsAfter } from '../../src/clock.ts'
import { createEndSessions } from '../../src/sessions/end.ts'
import { isReplayedRepeatedly } from '../../src/sessions/family.ts'
import { createSignIn } from '../../src/sessions/sign-in.ts'
import type { ExpiringStores, Stores } from '../../src/stores/stores.ts'
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
import { type ExpectedAnswer, expectedAnswer, idleSeconds, type ModelFamily } from './refresh-model.ts'
import {
  type ClientId,
  clientIds,
  people,
  policies,
  type Sender,
  type Step,
  senders,
} from './refresh-steps.ts'

const absoluteSeconds = 3000
const defaultAudience = 'https://api.example'

interface TestedFamily extends ModelFamily {
  id: string
  clientId: ClientId
  userId: string
  sessionId: string
}

/** The parts that both instances share. */
interface Shared {
  clock: TestClock
  lasting: Stores
  format: RefreshTokenFormat
  events: AuditEvent[]
}

/** Builds the rules of the core on one instance of the store. */
const issuerOn = (expiring: ExpiringStores, { clock, lasting, format, events }: Shared) => {
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
  const base = { clock, users, clients, consents, sessions, refreshTokens, blacklist, endSessions, ...ttls }
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
      issuer: 'https://issuer.example',
      defaultAudience,
      spendRefreshToken: createSpendRefreshToken({ ...base, audit, graceSeconds: 20 }),
    }),
  }
}

type Issuer = ReturnType<typeof issuerOn>

const populate = async ({ users, clients }: Stores, now: Date): Promise<string[]> => {
  for (const id of clientIds) {
    const policy = policies[id]
    await clients.create({
      id,
      name: id,
      redirectUris: [],
      postLogoutRedirectUris: [],
      origins: [],
      grants: ['authorization_code', 'refresh_token'],
      scopes: ['openid'],
      audiences: [],
      introspects: [],
      responseModes: ['query'],
      firstParty: true,
      pkceRequired: true,
      oneSession: false,
      createdAt: now,
      refreshPolicy: policy.rotates
        ? { kind: 'rotate', graceSeconds: policy.graceSeconds }
        : { kind: 'reuse' },
    })
  }
  const ids = people.map(() => newUserId())
  for (const id of ids)
    await users.create({
      id,
      emailVerified: false,
      roles: [],
      claims: {},
      onboarded: true,
      createdAt: now,
      updatedAt: now,
    })
  return ids
}

export const newHistoryRun = async (instances: OpenBackend['instances']) => {
  const clock = testClock()
  const lasting = memoryStores()
  const events: AuditEvent[] = []
  const shared = { clock, lasting, events, format: createRefreshTokenFormat([randomBytes(32)]) }
  const one = issuerOn(instances[0], shared)
  const two = issuerOn(instances[1], shared)
  const { sessions, refreshTokens, blacklist } = instances[0]
  const userIds = await populate(lasting, clock.now())

  const families: TestedFamily[] = []
  /** The expiry of each session that no step has ended. */
  const sessionEnds = new Map<string, Date>()

  /** Whether the session of the family was ended, or it expired. */
  const isOver = ({ sessionId }: TestedFamily): boolean => {
    const end = sessionEnds.get(sessionId)
    return end === undefined || clock.now() >= end
  }

  /** Ends the families of a session that has not ended. A family that ended before has left its session. */
  const endListed = (isListed: (family: TestedFamily) => boolean): TestedFamily[] => {
    const ended = families.filter((one) => isListed(one) && sessionEnds.has(one.sessionId) && !one.isDead)
    for (const family of ended) family.isDead = true
    return ended
  }

  const refreshed = async (
    issuer: Issuer,
    token: string,
    clientId: ClientId,
    sender: Sender = senders[0],
  ): Promise<string> => {
    const client = (await lasting.clients.find(clientId)) as Client
    const startedBy = 'authorization_code'
    const answer = await issuer.refresh({ token, startedBy, client, ...sender, requestId: 'r' })
    return answer.outcome === 'refreshed' ? answer.refreshToken : answer.outcome
  }

  const isBlacklisted = async (sid: string): Promise<boolean> =>
    (await blacklist.find([{ kind: 'sid', value: sid }], clock.now())).length === 1

  const eventTypesSince = (length: number): string[] => events.slice(length).map(({ type }) => type)

  const startSession = async (userId: string): Promise<string> => {
    const user = await lasting.users.find(userId)
    if (user === undefined) throw new Error('The user was not found.')
    const signedIn = await one.signIn.withoutBrowser({ user, readAt: clock.now(), amr: ['pwd'] })
    if (signedIn === undefined) throw new Error('No step ended the access of the user during the sign-in.')
    const { id } = signedIn.session
    sessionEnds.set(id, secondsAfter(clock.now(), absoluteSeconds))
    return id
  }

  const signInStep = async ({ person, client: clientId, again }: Extract<Step, { does: 'sign in' }>) => {
    const userId = userIds[person] ?? ''
    const now = clock.now()
    const last = families.findLast((family) => family.userId === userId)?.sessionId ?? ''
    const continues = again && (sessionEnds.get(last) ?? now) > now
    const sessionId = continues ? last : await startSession(userId)
    const session = await sessions.find(sessionId)
    if (session === undefined) throw new Error('The store lost a session that no step ended.')
    const [user, client] = [await lasting.users.find(userId), await lasting.clients.find(clientId)]
    if (user === undefined || client === undefined) throw new Error('The user or the client is missing.')
    const { authTime, amr } = session
    const prepared = await one.startFamily.prepare({
      session,
      user,
      readAt: now,
      client,
      startedBy: 'authorization_code',
      scope: ['openid'],
      resource: [],
      audiences: [defaultAudience],
      authTime,
      amr,
    })
    await one.startFamily.store(prepared)
    expect(await one.startFamily.join(prepared, client)).toBe('joined')
    const { family, refreshToken } = prepared
    const endsAt = earlier(secondsAfter(now, absoluteSeconds), sessionEnds.get(sessionId) ?? now)
    families.push({
      id: family.id,
      clientId,
      userId,
      sessionId,
      policy: policies[clientId],
      tokens: [refreshToken],
      lastRotation: now,
      replays: [],
      isReported: false,
      isDead: false,
      endsAt,
      idleUntil: earlier(secondsAfter(now, idleSeconds), endsAt),
    })
  }

  /** The answers of the model to a token that is sent `times` times. Changes the family in the model. */
  const expectedAnswers = (
    family: TestedFamily,
    { age, sender }: { age: number; sender: Sender },
    times: number,
  ): ExpectedAnswer[] => {
    const presented = family.tokens.length - 1 - age
    return Array.from({ length: times }, () => {
      const ageNow = family.tokens.length - 1 - presented
      return expectedAnswer(family, ageNow, sender, clock.now(), isOver(family))
    })
  }

  /** Compares the answers with those of the model. A new token becomes the newest token of the family. */
  const compareAnswers = async (
    family: TestedFamily,
    answers: readonly string[],
    expected: readonly ExpectedAnswer[],
  ) => {
    const given = answers.filter((answer) => answer !== 'refused')
    expect(given).toHaveLength(expected.filter(({ answer }) => answer !== 'refused').length)
    const [token] = given
    if (token === undefined) return
    // All answers contain the same token, so that the family never has two successors.
    expect(new Set(given)).toEqual(new Set([token]))
    const newest = family.tokens.length - 1
    expect(family.tokens.indexOf(token)).toBe(family.tokens[newest] === undefined ? -1 : newest)
    family.tokens[newest] = token
  }

  const refreshStep = async (family: TestedFamily, step: Extract<Step, { does: 'refresh' }>) => {
    const age = Math.min(step.age, family.tokens.length - 1)
    const { sender } = step
    const token = family.tokens.at(-1 - age)
    // The answer with this token was lost, so no client can send it.
    if (token === undefined) return
    const before = events.length
    const times = step.failure ? 1 : step.copies
    if (step.failure) one.faulty.failCall(step.failure.call, step.failure.fault)
    const requests = Array.from({ length: times }, (_, copy) =>
      refreshed(copy % 2 === 0 ? one : two, token, family.clientId, sender),
    )
    const results = await Promise.allSettled(requests)
    const use = one.faulty.calls.find((call) => /^refreshTokens\.(rotate|acceptCurrent)$/.test(call))
    const failed = one.faulty.repair()
    if (failed !== undefined) {
      expect(results[0]).toMatchObject({ status: 'rejected', reason: { name: 'Error' } })
      // A failure before the write has no effect (C9). After the write only the answer is lost (C10).
      const isUsed = use !== undefined && !(failed === use && step.failure?.fault === 'not done')
      if (isUsed) expectedAnswers(family, { age, sender }, 1)
      return
    }
    const answers = results.map((result) => {
      if (result.status === 'rejected') throw result.reason
      return result.value
    })
    const expected = expectedAnswers(family, { age, sender }, times)
    await compareAnswers(family, answers, expected)
    const expectedEvents = expected.flatMap(({ events }) => events)
    expect(eventTypesSince(before).sort()).toEqual(expectedEvents.sort())
    if (expectedEvents.includes('token.reused')) expect(await isBlacklisted(family.id)).toBe(true)
  }

  const raceStep = async (family: TestedFamily, generations: number) => {
    for (let count = 0; count < generations; count += 1)
      await refreshStep(family, { does: 'refresh', family: 0, age: 0, copies: 2, sender: senders[0] })
  }

  const refusedStep = async (family: TestedFamily, does: 'refresh ahead' | 'refresh as another client') => {
    const before = events.length
    const record = await refreshTokens.find(family.id)
    if (record === undefined) throw new Error('The store lost a family.')
    if (does === 'refresh ahead') {
      const token = shared.format.write(record, record.generation + 1)
      expect(await refreshed(one, token, family.clientId)).toBe('refused')
      const expected = expectedAnswer(family, -1, senders[0], clock.now(), isOver(family))
      expect(eventTypesSince(before)).toEqual(expected.events)
    } else {
      const token = shared.format.write(record, record.generation)
      const other = clientIds.find((id) => id !== family.clientId) ?? 'strict'
      expect(await refreshed(one, token, other)).toBe('refused')
      expect(eventTypesSince(before)).toEqual([])
    }
    expect(await refreshTokens.find(family.id)).toStrictEqual(record)
  }

  const endSteps = {
    'log out': {
      end: ({ sessionId }: TestedFamily) => one.endSessions.session(sessionId),
      inModel: ({ sessionId }: TestedFamily) => {
        const ended = endListed((one) => one.sessionId === sessionId)
        sessionEnds.delete(sessionId)
        return ended
      },
    },
    revoke: {
      end: ({ id, sessionId }: TestedFamily) => one.endSessions.family({ id, sessionId }),
      inModel: (family: TestedFamily) => {
        family.isDead = true
        return [family]
      },
    },
    'sign out everywhere': {
      end: ({ userId }: TestedFamily) => one.endSessions.everythingOf(userId),
      inModel: ({ userId }: TestedFamily) => {
        const ended = endListed((one) => one.userId === userId)
        for (const family of families) if (family.userId === userId) sessionEnds.delete(family.sessionId)
        return ended
      },
    },
  }

  const endStep = async (family: TestedFamily, step: Extract<Step, { does: keyof typeof endSteps }>) => {
    const { end, inModel } = endSteps[step.does]
    if (step.failure) {
      one.faulty.failCall(step.failure.call, step.failure.fault)
      await Promise.allSettled([end(family)])
      one.faulty.repair()
    }
    // Repeating the step completes what a failure left half done.
    await end(family)
    for (const { id } of inModel(family)) expect(await isBlacklisted(id)).toBe(true)
  }

  const run = async (step: Step): Promise<void> => {
    if (step.does === 'wait') return clock.advance(step.seconds)
    if (step.does === 'sign in') return signInStep(step)
    const family = families.at(-1 - (step.family % Math.max(1, families.length)))
    if (family === undefined) return
    if (step.does === 'refresh') return refreshStep(family, step)
    if (step.does === 'race') return raceStep(family, step.generations)
    if (step.does === 'refresh ahead' || step.does === 'refresh as another client')
      return refusedStep(family, step.does)
    return endStep(family, step)
  }

  /** Compares every record, and the answer to each newest token, with the model. */
  const check = async (): Promise<void> => {
    for (const family of families) {
      const record = await refreshTokens.find(family.id)
      expect(record).toMatchObject({ expiresAt: family.endsAt, idleExpiresAt: family.idleUntil })
      expect(record?.revokedAt !== undefined).toBe(family.isDead)
      expect(record?.replays).toBe(family.replays.length)
      expect(record && isReplayedRepeatedly(record)).toBe(family.isReported)
      await refreshStep(family, { does: 'refresh', family: 0, age: 0, copies: 1, sender: senders[0] })
    }
    for (const userId of userIds) {
      const listed = (await sessions.listOfUser(userId)).map(({ id }) => id)
      const known = [...sessionEnds.keys()].filter((id) => id.startsWith(userId))
      expect(listed.sort()).toEqual(known.sort())
    }
  }

  return { run, check }
}
