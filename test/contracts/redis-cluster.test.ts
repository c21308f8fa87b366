// The Redis stores on a Redis Cluster, which refuses a script whose keys are in several slots.
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doWithout } from '../../harness/find-service.ts'
import { redisBinary } from '../../harness/start-redis.ts'
import { type RedisCluster, startRedisCluster } from '../../harness/start-redis-cluster.ts'
import { randomToken } from '../../src/secrets.ts'
import { newFamilyId } from '../../src/sessions/family.ts'
import type { RedisConnection } from '../../src/stores/redis/connection.ts'
import { createRedisExpiringStores } from '../../src/stores/redis/redis-stores.ts'
import type { ExpiringStores } from '../../src/stores/stores.ts'
import { newUserId } from '../../src/users/user.ts'
import { concurrently, type OpenBackend } from './expiring-backends.ts'
import { aCode, aFamily, aLinkConfirmation, at, presenting } from './records.ts'
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

  test('exactly one of 100 concurrent calls uses an id on a Redis Cluster (A4, F14)', async () => {
    for (const id of Array.from({ length: 10 }, () => randomToken())) {
      const answers = await concurrently(100, instances, ({ usedOnce }) => usedOnce.use(id, at(0), at(600)))
      expect(answers.filter((answer) => answer === 'first')).toHaveLength(1)
    }
  })

  test('exactly one of 100 concurrent calls gets a link confirmation on a Redis Cluster', async () => {
    for (const confirmation of Array.from({ length: 5 }, () => aLinkConfirmation())) {
      await instances[0].linkConfirmations.request(confirmation)
      const answers = await concurrently(100, instances, ({ linkConfirmations }) =>
        linkConfirmations.take(confirmation.idHash),
      )
      expect(answers.filter((taken) => taken !== undefined)).toHaveLength(1)
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
