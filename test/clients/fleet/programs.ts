// The programs that contain the libraries, one for each language or framework. Each is built with the tools
// of its language, in the system's temporary folder, so that the next run is fast.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../../harness/free-port.ts'
import { onPath, type Service, serve } from '../../../harness/process.ts'

const folder = new URL('..', import.meta.url).pathname
const built = join(tmpdir(), 'dojang-clients')
const execute = promisify(execFile)

export type ProgramName =
  | 'node'
  | 'python'
  | 'django'
  | 'social'
  | 'go'
  | 'spring6'
  | 'spring7'
  | 'rust'
  | 'nginx'
  | 'caddy'
  | 'haproxy'

interface Program {
  language: string
  /** Its folder in test/clients. */
  folder: string
  /** True if it is copied before it is built, because its tool installs packages into its folder. */
  copied?: true
  /** The executables that the machine needs. */
  needs: readonly string[]
  /** The file with the versions of its packages. */
  manifest: string
  build(run: (file: string, ...args: string[]) => Promise<unknown>): Promise<unknown>
  command(port: number): string[]
}

const venv = join(built, 'python')
const python = join(venv, 'bin/python')

/** Both Python programs use one environment, which one of them installs. */
let installed: Promise<unknown> | undefined
const installPython: Program['build'] = async (run) => {
  installed ??= (async () => {
    if (!existsSync(python)) await run('python3', '-m', 'venv', venv)
    await run(
      python,
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      'requirements.txt',
    )
  })()
  return installed
}

export const springBoot = { spring6: '3.5.16', spring7: '4.1.1' } as const
const spring = (name: keyof typeof springBoot): Program => ({
  language: 'Java',
  folder: 'java',
  needs: ['java', 'mvn'],
  manifest: 'pom.xml',
  build: (run) =>
    run(
      'mvn',
      '-q',
      '-B',
      'package',
      `-Dspring.boot.version=${springBoot[name]}`,
      `-DbuildDirectory=${join(built, name)}`,
    ),
  command: () => ['java', '-XX:TieredStopAtLevel=1', '-jar', join(built, name, 'stock-clients.jar')],
})

const django: Program = {
  language: 'Python',
  folder: 'python',
  needs: ['python3'],
  manifest: 'requirements.txt',
  build: installPython,
  command: (port) => [python, 'django_server.py', 'runserver', '--noreload', `127.0.0.1:${port}`],
}

const proxy = (language: string, name: ProgramName): Program => ({
  language,
  folder: name,
  needs: [name],
  manifest: 'start.js',
  build: async () => {},
  command: () => [process.execPath, 'start.js'],
})

export const programs: Record<ProgramName, Program> = {
  node: {
    language: 'Node',
    copied: true,
    folder: 'node',
    needs: ['npm'],
    manifest: 'package.json',
    build: (run) => run('npm', 'install', '--no-package-lock', '--no-fund', '--no-audit', '--silent'),
    command: () => [process.execPath, 'server.js'],
  },
  python: {
    language: 'Python',
    folder: 'python',
    needs: ['python3'],
    manifest: 'requirements.txt',
    build: installPython,
    command: () => [python, 'server.py'],
  },
  django,
  // Both libraries for Django find a user by the e-mail address, so each has its own process and database.
  social: django,
  go: {
    language: 'Go',
    folder: 'go',
    needs: ['go'],
    manifest: 'go.mod',
    build: (run) => run('go', 'build', '-o', join(built, 'go'), '.'),
    command: () => [join(built, 'go')],
  },
  spring6: spring('spring6'),
  spring7: spring('spring7'),
  rust: {
    language: 'Rust',
    folder: 'rust',
    needs: ['cargo'],
    manifest: 'Cargo.toml',
    build: (run) => run('cargo', 'build', '--quiet', '--locked', '--target-dir', join(built, 'rust')),
    command: () => [join(built, 'rust/debug/stock-clients')],
  },
  nginx: proxy('nginx', 'nginx'),
  caddy: proxy('Caddy', 'caddy'),
  haproxy: proxy('HAProxy', 'haproxy'),
}

/** The version of a package: after `@`, or in the manifest of the program. */
export const versionOf = (program: ProgramName, name: string): string => {
  const [, chosen] = /.@(.*)$/.exec(name) ?? []
  if (chosen !== undefined) return chosen
  const { folder: own, manifest } = programs[program]
  const text = readFileSync(join(folder, own, manifest), 'utf8')
  const escaped = name.replaceAll(/[^\w-]/g, '\\$&')
  const found = new RegExp(`^\\W*${escaped}(?:\\[\\w+\\])?\\b[^\\d\\n]*(\\d[\\w.]*)`, 'mi').exec(text)?.[1]
  if (found === undefined) throw new Error(`${manifest} has no ${name}.`)
  return found
}

/** True if a built program contains a package `NAME@VERSION`. */
export const contains = (program: 'spring6' | 'spring7', name: string): boolean =>
  readFileSync(join(built, program, 'stock-clients.jar'), 'latin1').includes(
    `BOOT-INF/lib/${name.replace('@', '-')}.jar`,
  )

/** The executables that a program needs and this machine does not have. */
export const missingFor = (name: ProgramName): string[] =>
  // nginx and HAProxy are not on the path of an ordinary user on Debian.
  programs[name].needs.filter((file) => !onPath(file) && !existsSync(join('/usr/sbin', file)))

const folderOf = (name: ProgramName): string => {
  const { folder: own, copied } = programs[name]
  return join(copied ? built : folder, own)
}

export const build = async (name: ProgramName): Promise<void> => {
  const cwd = folderOf(name)
  if (programs[name].copied) cpSync(join(folder, programs[name].folder), cwd, { recursive: true })
  await programs[name].build((file, ...args) =>
    execute(file, args, { cwd, maxBuffer: 2 ** 26 }).catch(({ message, stdout }) => {
      throw new Error(`${message}\n${stdout}`)
    }),
  )
}

export const newAddress = async () => {
  const port = await freePort()
  return { port, url: `http://127.0.0.1:${port}` }
}

export const start = async (
  name: ProgramName,
  { port, url }: { port: number; url: string },
  env: Record<string, string>,
): Promise<Service> => {
  const variables = Object.entries({ ...env, PORT: String(port), BASE_URL: url })
  const answers = async () => (await fetch(url).catch(() => undefined)) !== undefined
  const child = await serve(
    'env',
    [...variables.map(([key, value]) => `${key}=${value}`), ...programs[name].command(port)],
    { cwd: folderOf(name), stopSignal: 'SIGTERM' },
    answers,
  )
  return { url, ...child }
}
