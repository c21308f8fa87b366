// Turns the measurements of all rounds into one row for each workload and mode.
import { median } from './load.ts'
import type { Limits, Measurement } from './rounds.ts'
import type { Workload } from './workloads.ts'

export interface Row {
  workload: string
  mode: string
  /** Medians of the rounds. */
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Processor time of one request, over all rounds: issuer with workers, stores, load generator. */
  issuerCpuMs: number
  storesCpuMs: number
  generatorCpuMs: number
  /** The issuer's processor time, as a number of RSA signatures. */
  cpuInSignatures: number
  /**
   * Shares of the limits of the machine: the highest ones of all rounds, because other work only lowers them.
   * Undefined if the workload signs nothing.
   */
  ofRsaLimit: number | undefined
  ofFastify: number
  /** Requests in each second compared with the first mode in the same round. */
  againstFirstMode: number
  redisReads: number | undefined
  statements: number | undefined
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const perRequest = (rounds: readonly Measurement[], pick: (round: Measurement) => number | undefined) => {
  const values = rounds.map(pick).filter((value) => value !== undefined)
  return values.length < rounds.length ? undefined : sum(values) / sum(rounds.map(({ count }) => count))
}

const rowOf = (
  { name, signatures }: Workload,
  mode: string,
  rounds: readonly Measurement[],
  first: readonly Measurement[],
  limits: Limits,
): Row => {
  const medianOf = (pick: (round: Measurement) => number) => median(rounds.map(pick))
  const perSecond = medianOf((round) => round.perSecond)
  const issuerCpuMs = perRequest(rounds, (round) => round.issuerCpuMs) ?? 0
  return {
    workload: name,
    mode,
    perSecond,
    p50Ms: medianOf((round) => round.p50Ms),
    p99Ms: medianOf((round) => round.p99Ms),
    issuerCpuMs,
    storesCpuMs: perRequest(rounds, (round) => round.storesCpuMs) ?? 0,
    generatorCpuMs: perRequest(rounds, (round) => round.generatorCpuMs) ?? 0,
    cpuInSignatures: issuerCpuMs / medianOf((round) => round.signatureMs),
    ofRsaLimit: signatures > 0 ? (perSecond * signatures) / Math.max(...limits.rsa) : undefined,
    ofFastify: perSecond / Math.max(...limits.fastify),
    againstFirstMode: median(
      rounds.flatMap((round, at) => {
        const other = first[at]
        return other ? round.perSecond / other.perSecond : []
      }),
    ),
    redisReads: perRequest(rounds, (round) => round.redisReads),
    statements: perRequest(rounds, (round) => round.statements),
  }
}

export const summarize = (
  workloads: readonly Workload[],
  modes: readonly string[],
  measurements: readonly Measurement[],
  limits: Limits,
): Row[] =>
  workloads.flatMap((workload) => {
    const of = (mode: string | undefined) =>
      measurements.filter((round) => round.workload === workload.name && round.mode === mode)
    const first = of(modes[0])
    return modes.flatMap((mode) => {
      const rounds = of(mode)
      return rounds.length === 0 ? [] : rowOf(workload, mode, rounds, first, limits)
    })
  })
