// npm run bench: measures how many requests the issuer answers in each second, and what one request costs.
// bench/README.md explains the output.
import { writeFileSync } from 'node:fs'
import { requestText } from './connection.ts'
import { type Stores, startStores } from './durable-stores.ts'
import { startMinimalFastify } from './limits.ts'
import { readMemory } from './memory.ts'
import { installMode, type Mode } from './modes.ts'
import { type Options, readOptions } from './options.ts'
import { printAlone, printLimits, printMachine, printMemory, printStarts, printWorkloads } from './report.ts'
import { measureAlone, measureInRounds, type Target } from './rounds.ts'
import { measureStarts } from './starts.ts'
import { runAndStop } from './stop-list.ts'
import { summarize } from './summary.ts'
import { createUsers } from './users.ts'
import type { Pool, Workload } from './workloads.ts'

/** Starts the issuer in a mode and prepares every workload. */
const startTarget = async (
  mode: Mode,
  workloads: readonly Workload[],
  stores: Stores | undefined,
): Promise<Target> => {
  process.stderr.write(`Starting ${mode.name} …\n`)
  const { installation, database } = await installMode(mode, stores)
  const { pid } = await installation.serve()
  const users = await createUsers(installation)
  const pool: Pool = { refreshTokens: [], codes: 0 }
  const tasks = new Map()
  for (const { name, prepare } of workloads) tasks.set(name, await prepare(installation.url, users, pool))
  return { mode, url: installation.url, pid, database, tasks }
}

const bench = async (options: Options): Promise<void> => {
  const { workloads, rounds, roundMs, holdSeconds } = options
  printMachine()
  const stores = options.modes.some(({ fleet }) => fleet) ? await startStores() : undefined
  const modes = options.modes.filter(({ fleet }) => !fleet || stores !== undefined)
  if (modes.length < options.modes.length)
    console.log('Skipped: PostgreSQL and Redis. Their programs are not on this machine.')

  const hello = await startMinimalFastify()
  const request = requestText('GET', '/')
  const targets: Target[] = []
  for (const mode of modes) targets.push(await startTarget(mode, workloads, stores))
  const { measurements, limits } = await measureInRounds(
    targets,
    workloads,
    { rounds, roundMs, hello: { origin: hello, task: (connection) => connection.send(request) } },
    stores,
  )
  const rows = summarize(
    workloads,
    modes.map(({ name }) => name),
    measurements,
    limits,
  )
  const alone = await measureAlone(targets, workloads, roundMs, stores)
  const memory = await readMemory(targets, workloads[0]?.name ?? '', holdSeconds, stores)
  const starts = await measureStarts(modes, options.starts, stores)

  printLimits(limits)
  printWorkloads(workloads, rows)
  printAlone(alone)
  printMemory(memory, holdSeconds)
  printStarts(starts)
  if (options.json !== undefined)
    writeFileSync(
      options.json,
      JSON.stringify({ limits, rows, alone, memory, starts, measurements }, undefined, 2),
    )
}

const options = readOptions()
await runAndStop(20, () => bench(options))
