// What this machine can do at most, measured in the same run: everything else is said as a share of it.
import { spawn } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import pg from 'pg'
import { connections, drive, type Measured, sender } from './load.ts'

/** Milliseconds of processor time that an RSA-2048 signature of a token's length takes. */
export const rsaSignatureMs = (forMs: number): number => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = Buffer.alloc(700, 'x')
  const [begin, before] = [performance.now(), process.cpuUsage()]
  let count = 0
  for (; performance.now() - begin < forMs; count += 1) sign('RSA-SHA256', text, privateKey)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / count
}

/** Fastify that says hello, in a process of its own as the issuer is. */
export const bareFastify = async (forMs: number): Promise<Measured> => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('hello.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const origin = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (said: Buffer) => resolve(said.toString().trim()))
      child.once('exit', () => reject(new Error('The bare server ended.')))
    })
    const send = sender(origin)
    const once = () => send({ method: 'GET', path: '/' })
    await drive({ lanes: connections, forMs: 200 }, once)
    const measured = await drive({ lanes: connections, forMs }, once)
    send.close()
    return measured
  } finally {
    child.kill()
  }
}

/** One statement that finds nothing, there and back, one after the other. */
export const postgresRoundTrip = async (url: string, forMs: number): Promise<Measured> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const measured = await drive({ lanes: 1, forMs }, () => client.query({ name: 'one', text: 'select 1' }))
  await client.end()
  return measured
}

export const redisRoundTrip = async (url: string, forMs: number): Promise<Measured> => {
  const redis = new Redis(url)
  const measured = await drive({ lanes: 1, forMs }, () => redis.get('nothing'))
  redis.disconnect()
  return measured
}
