// Measures the limits of this machine. The benchmark reports its results as a share of them.
import { spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import pg from 'pg'
import { connections, createSender, generateLoad, type Measured } from './load.ts'

/** Measures the processor time, in milliseconds, of one RSA-2048 signature over a text as long as a token. */
export const rsaSignatureMs = (forMs: number): number => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = Buffer.alloc(700, 'x')
  const [begin, before] = [performance.now(), process.cpuUsage()]
  let count = 0
  for (; performance.now() - begin < forMs; count += 1) sign('RSA-SHA256', text, privateKey)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}

/** Measures requests to a minimal Fastify server, which runs in its own process like the issuer. */
export const minimalFastify = async (forMs: number): Promise<Measured> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('hello.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const origin = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
      child.once('exit', () =>
        reject(new Error('The minimal Fastify server exited before it printed its address.')),
      )
    })
    const send = createSender(origin)
    const hello = () => send({ method: 'GET', path: '/' })
    await generateLoad({ lanes: connections, forMs: 200 }, hello)
    const measured = await generateLoad({ lanes: connections, forMs }, hello)
    send.close()
    return measured
  } finally {
    child.kill()
  }
}

/** Measures round trips of `select 1`, one at a time over one connection. */
export const postgresRoundTrip = async (url: string, forMs: number): Promise<Measured> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const measured = await generateLoad({ lanes: 1, forMs }, () =>
    client.query({ name: 'one', text: 'select 1' }),
  )
  await client.end()
  return measured
}

/** Measures round trips that read a missing key, one at a time over one connection. */
export const redisRoundTrip = async (url: string, forMs: number): Promise<Measured> => {
  const redis = new Redis(url)
  const measured = await generateLoad({ lanes: 1, forMs }, () => redis.get('nothing'))
  redis.disconnect()
  return measured
}
