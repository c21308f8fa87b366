// The reverse proxies of the suite, and what each of them needs from the issuer.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Installation } from '../../../harness/installation.ts'

export const proxies = ['nginx', 'caddy', 'haproxy'] as const
export type ProxyName = (typeof proxies)[number]

/** Options of the client that check-token.js uses to introspect tokens of the API. */
export const introspectionOf = (name: string, audience: string): string[] =>
  name === 'nginx' || name === 'caddy' ? ['--introspect', audience] : []

/** The folder with one file for each key that may verify. HAProxy reads its files when it starts. */
export const pemFolderOf = ({ folder }: Installation): string => join(folder, 'pem')

/** Exports every key that may verify, as an operator does for HAProxy. */
export const exportKeys = async (installation: Installation): Promise<void> => {
  const folder = pemFolderOf(installation)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const { json } = await installation.command(['keys', 'list', '--json'])
  const keys = json as { kid: string; state: string }[]
  const usable = keys.filter(({ state }) => ['pending', 'active', 'retiring'].includes(state))
  for (const [index, { kid }] of usable.entries()) {
    const { code, stdout, stderr } = await installation.command(['keys', 'export', '--pem', '--kid', kid])
    if (code !== 0) throw new Error(stderr)
    writeFileSync(join(folder, `${index + 1}.pem`), stdout)
  }
}
