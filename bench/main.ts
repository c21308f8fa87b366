// npm run bench: what the issuer does in a second, beside what this machine could do at most. Under a minute.
import { availableParallelism, cpus } from 'node:os'
import { PGlite } from '@electric-sql/pglite'
import { newInstallation } from '../harness/installation.ts'
import { postgresFolder, startPostgres } from '../harness/start-postgres.ts'
import { redisBinary, startRedis } from '../harness/start-redis.ts'
import { cpuMs } from './cpu.ts'
import { bareFastify, postgresRoundTrip, redisRoundTrip, rsaSignatureMs } from './limits.ts'
import { drive, type Measured, median, sender } from './load.ts'
import { settle } from './people.ts'
import { type Workload, workloads } from './workloads.ts'

const rounds = 3
const roundMs = 500

const row = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(36) : cell.padStart(12))).join('')

const number = (value: number): string => (value < 100 ? value.toFixed(1) : Math.round(value).toString())

const measure = async (workload: Workload, pid: number, bare: Measured): Promise<string> => {
  const measured: Measured[] = []
  const costs: number[] = []
  const rsaShares: number[] = []
  await drive({ lanes: workload.lanes, forMs: 150 }, workload.one)
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuMs(pid)
    const one = await drive({ lanes: workload.lanes, forMs: roundMs }, workload.one)
    const after = cpuMs(pid)
    if (one.count === 0) break
    measured.push(one)
    if (before === undefined || after === undefined) continue
    const cost = (after - before) / one.count
    costs.push(cost)
    // Measured beside it: what a signature costs changes with what else the machine does.
    if (workload.signatures > 0) rsaShares.push((workload.signatures * rsaSignatureMs(100)) / cost)
  }
  const of = (pick: (one: Measured) => number) => median(measured.map(pick))
  const perSecond = of((one) => one.perSecond)
  return row([
    workload.name,
    number(perSecond),
    `${number(of(({ medianMs }) => medianMs))} ms`,
    `${number(of(({ p99Ms }) => p99Ms))} ms`,
    costs.length === 0 ? '-' : `${median(costs).toFixed(2)} ms`,
    rsaShares.length === 0 ? '-' : `${Math.round(median(rsaShares) * 100)} %`,
    `${Math.round((perSecond / bare.perSecond) * 100)} %`,
  ])
}

const headings = row(['', 'per second', 'median', 'p99', 'CPU each', 'of it RSA', 'of bare'])

const benchOn = async (title: string, env: Record<string, string>, bare: Measured): Promise<void> => {
  const installation = await newInstallation(env)
  try {
    const served = await installation.serve()
    const send = sender(installation.url)
    const people = await settle(installation, send)
    console.log(`\n${title}\n${headings}`)
    for (const workload of await workloads(send, people))
      console.log(await measure(workload, served.pid, bare))
    send.close()
    await served.stop()
  } finally {
    await installation.remove()
  }
}

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} of them; Node ${process.version}`,
)
console.log('The load comes from the same machine and shares its processors.\n')

const bare = await bareFastify(1000)
const signMs = rsaSignatureMs(500)
console.log(row(['RSA-2048 signatures, one core', number(1000 / signMs), `${signMs.toFixed(2)} ms`]))
console.log(
  row(['bare Fastify', number(bare.perSecond), `${number(bare.medianMs)} ms`, `${number(bare.p99Ms)} ms`]),
)

const pglite = new PGlite()
await pglite.waitReady
const embedded = await drive({ lanes: 1, forMs: 500 }, () => pglite.query('select 1'))
await pglite.close()
console.log(row(['PGlite, one statement', number(embedded.perSecond), `${embedded.medianMs.toFixed(2)} ms`]))

await benchOn('Embedded: everything in PGlite', {}, bare)

const [postgresAt, redisAt] = [postgresFolder(), redisBinary()]
if (postgresAt === undefined || redisAt === undefined) {
  console.log('\nPostgreSQL and Redis are not on this machine; a fleet is not measured.')
} else {
  const [postgres, redis] = await Promise.all([startPostgres(postgresAt), startRedis(redisAt)])
  try {
    const one = await postgresRoundTrip(postgres.url, 500)
    const other = await redisRoundTrip(redis.url, 500)
    console.log()
    console.log(row(['PostgreSQL, one round trip', number(one.perSecond), `${one.medianMs.toFixed(2)} ms`]))
    console.log(row(['Redis, one round trip', number(other.perSecond), `${other.medianMs.toFixed(2)} ms`]))
    const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    await benchOn('One instance on PostgreSQL and Redis', env, bare)
  } finally {
    await Promise.all([postgres.stop(), redis.stop()])
  }
}
