// Makes images with the names that Dockerfile, compose.yaml and harness/ ask for, from Debian's packages. The
// tests then need no image registry.
import { copyFileSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onPath } from '../../harness/process.ts'
import { run } from './engine.ts'

const entry = 'stand-in-entry.sh'
const ownFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
/** npm in the build trusts the certificate authorities that this machine trusts. */
const certificates = '/etc/ssl/certs'
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The packages of all images, because each root file system would take half a minute. */
const packages = 'ca-certificates,postgresql,redis-server,nginx-light'
/** Large files that nothing here uses. */
const unused = [
  '/usr/lib/x86_64-linux-gnu/libLLVM*',
  '/usr/lib/x86_64-linux-gnu/libz3*',
  '/usr/share/i18n/*',
  '/usr/share/locale/*',
  '/usr/share/doc/*',
  '/usr/share/man/*',
]

const debian = (archive: string): Promise<string> =>
  run('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    '--dpkgopt=force-unsafe-io',
    `--include=${packages}`,
    ...unused.map((path) => `--dpkgopt=path-exclude=${path}`),
    'bookworm',
    archive,
  ])

/** Node and npm of this machine, in the folders of the official image `node`. */
const nodeFolder = async (folder: string): Promise<string> => {
  const local = join(folder, 'usr/local')
  mkdirSync(join(local, 'bin'), { recursive: true })
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true })
  copyFileSync(process.execPath, join(local, 'bin/node'))
  const npm = dirname(dirname(realpathSync(onPath('npm') ?? '')))
  await run('cp', ['-a', npm, join(local, 'lib/node_modules/npm')])
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  return folder
}

/** @param node the image of the first stage of the Dockerfile */
export const makeStandIns = async (folder: string, node: string): Promise<void> => {
  const archive = join(folder, 'debian.tar')
  const [nodeFiles] = await Promise.all([nodeFolder(join(folder, 'node')), debian(archive)])
  const container = await run('buildah', ['from', 'scratch'])
  for (const files of [archive, nodeFiles]) await run('buildah', ['add', '--quiet', container, files, '/'])
  await run('buildah', ['copy', '--quiet', '--chmod', '755', container, ownFile(entry), '/'])
  await run('buildah', [
    'config',
    `--env=PATH=${path}`,
    `--entrypoint=["/${entry}"]`,
    // PostgreSQL waits for its clients after SIGTERM.
    '--stop-signal=SIGINT',
    container,
  ])
  const image = await run('buildah', ['commit', '--quiet', '--rm', '--format=docker', container])
  const names = [node, 'postgres:17-alpine', 'redis:7-alpine', 'nginx:1.28-alpine']
  await run('buildah', ['tag', image, ...names.map((name) => `docker.io/library/${name}`)])
  rmSync(archive)
}

/** The settings with which npm reaches its registry on this machine. They are only lent to the build. */
export const npmSettings = async (folder: string): Promise<string> => {
  const files = await Promise.all(
    ['globalconfig', 'userconfig'].map((name) => run('npm', ['config', 'get', name])),
  )
  const texts = await Promise.all(files.map((file) => run('cat', [file]).catch(() => '')))
  const file = join(folder, 'npmrc')
  const settings = [`cafile=${certificates}/ca-certificates.crt`, ...texts, '']
  writeFileSync(file, settings.join('\n'), { mode: 0o600 })
  return file
}

/** Builds the Dockerfile of this repository. */
export const buildImage = async (folder: string): Promise<void> => {
  const root = ownFile('../..')
  await run(
    'buildah',
    [
      'bud',
      '--quiet',
      // The format of OCI has no health check.
      '--format=docker',
      '--pull-never',
      `--secret=id=npmrc,src=${await npmSettings(folder)}`,
      `--volume=${certificates}:${certificates}:ro`,
      '--tag=dojang',
      root,
    ],
    { BUILDAH_ISOLATION: 'chroot' },
  )
}
