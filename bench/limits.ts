// Measures the limits of this machine. The benchmark reports its results as a share of them.
import { execFile, spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { onPath } from '../harness/process.ts'
import { median } from './load.ts'
import { stopLater } from './stop-list.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const text = Buffer.alloc(700, 'x')

/** The processor time, in milliseconds, of one RSA-2048 signature over a text as long as a token. */
export const rsaSignatureMs = (forMs: number): number => {
  const [begin, before] = [performance.now(), process.cpuUsage()]
  let count = 0
  for (; performance.now() - begin < forMs; count += 1) sign('RSA-SHA256', text, privateKey)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}

const opensslRate = async (openssl: string, cores: number): Promise<number> => {
  const args = ['speed', '-multi', String(cores), '-seconds', '1', 'rsa2048']
  const { stdout } = await promisify(execFile)(openssl, args, { timeout: 30_000 })
  const columns = /^rsa +2048 bits +(.+)$/m.exec(stdout)?.[1]?.split(/\s+/) ?? []
  // First the seconds of each operation, then the operations in each second. Signing is the first operation.
  return Number(columns.find((column) => !column.endsWith('s')))
}

const signingThread = `
  const { sign, generateKeyPairSync } = require('node:crypto')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const begin = performance.now()
  let count = 0
  for (; performance.now() - begin < 1000; count += 1) sign('RSA-SHA256', Buffer.alloc(700), privateKey)
  require('node:worker_threads').parentPort.postMessage((count * 1000) / (performance.now() - begin))`

const nodeRate = async (cores: number): Promise<number> => {
  const rates = Array.from(
    { length: cores },
    () =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker(signingThread, { eval: true })
        worker.once('message', resolve)
        worker.once('error', reject)
      }),
  )
  return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0)
}

const openssl = onPath('openssl')
export const rsaLimitTool = openssl ? 'openssl speed -multi' : 'threads of Node'

/** RSA-2048 signatures in each second on all cores, while nothing else runs. */
export const rsaLimit = (): Promise<number> => {
  const cores = availableParallelism()
  return openssl ? opensslRate(openssl, cores) : nodeRate(cores)
}

/** The median time of a small write and its fsync, in the folder in which the stores keep their files. */
export const fsyncMs = (): number => {
  const file = join(tmpdir(), `dojang-bench-fsync-${process.pid}`)
  const handle = openSync(file, 'w')
  try {
    return median(
      Array.from({ length: 100 }, () => {
        const start = performance.now()
        writeSync(handle, text)
        fsyncSync(handle)
        return performance.now() - start
      }),
    )
  } finally {
    closeSync(handle)
    rmSync(file)
  }
}

/** Starts a minimal Fastify server in its own process and returns its address. */
export const startMinimalFastify = async (): Promise<string> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('hello.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  stopLater(() => child.kill())
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
    child.once('exit', () => reject(new Error('The minimal Fastify server ended before it listened.')))
  })
}
