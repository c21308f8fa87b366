// Measures the workloads in rounds. Each round visits every workload on every mode, so that other work on the
// machine disturbs all of them alike.
import type { Stores } from './durable-stores.ts'
import { rsaLimit, rsaSignatureMs } from './limits.ts'
import { generateLoad, quantile, type Task } from './load.ts'
import type { Mode } from './modes.ts'
import { treeCpuMs } from './process-tree.ts'
import type { Workload } from './workloads.ts'

/** A running issuer. */
export interface Target {
  mode: Mode
  url: string
  pid: number
  database: string | undefined
  /** By the name of the workload. */
  tasks: ReadonlyMap<string, Task>
}

export interface Measurement {
  workload: string
  mode: string
  count: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  issuerCpuMs: number
  storesCpuMs: number
  generatorCpuMs: number
  /** Measured right before, because the cost of a signature changes with the load of the machine. */
  signatureMs: number
  redisReads: number | undefined
  statements: number | undefined
}

export interface Limits {
  /** Signatures in each second on all cores. */
  rsa: number[]
  /** Requests in each second of the minimal Fastify server. */
  fastify: number[]
}

const countersOf = async ({ database }: Target, stores: Stores | undefined) =>
  database === undefined || stores === undefined
    ? { reads: undefined, statements: undefined }
    : { reads: await stores.redis.reads(), statements: await stores.postgres.statements(database) }

const difference = (after: number | undefined, before: number | undefined) =>
  after === undefined || before === undefined ? undefined : after - before

export const measure = async (
  target: Target,
  { name, lanes }: Pick<Workload, 'name' | 'lanes'>,
  forMs: number,
  { stores, signatureMs }: { stores: Stores | undefined; signatureMs: number },
): Promise<Measurement> => {
  const task = target.tasks.get(name)
  if (task === undefined) throw new Error(`The workload ${name} was not prepared.`)
  const storePids = target.mode.fleet && stores ? [stores.postgres.pid, stores.redis.pid] : []
  const counters = await countersOf(target, stores)
  const [issuerBefore, storesBefore] = [treeCpuMs([target.pid]), treeCpuMs(storePids)]
  const load = await generateLoad({ origin: target.url, lanes, forMs }, task)
  const [issuerAfter, storesAfter] = [treeCpuMs([target.pid]), treeCpuMs(storePids)]
  const countersAfter = await countersOf(target, stores)
  return {
    workload: name,
    mode: target.mode.name,
    count: load.count,
    perSecond: load.count / load.seconds,
    p50Ms: quantile(load.times, 0.5),
    p99Ms: quantile(load.times, 0.99),
    issuerCpuMs: issuerAfter - issuerBefore,
    storesCpuMs: storesAfter - storesBefore,
    generatorCpuMs: load.generatorCpuMs,
    signatureMs,
    redisReads: difference(countersAfter.reads, counters.reads),
    statements: difference(countersAfter.statements, counters.statements),
  }
}

export const measureInRounds = async (
  targets: readonly Target[],
  workloads: readonly Workload[],
  { rounds, roundMs, hello }: { rounds: number; roundMs: number; hello: { origin: string; task: Task } },
  stores: Stores | undefined,
): Promise<{ measurements: Measurement[]; limits: Limits }> => {
  const measurements: Measurement[] = []
  const limits: Limits = { rsa: [], fastify: [] }
  // Round 0 only warms up the code of the servers.
  for (let round = 0; round <= rounds; round += 1) {
    process.stderr.write(round === 0 ? 'Warming up …\n' : `Round ${round} of ${rounds} …\n`)
    const baseline = await generateLoad({ origin: hello.origin, lanes: 16, forMs: roundMs }, hello.task)
    if (round > 0) {
      limits.fastify.push(baseline.count / baseline.seconds)
      limits.rsa.push(await rsaLimit())
    }
    for (const workload of workloads) {
      const signatureMs = rsaSignatureMs(100)
      for (const target of targets) {
        const measured = await measure(target, workload, roundMs, { stores, signatureMs })
        if (round > 0 && measured.count > 0) measurements.push(measured)
      }
    }
  }
  return { measurements, limits }
}

/** Measures each workload once on one connection. */
export const measureAlone = async (
  targets: readonly Target[],
  workloads: readonly Workload[],
  forMs: number,
  stores: Stores | undefined,
): Promise<Measurement[]> => {
  process.stderr.write('One connection …\n')
  const measurements: Measurement[] = []
  for (const { name } of workloads)
    for (const target of targets) {
      const measured = await measure(target, { name, lanes: 1 }, forMs, { stores, signatureMs: 0 })
      if (measured.count > 0) measurements.push(measured)
    }
  return measurements
}
