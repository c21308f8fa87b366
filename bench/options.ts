// The options of `npm run bench`.
import { parseArgs } from 'node:util'
import { type Mode, modes } from './modes.ts'
import { type Workload, workloads } from './workloads.ts'

export interface Options {
  workloads: readonly Workload[]
  modes: readonly Mode[]
  rounds: number
  roundMs: number
  /** How often each kind of start is measured. */
  starts: number
  /** Seconds of refreshes before the memory is read. */
  holdSeconds: number
  /** The file for all results as JSON. */
  json: string | undefined
}

const pick = <Named extends { name: string }>(
  all: readonly Named[],
  option: string,
  list: string | undefined,
): readonly Named[] => {
  if (list === undefined) return all
  const names = list.split(',')
  const unknown = names.filter((name) => !all.some((one) => one.name === name))
  if (unknown.length > 0)
    throw new Error(
      `--${option} does not know ${unknown.join(', ')}. It knows ${all.map(({ name }) => name).join(', ')}.`,
    )
  return all.filter(({ name }) => names.includes(name))
}

/** @throws {Error} if an option is unknown or has a wrong value */
export const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      modes: { type: 'string' },
      minute: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  })
  // The tokens that `revoke` needs come from `code`.
  const only = values.only?.split(',').includes('revoke') ? `${values.only},code` : values.only
  return {
    workloads: pick(workloads, 'only', only),
    modes: pick(modes, 'modes', values.modes),
    ...(values.quick ? { rounds: 3, roundMs: 300, starts: 1 } : { rounds: 5, roundMs: 700, starts: 3 }),
    holdSeconds: values.minute ? 60 : 0,
    json: values.json,
  }
}
