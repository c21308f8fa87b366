// A container engine that only this run uses. Its images, volumes, networks and settings are in one temporary
// folder, so nothing is left on the machine and other containers are not touched.
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Ran } from '../../harness/installation.ts'
import { onPath, removeFolder, temporaryFolder } from '../../harness/process.ts'

const runFile = promisify(execFile)

export const packagesOfDebian = 'buildah podman runc netavark aardvark-dns iptables mmdebstrap'

/** Why this machine cannot run the containers. Undefined if it can. */
export const whyNotHere = (): string | undefined => {
  const missing = ['podman', 'buildah', 'runc', 'iptables', 'mmdebstrap'].filter((name) => !onPath(name))
  if (missing.length > 0) return `${missing.join(', ')} cannot be found`
  return process.getuid?.() === 0 ? undefined : 'only root may do this'
}

/** runc and cgroupfs also work without systemd. The limits are those that a sandbox allows. */
const settings = (folder: string) => ({
  CONTAINERS_CONF: `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "${folder}/tmp"
volume_path = "${folder}/volumes"
[network]
network_backend = "netavark"
network_config_dir = "${folder}/networks"
`,
  CONTAINERS_STORAGE_CONF: `[storage]
driver = "overlay"
graphroot = "${folder}/images"
runroot = "${folder}/run"
`,
})

/** Returns what the command printed. Rejects with its error output if it fails. */
export const run = async (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const { stdout } = await runFile(file, args, {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...env },
  })
  return stdout.trim()
}

export const podman = (...args: string[]): Promise<string> => run('podman', args)

/** Runs `dojang …args` in a container, as an operator does. */
export const dojangIn = async (container: string, args: readonly string[]): Promise<Ran> => {
  const ran = await runFile('podman', ['exec', container, 'dojang', ...args]).then(
    (printed) => ({ code: 0, ...printed }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
  const { code, stdout, stderr } = ran
  return { code, stdout, stderr, json: /^[[{]/.test(stdout) ? JSON.parse(stdout) : undefined }
}

export interface Engine {
  folder: string
  /** Removes every container, volume and image of this run. */
  close(): void
}

/** Every podman and buildah that this process and its tests start uses this engine. */
export const openEngine = (): Engine => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'networks'))
  for (const [variable, text] of Object.entries(settings(folder))) {
    const file = join(folder, `${variable}.toml`)
    writeFileSync(file, text)
    process.env[variable] = file
  }
  return {
    folder,
    close: () => {
      const removeContainers = ['rm', '--all', '--force', '--volumes', '--time', '0']
      for (const args of [
        removeContainers,
        // A container that another one depended on is removed in the second round.
        removeContainers,
        ['network', 'prune', '--force'],
        ['image', 'umount', '--all'],
        ['rmi', '--all', '--force'],
      ])
        spawnSync('podman', args)
      removeFolder(folder)
    },
  }
}
