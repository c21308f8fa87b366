// A temporary Redis Cluster from the binary of this machine: three masters, each with a third of the slots.
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis } from 'ioredis'
import { randomToken } from '../src/secrets.ts'
import { freePort } from './free-port.ts'
import type { Service } from './process.ts'
import { startRedis } from './start-redis.ts'

export interface RedisCluster {
  masters: readonly Redis[]
  connect(): Cluster
  stop(): Promise<void>
}

const slots = 16_384

export const startRedisCluster = async (binary: string, size = 3): Promise<RedisCluster> => {
  const password = randomToken(16)
  const busPorts = await Promise.all(Array.from({ length: size }, freePort))
  const started = await Promise.allSettled(
    busPorts.map((port) =>
      startRedis(binary, {
        password,
        settings: [
          'cluster-enabled yes',
          'cluster-config-file nodes.conf',
          'cluster-announce-ip 127.0.0.1',
          `cluster-port ${port}`,
          'databases 1',
        ],
      }),
    ),
  )
  const services = started.flatMap((start): Service[] => (start.status === 'fulfilled' ? [start.value] : []))
  const masters = services.map(({ url }) => new Redis(url))
  const clients: Cluster[] = []
  const stop = async () => {
    for (const client of [...clients, ...masters]) client.disconnect()
    await Promise.all(services.map((service) => service.stop()))
  }
  try {
    const failed = started.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    const ports = services.map(({ url }) => Number(new URL(url).port))
    const [first] = masters
    for (const [at, master] of masters.entries()) {
      const from = Math.floor((slots * at) / size)
      const to = Math.floor((slots * (at + 1)) / size) - 1
      await master.call('CLUSTER', 'ADDSLOTSRANGE', from, to)
      await master.call('CLUSTER', 'SET-CONFIG-EPOCH', at + 1)
      if (at > 0) await first?.call('CLUSTER', 'MEET', '127.0.0.1', ports[at] ?? 0, busPorts[at] ?? 0)
    }
    const agree = async () => {
      const infos = await Promise.all(masters.map((master) => master.call('CLUSTER', 'INFO')))
      return infos.every(
        (info) => /cluster_state:ok/.test(String(info)) && String(info).includes(`cluster_size:${size}`),
      )
    }
    for (let attempt = 0; !(await agree()); attempt += 1) {
      if (attempt === 200) throw new Error('The Redis Cluster was not ready within 10 seconds.')
      await sleep(50)
    }
    return {
      masters,
      stop,
      connect: () => {
        const client = new Cluster(
          ports.map((port) => ({ host: '127.0.0.1', port })),
          { redisOptions: { password } },
        )
        clients.push(client)
        return client
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
