// The Redis stores on a Redis Cluster, which refuses a script whose keys are in several slots.
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doWithout } from '../../harness/find-service.ts'
import { redisBinary } from '../../harness/start-redis.ts'
import { type RedisCluster, startRedisCluster } from '../../harness/start-redis-cluster.ts'
import { newFamilyId } from '../../src/sessions/family.ts'
import { newSessionId } from '../../src/sessions/session.ts'
import type { RedisConnection } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import type { ExpiringStores } from '../../src/stores/stores.ts'
import { newUserId } from '../../src/users/user.ts'
import { concurrently, type OpenBackend } from './expiring-backends.ts'
import { aCode, aFamily, aLinkConfirmation, anAttempt, aParkedRequest, at, presenting } from './records.ts'
import { newHistoryRun } from './refresh-history-run.ts'
import { histories } from './refresh-steps.ts'

const binary = redisBinary()
if (binary === undefined) doWithout('Redis Cluster', 'run "apt-get install redis-server"')

describe.skipIf(binary === undefined)('a Redis Cluster of three masters', () => {
  let cluster: RedisCluster
  let instances: OpenBackend['instances']

  beforeAll(async () => {
    cluster = await startRedisCluster(binary ?? '')
    const open = (): ExpiringStores => {
      const client = cluster.connect() as unknown as Redis
      const connection: RedisConnection = {
        run: (command) => command(client),
        ping: async () => {},
        close: async () => {},
      }
      return createRedisExpiringStores(connection)
    }
    instances = [open(), open()]
  })
  afterAll(() => cluster?.stop())

  test('a random refresh history gives the same result on a Redis Cluster as in the model (C1, C2, C3, C5, C6, C8, C11)', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        const history = await newHistoryRun(instances)
        for (const step of steps) await history.run(step)
        await history.check()
      }),
      { numRuns: 40 },
    )
  })

  test('exactly one of 100 concurrent redemptions of a code succeeds on a Redis Cluster (A4)', async () => {
    for (const code of Array.from({ length: 10 }, () => aCode())) {
      await instances[0].authorizationCodes.issue(code)
      const answers = await concurrently(100, instances, ({ authorizationCodes }) =>
        authorizationCodes.redeem(code.codeHash, newFamilyId(), at(1)),
      )
      expect(answers.filter(({ outcome }) => outcome === 'redeemed')).toHaveLength(1)
    }
  })

  test('exactly one of 100 concurrent calls of take gets the parked request on a Redis Cluster', async () => {
    for (const request of Array.from({ length: 10 }, () => aParkedRequest())) {
      await instances[0].parkedRequests.park(request)
      expect(await instances[0].parkedRequests.consent(request.idHash, newSessionId('u'))).toBe(true)
      const answers = await concurrently(100, instances, ({ parkedRequests }) =>
        parkedRequests.take(request.idHash),
      )
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1)
    }
  })

  test('exactly one of 100 concurrent calls gets an upstream attempt or a link confirmation on a Redis Cluster (F14)', async () => {
    for (const attempt of Array.from({ length: 5 }, () => anAttempt())) {
      await instances[0].upstreamAttempts.begin(attempt)
      const answers = await concurrently(100, instances, ({ upstreamAttempts }) =>
        upstreamAttempts.take(attempt.stateHash, attempt),
      )
      expect(answers.filter(({ outcome }) => outcome === 'taken')).toHaveLength(1)
      const confirmation = aLinkConfirmation()
      await instances[0].upstreamAttempts.requestConfirmation(confirmation)
      const confirmations = await concurrently(100, instances, ({ upstreamAttempts }) =>
        upstreamAttempts.takeConfirmation(confirmation.idHash),
      )
      expect(confirmations.filter((taken) => taken !== undefined)).toHaveLength(1)
    }
  })

  test('100 concurrent uses of several budgets get no more than the burst on a Redis Cluster (F4)', async () => {
    for (const name of ['a', 'b', 'c', '{d}', '}e{']) {
      const budgets = ['own', 'network'].map((kind) => ({
        key: `${kind}:${name}`,
        burst: 3,
        refillSeconds: 9,
      }))
      const knownNetwork = { userId: newUserId(), network: name, budgets }
      const answers = await concurrently(100, instances, ({ throttle }) =>
        throttle.take({ budgets, knownNetwork }, at(0)),
      )
      expect(answers.filter(({ outcome }) => outcome === 'taken')).toHaveLength(3)
    }
  })

  test('records are spread over all masters of a Redis Cluster, and no command searches for keys (C13)', async () => {
    for (const family of Array.from({ length: 100 }, () => aFamily())) {
      await instances[0].refreshTokens.start(family)
      expect(await instances[0].refreshTokens.rotate(family.id, presenting(0, 1))).toBe('rotated')
    }
    for (const master of cluster.masters) {
      expect(await master.dbsize()).toBeGreaterThan(10)
      const stats = await master.info('commandstats')
      const commands = [...stats.matchAll(/^cmdstat_([a-z]+)/gm)].map(([, name]) => name)
      expect(commands).toContain('evalsha')
      for (const command of ['keys', 'scan', 'hscan', 'zscan', 'sort', 'randomkey', 'flushdb', 'flushall'])
        expect(commands).not.toContain(command)
    }
  })
})
