// npm run bench:scale: fills each kind of store with more and more refresh-token families. It measures the
// bytes of a family and the refreshes of random families.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Stores, startStores } from './durable-stores.ts'
import { rsaSignatureMs } from './limits.ts'
import { generateLoad, median, quantile, type Task } from './load.ts'
import { treeCpuMs } from './process-tree.ts'
import { printMachine } from './report.ts'
import { checkFilled, fillUsers, type Range } from './scale-fill.ts'
import { clientId, createRecords, type Records } from './scale-records.ts'
import { createRandomRefresh } from './scale-refresh.ts'
import { type Opened, type ScaleStore, type Sizes, scaleStores } from './scale-stores.ts'
import { runAndStop } from './stop-list.ts'
import { printTable } from './table.ts'

const lanes = 16
const rounds = 5
const roundMs = 1000

interface ScaleRow {
  store: string
  families: number
  bytesPerFamily: number
  bytesPerSession: number
  totalBytes: number
  fillSeconds: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  issuerCpuMs: number
  storesCpuMs: number
  cpuInSignatures: number
}

/** Writes the records. Returns the bytes that were added. */
const fill = async (opened: Opened, records: Records, range: Range): Promise<Sizes> => {
  const { db, sizes, total } = opened
  const filler = opened.filler(records)
  await fillUsers(db, records, range)
  const steps: number[] = [await total()]
  const before = await sizes?.()
  for (const step of [filler.sessions, filler.families]) {
    await step(range)
    steps.push(await total())
  }
  await opened.settle()
  const after = await sizes?.()
  if (before && after)
    return { families: after.families - before.families, sessions: after.sessions - before.sessions }
  const [start = 0, withSessions = 0, withFamilies = 0] = steps
  return { families: withFamilies - withSessions, sessions: withSessions - start }
}

/** Refreshes random families. The first refresh also proves that the filled records are right. */
const measureRefreshes = async ({ installation, storePids }: ScaleStore, task: Task) => {
  const served = await installation.serve()
  const load = (forMs: number) => generateLoad({ origin: installation.url, lanes, forMs }, task)
  await load(roundMs)
  const loads: Awaited<ReturnType<typeof load>>[] = []
  const signatures: number[] = []
  let [issuerCpuMs, storesCpuMs] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    signatures.push(rsaSignatureMs(100))
    const [issuer, stores] = [treeCpuMs([served.pid]), treeCpuMs(storePids)]
    loads.push(await load(roundMs))
    issuerCpuMs += treeCpuMs([served.pid]) - issuer
    storesCpuMs += treeCpuMs(storePids) - stores
  }
  await served.stop()
  const count = loads.reduce((sum, load) => sum + load.count, 0)
  return {
    perSecond: median(loads.map((load) => load.count / load.seconds)),
    p50Ms: median(loads.map(({ times }) => quantile(times, 0.5))),
    p99Ms: median(loads.map(({ times }) => quantile(times, 0.99))),
    issuerCpuMs: issuerCpuMs / count,
    storesCpuMs: storesCpuMs / count,
    cpuInSignatures: issuerCpuMs / count / median(signatures),
  }
}

const measureStore = async (store: ScaleStore, sizes: readonly number[]): Promise<ScaleRow[]> => {
  const { installation } = store
  // The first start creates the tables and the keys.
  await (await installation.serve()).stop()
  const client = await installation.dojang([
    ...['clients', 'create', '--id', clientId, '--redirect-uri', 'https://app.example/callback'],
    ...['--scope', 'offline_access'],
  ])
  const { client_secret: secret } = client as { client_secret: string }
  const records = createRecords(new Date())
  const refreshOf = await createRandomRefresh(installation.keysDir, secret, records)

  const rows: ScaleRow[] = []
  const bytes: Sizes = { families: 0, sessions: 0 }
  let from = 0
  for (const families of sizes) {
    process.stderr.write(`${store.name}: filling up to ${families} families …\n`)
    const begin = performance.now()
    const opened = await store.open()
    const added = await fill(opened, records, { from, to: families })
    await checkFilled(opened.ports, records, families - 1)
    const totalBytes = await opened.total()
    await opened.close()
    const fillSeconds = (performance.now() - begin) / 1000
    bytes.families += added.families
    bytes.sessions += added.sessions
    from = families
    rows.push({
      store: store.name,
      families,
      bytesPerFamily: bytes.families / families,
      bytesPerSession: bytes.sessions / families,
      totalBytes,
      fillSeconds,
      ...(await measureRefreshes(store, refreshOf(families, lanes))),
    })
  }
  return rows
}

const sizeOf = (text: string): number => {
  const [, digits, unit = ''] = /^(\d+)([kM]?)$/.exec(text) ?? []
  const size = Number(digits) * ({ '': 1, k: 1000, M: 1_000_000 }[unit] ?? Number.NaN)
  // Below this number two lanes would use the same family.
  if (size >= 100) return size
  throw new Error(`--sizes does not know ${text}. Use numbers from 100, such as 1k,100k,1M.`)
}

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1k,100k,1M' },
    stores: { type: 'string', default: Object.keys(scaleStores).join(',') },
    json: { type: 'string' },
  },
})
const sizes = values.sizes
  .split(',')
  .map(sizeOf)
  .sort((a, b) => a - b)

const scale = async (): Promise<void> => {
  printMachine()
  const stores: Stores | undefined = await startStores()
  if (stores === undefined) throw new Error('The programs of PostgreSQL and Redis are not on this machine.')
  const rows: ScaleRow[] = []
  for (const name of values.stores.split(',')) {
    const create = scaleStores[name]
    if (create === undefined)
      throw new Error(`--stores does not know ${name}. It knows ${Object.keys(scaleStores).join(', ')}.`)
    rows.push(...(await measureStore(await create(stores), sizes)))
  }
  printTable(
    `Refresh of random families (${lanes} connections). Each session has one family.`,
    [
      'store',
      'families',
      'bytes per family',
      'bytes per session',
      'whole store MB',
      'filled in s',
      'refreshes per second',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'stores CPU ms',
      'CPU in signatures',
    ],
    rows.map((row) => [
      row.store,
      row.families,
      Math.round(row.bytesPerFamily),
      Math.round(row.bytesPerSession),
      row.totalBytes / 1e6,
      row.fillSeconds,
      row.perSecond,
      row.p50Ms,
      row.p99Ms,
      row.issuerCpuMs.toFixed(3),
      row.storesCpuMs.toFixed(3),
      row.cpuInSignatures,
    ]),
  )
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(rows, undefined, 2))
}

await runAndStop(30, scale)
