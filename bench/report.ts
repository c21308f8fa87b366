// Prints the results of `npm run bench`.
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { postgresSettings, redisSettings } from './durable-stores.ts'
import { fsyncMs, rsaLimitTool, rsaSignatureMs } from './limits.ts'
import { median, quantile } from './load.ts'
import type { MemoryRow } from './memory.ts'
import type { Limits, Measurement } from './rounds.ts'
import type { Starts } from './starts.ts'
import type { Row } from './summary.ts'
import { percent, printTable } from './table.ts'
import type { Workload } from './workloads.ts'

/** Describes the machine and the settings, without which the numbers mean nothing. */
export const printMachine = (): void => {
  const model = cpus()[0]?.model ?? 'unknown processor'
  console.log(`${availableParallelism()} x ${model}, Node ${process.version}`)
  console.log(`Load average before the run: ${loadavg()[0]?.toFixed(2)}. The load generator, the stores and`)
  console.log('the server share the processors of this machine.')
  console.log('SQLite: synchronous=FULL, WAL (as shipped).')
  console.log(`PostgreSQL: ${postgresSettings}, with pg_stat_statements if it is installed.`)
  console.log(`Redis: ${redisSettings}.`)
  console.log(`One write with fsync in ${tmpdir()}: ${fsyncMs().toFixed(2)} ms.`)
  console.log(`One RSA-2048 signature in Node: ${rsaSignatureMs(300).toFixed(3)} ms of processor time.`)
}

const spread = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  return [quantile(sorted, 1), median(sorted), quantile(sorted, 0)]
}

export const printLimits = ({ rsa, fastify }: Limits): void =>
  printTable(
    'Limits of this machine (per second)',
    ['', 'highest', 'median', 'lowest'],
    [
      [`RSA-2048 signatures, all cores (${rsaLimitTool})`, ...spread(rsa)],
      ['minimal Fastify server, one process', ...spread(fastify)],
    ],
  )

export const printWorkloads = (workloads: readonly Workload[], rows: readonly Row[]): void => {
  for (const { name, title, lanes, signatures } of workloads)
    printTable(
      `${name}: ${title} (${lanes} connections, ${signatures} signatures)`,
      [
        'mode',
        'per second',
        'p50 ms',
        'p99 ms',
        'CPU ms',
        'stores CPU ms',
        'CPU in signatures',
        'of RSA limit',
        'of Fastify',
        'against first',
        'Redis reads',
        'SQL statements',
        'generator CPU ms',
      ],
      rows
        .filter(({ workload }) => workload === name)
        .map((row) => [
          row.mode,
          row.perSecond,
          row.p50Ms,
          row.p99Ms,
          row.issuerCpuMs.toFixed(3),
          row.storesCpuMs.toFixed(3),
          row.cpuInSignatures,
          percent(row.ofRsaLimit),
          percent(row.ofFastify),
          row.againstFirstMode,
          row.redisReads,
          row.statements,
          row.generatorCpuMs.toFixed(3),
        ]),
    )
}

/** Requests that run alone. Only here a read by Redis is one round trip of one request. */
export const printAlone = (measurements: readonly Measurement[]): void =>
  printTable(
    'One connection: no request waits for another one',
    ['', 'mode', 'p50 ms', 'p99 ms', 'Redis round trips', 'SQL statements'],
    measurements.map((measured) => {
      const each = (total: number | undefined) => (total === undefined ? undefined : total / measured.count)
      const { workload, mode, p50Ms, p99Ms, redisReads, statements } = measured
      return [workload, mode, p50Ms, p99Ms, each(redisReads), each(statements)]
    }),
  )

export const printMemory = (rows: readonly MemoryRow[], holdSeconds: number): void => {
  const after = holdSeconds > 0 ? `after ${holdSeconds} s of refreshes` : 'after the load'
  const whole = (values: readonly number[]) => values.map((value) => Math.round(value)).join(' + ')
  printTable(
    `Memory in MB, ${after}`,
    ['', 'RSS', 'PSS', 'RSS of each process', 'peak of each process'],
    rows.map(({ name, processes }) => [
      name,
      Math.round(processes.reduce((sum, { rssMb }) => sum + rssMb, 0)),
      Math.round(processes.reduce((sum, { pssMb }) => sum + pssMb, 0)),
      processes.length > 6 ? `${processes.length} processes` : whole(processes.map(({ rssMb }) => rssMb)),
      processes.length > 6 ? '' : whole(processes.map(({ peakMb }) => peakMb)),
    ]),
  )
}

export const printStarts = (starts: readonly Starts[]): void =>
  printTable(
    'Start of the process to the first 200 at /readyz, in ms (median)',
    ['', 'empty stores', 'existing stores'],
    starts.map(({ mode, firstMs, laterMs }) => [
      mode,
      Math.round(median(firstMs)),
      Math.round(median(laterMs)),
    ]),
  )
