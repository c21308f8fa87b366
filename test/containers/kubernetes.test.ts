// The manifests in deploy/kubernetes: valid against the schemas of Kubernetes, consistent, and restricted.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { doWithout } from '../../harness/find-service.ts'
import { onPath, removeFolder, temporaryFolder } from '../../harness/process.ts'
import { readConfig } from '../../src/config.ts'
import { run } from './engine.ts'

const folder = new URL('../../deploy/kubernetes', import.meta.url).pathname
const missing = ['kustomize', 'kubernetes-validate'].filter((name) => onPath(name) === undefined)
if (missing.length > 0) doWithout(missing.join(' and '), 'see .ci/run')

interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string }
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another form, and the schemas check it.
  [member: string]: any
}

/** Rejects with the complaints of the validator. */
const validate = async (text: string): Promise<void> => {
  const temporary = temporaryFolder()
  onTestFinished(() => removeFolder(temporary))
  const file = join(temporary, 'manifests.yaml')
  writeFileSync(file, text)
  await run('kubernetes-validate', ['--strict', file])
}

describe.skipIf(missing.length > 0)('deploy/kubernetes', () => {
  let texts: { issuers: string; migration: string }
  let issuers: Manifest[]
  let migration: Manifest[]
  const only = (manifests: Manifest[], kind: string): Manifest => {
    const found = manifests.filter((manifest) => manifest.kind === kind)
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} of ${kind}`)
    return found[0]
  }

  beforeAll(async () => {
    const render = (path: string) => run('kustomize', ['build', path])
    texts = { issuers: await render(folder), migration: await render(join(folder, 'migration')) }
    const parse = (text: string) => parseAllDocuments(text).map((document): Manifest => document.toJS())
    ;[issuers, migration] = [parse(texts.issuers), parse(texts.migration)]
  })

  const pods = () => [only(issuers, 'Deployment'), only(migration, 'Job')].map(({ spec }) => spec.template)

  test('every manifest passes the schemas of Kubernetes, and a wrong one does not', async () => {
    await validate(texts.issuers)
    await validate(texts.migration)
    await expect(validate(texts.issuers.replace('minReplicas: 2', 'minReplicas: two'))).rejects.toThrow()
    await expect(validate(texts.issuers.replace('readinessProbe:', 'readyProbe:'))).rejects.toThrow()
  })

  test('the migration and the issuers run the same image', () => {
    const [issuer, job] = pods().map(({ spec }) => spec.containers[0].image)
    expect(job).toBe(issuer)
    const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'))
    expect(issuer).toBe(`registry.example.com/dojang:${version}`)
  })

  test('Dojang accepts the settings, and every secret is a file of the mounted secret', () => {
    const { data } = only(issuers, 'ConfigMap')
    const temporary = temporaryFolder()
    onTestFinished(() => removeFolder(temporary))
    const values: Record<string, string> = {
      'database-url': 'postgres://dojang@db.example.com/dojang',
      'redis-url': 'redis://redis.example.com',
      'key-encryption-key': Buffer.from('0123456789abcdefghijklmnopqrstuv').toString('base64'),
      'metrics-token': '0123456789abcdef',
    }
    const env = Object.fromEntries(
      Object.entries<string>(data).map(([name, value]) => {
        if (!name.endsWith('_FILE')) return [name, value]
        const [, key = ''] = /^\/run\/secrets\/dojang\/([a-z-]+)$/.exec(value) ?? []
        const file = join(temporary, key)
        writeFileSync(file, values[key] ?? '')
        return [name, file]
      }),
    )
    expect(readConfig(env)).toMatchObject({ databaseUrl: values['database-url'], registration: false })
    const page = readFileSync(join(folder, '../../docs/containers.md'), 'utf8')
    for (const { spec } of pods()) {
      expect(spec.containers[0].volumeMounts[0].mountPath).toBe('/run/secrets/dojang')
      expect(spec.volumes[0].secret.secretName).toBe('dojang-secrets')
    }
    for (const key of Object.keys(values)) expect(page).toContain(`--from-file=${key}`)
  })

  test('the pods have no rights that they do not need', () => {
    for (const { spec } of pods()) {
      expect(spec.automountServiceAccountToken).toBe(false)
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        runAsUser: 10_001,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      expect(spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    }
  })

  test('a roll-out starts a new pod first, and a pod that stops gets no new requests', () => {
    const { strategy, template } = only(issuers, 'Deployment').spec
    const { lifecycle, livenessProbe, readinessProbe } = template.spec.containers[0]
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
    expect(readinessProbe.httpGet.path).toBe('/readyz')
    expect(livenessProbe.httpGet.path).toBe('/healthz')
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(lifecycle.preStop.sleep.seconds + 30)
  })

  test('the service, the budget and the network policy select the issuers, and the service no migration', () => {
    const [issuerLabels, jobLabels] = pods().map(({ metadata }) => metadata.labels)
    const { selector } = only(issuers, 'Service').spec
    expect(issuerLabels).toMatchObject(selector)
    expect(jobLabels).not.toMatchObject(selector)
    expect(issuerLabels).toMatchObject(only(issuers, 'PodDisruptionBudget').spec.selector.matchLabels)
    const policy = only(issuers, 'NetworkPolicy').spec
    for (const labels of [issuerLabels, jobLabels])
      expect(labels).toMatchObject(policy.podSelector.matchLabels)
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress'])
    const { scaleTargetRef, minReplicas } = only(issuers, 'HorizontalPodAutoscaler').spec
    expect(scaleTargetRef.name).toBe(only(issuers, 'Deployment').metadata.name)
    expect(minReplicas).toBeGreaterThan(1)
  })
})
