// npm run bench: measures how many requests per second the issuer answers, in about a minute.
// It compares the results with the limits of this machine.
import { availableParallelism, cpus } from 'node:os'
import { newInstallation } from '../harness/installation.ts'
import { postgresFolder, startPostgres } from '../harness/start-postgres.ts'
import { redisBinary, startRedis } from '../harness/start-redis.ts'
import { cpuMs } from './cpu.ts'
import { minimalFastify, postgresRoundTrip, redisRoundTrip, rsaSignatureMs } from './limits.ts'
import { createSender, generateLoad, type Measured, median } from './load.ts'
import { createUsers } from './users.ts'
import { type Workload, workloads } from './workloads.ts'

const rounds = 3
const roundMs = 500

const row = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(36) : cell.padStart(12))).join('')

const number = (value: number): string => (value < 100 ? value.toFixed(1) : Math.round(value).toString())

const measure = async (workload: Workload, pid: number, fastify: Measured): Promise<string> => {
  const measured: Measured[] = []
  const costs: number[] = []
  const rsaShares: number[] = []
  await generateLoad({ lanes: workload.lanes, forMs: 150 }, workload.run)
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuMs(pid)
    const loaded = await generateLoad({ lanes: workload.lanes, forMs: roundMs }, workload.run)
    const after = cpuMs(pid)
    if (loaded.count === 0) break
    measured.push(loaded)
    if (before === undefined || after === undefined) continue
    const cost = (after - before) / loaded.count
    costs.push(cost)
    // Measured in every round, because the cost of a signature changes with the load of the machine.
    if (workload.signatures > 0) rsaShares.push((workload.signatures * rsaSignatureMs(100)) / cost)
  }
  const medianOf = (pick: (round: Measured) => number) => median(measured.map(pick))
  const perSecond = medianOf((round) => round.perSecond)
  return row([
    workload.name,
    number(perSecond),
    `${number(medianOf(({ medianMs }) => medianMs))} ms`,
    `${number(medianOf(({ p99Ms }) => p99Ms))} ms`,
    costs.length === 0 ? '-' : `${median(costs).toFixed(2)} ms`,
    rsaShares.length === 0 ? '-' : `${Math.round(median(rsaShares) * 100)} %`,
    `${Math.round((perSecond / fastify.perSecond) * 100)} %`,
  ])
}

const headings = row(['', 'per second', 'median', 'p99', 'CPU/request', 'RSA share', 'of Fastify'])

const benchOn = async (title: string, env: Record<string, string>, fastify: Measured): Promise<void> => {
  const installation = await newInstallation(env)
  try {
    const served = await installation.serve()
    const send = createSender(installation.url)
    const users = await createUsers(installation, send)
    console.log(`\n${title}\n${headings}`)
    for (const workload of await workloads(send, users))
      console.log(await measure(workload, served.pid, fastify))
    send.close()
    await served.stop()
  } finally {
    await installation.remove()
  }
}

console.log(`${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`)
console.log('The load generator runs on this machine too and uses its processors.\n')

const fastify = await minimalFastify(1000)
const signMs = rsaSignatureMs(500)
console.log(row(['RSA-2048 signatures, one core', number(1000 / signMs), `${signMs.toFixed(2)} ms`]))
console.log(
  row([
    'minimal Fastify server',
    number(fastify.perSecond),
    `${number(fastify.medianMs)} ms`,
    `${number(fastify.p99Ms)} ms`,
  ]),
)

await benchOn('Embedded: everything in SQLite', {}, fastify)

const [postgresAt, redisAt] = [postgresFolder(), redisBinary()]
if (postgresAt === undefined || redisAt === undefined) {
  console.log(
    '\nSkipped: one instance on PostgreSQL and Redis. Their programs are not installed on this machine.',
  )
} else {
  const [postgres, redis] = await Promise.all([startPostgres(postgresAt), startRedis(redisAt)])
  try {
    const postgresTrip = await postgresRoundTrip(postgres.url, 500)
    const redisTrip = await redisRoundTrip(redis.url, 500)
    console.log()
    console.log(
      row([
        'PostgreSQL, one round trip',
        number(postgresTrip.perSecond),
        `${postgresTrip.medianMs.toFixed(2)} ms`,
      ]),
    )
    console.log(
      row(['Redis, one round trip', number(redisTrip.perSecond), `${redisTrip.medianMs.toFixed(2)} ms`]),
    )
    const env = { DATABASE_URL: postgres.url, REDIS_URL: redis.url }
    await benchOn('One instance on PostgreSQL and Redis', env, fastify)
  } finally {
    await Promise.all([postgres.stop(), redis.stop()])
  }
}
