// Measures the time from the start of the process to the first 200 at /readyz.
import type { Stores } from './durable-stores.ts'
import { installMode, type Mode } from './modes.ts'

export interface Starts {
  mode: string
  /** On empty stores: with all migrations and a first signing key. */
  firstMs: number[]
  /** On the same stores again. */
  laterMs: number[]
}

export const measureStarts = async (
  modes: readonly Mode[],
  times: number,
  stores: Stores | undefined,
): Promise<Starts[]> => {
  const starts = modes.map((mode): Starts => ({ mode: mode.name, firstMs: [], laterMs: [] }))
  for (let time = 0; time < times; time += 1)
    for (const [at, mode] of modes.entries()) {
      const { installation } = await installMode(mode, stores)
      for (const kind of ['firstMs', 'laterMs'] as const) {
        const served = await installation.serve()
        starts[at]?.[kind].push(served.readyMs)
        await served.stop()
      }
    }
  return starts
}
