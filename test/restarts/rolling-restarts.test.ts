// Two instances behind a load balancer restart in turn while requests run. No request may fail.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doWithout } from '../../harness/find-service.ts'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { sharedStores } from '../support/fleet.ts'
import { newClient } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import { startLoad } from './load.ts'
import { type LoadBalancer, loadBalancers, printed } from './load-balancers.ts'

const noStores = isMissing('postgres') || isMissing('redis')

interface Instance {
  installation: Installation
  served: Served
}

/** As docs/operations.md says: nginx uses an instance again after this time. */
const failTimeoutSeconds = Number(/fail_timeout=(\d+)s/.exec(printed('nginx'))?.[1])

const drainSeconds = 5

interface LogLine {
  msg: string
  time: string
  method?: string
  route?: string
}

/**
 * The POST requests that an instance got in the last second before it closed its listener. It must get none:
 * a connection that arrives while the listener closes is reset, and a proxy must not repeat a POST.
 */
const latePosts = ({ output }: Served): LogLine[] => {
  const lines = output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
  const stopping = lines.find(({ msg }) => msg === 'stopping')
  if (stopping === undefined) throw new Error('The instance did not log that it stops.')
  const closedAt = Date.parse(stopping.time) + drainSeconds * 1000
  const isLate = ({ time }: LogLine) => Date.parse(time) > closedAt - 1000 && Date.parse(time) <= closedAt
  return lines.filter((line) => line.msg === 'request' && line.method === 'POST' && isLate(line))
}

const restart = async (instance: Instance): Promise<void> => {
  expect(await instance.served.stop()).toBe(0)
  expect(latePosts(instance.served)).toEqual([])
  instance.served = await instance.installation.serve()
  await expect
    .poll(() => fetch(`${instance.installation.url}/readyz`).then(({ status }) => status), {
      timeout: 20_000,
    })
    .toBe(200)
  await delay(failTimeoutSeconds * 1000)
}

/** Two instances with the settings of the page, and the load balancer in front of them. */
const startFleet = async ({ scheme, start }: LoadBalancer) => {
  const stores = await sharedStores()
  onTestFinished(stores.close)
  const port = await freePort()
  const url = `${scheme}://127.0.0.1:${port}`
  // DRAIN_SECONDS has the default of a public issuer. The address of this issuer is a local one.
  const env = {
    ...stores.env,
    ISSUER: url,
    TRUSTED_PROXIES: '127.0.0.1',
    DRAIN_SECONDS: String(drainSeconds),
  }
  const installations = [await newInstallation(env), await newInstallation(env)] as const
  for (const { remove } of installations) onTestFinished(remove)
  const [one, two] = await Promise.all(
    installations.map(async (installation) => ({ installation, served: await installation.serve() })),
  )
  if (one === undefined || two === undefined) throw new Error('two instances')
  const balancer = await start({
    port,
    instances: [new URL(one.installation.url).host, new URL(two.installation.url).host],
  })
  onTestFinished(balancer.stop)
  return { url, one, two }
}

const runs = [
  { balancer: loadBalancers.nginx, debianPackage: 'nginx-light', rounds: 10, atLeast: 10_000 },
  { balancer: loadBalancers.haproxy, debianPackage: 'haproxy', rounds: 1, atLeast: 1000 },
  { balancer: loadBalancers.caddy, debianPackage: 'caddy', rounds: 1, atLeast: 1000 },
]
for (const { balancer, debianPackage } of runs)
  if (balancer.binary === undefined) doWithout(balancer.name, `run "apt-get install ${debianPackage}"`)

describe.each(runs)('two instances behind $balancer.name', ({ balancer, rounds, atLeast }) => {
  test.skipIf(noStores || balancer.binary === undefined)(
    `no request fails while each instance restarts ${rounds} times in turn (I2)`,
    async () => {
      const { url, one, two } = await startFleet(balancer)
      const client = await newClient(one.installation, 'web')
      const startedAt = performance.now()
      const load = await startLoad({ url }, client, () => (performance.now() - startedAt) / 1000)
      for (let round = 0; round < rounds; round += 1) {
        await restart(one)
        await restart(two)
      }
      await load.stop()

      const sum = Object.values(load.succeeded).reduce((total, count) => total + count, 0)
      console.log(`${balancer.name}: ${2 * rounds} restarts, ${sum} requests, ${load.failed.length} failed`)
      console.log(load.succeeded)
      expect(load.failed).toEqual([])
      expect(sum).toBeGreaterThan(atLeast)
    },
  )
})
