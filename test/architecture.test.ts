// Checks the structure that docs/architecture.md describes: which room may import which room or package, and
// which files read the clock and the environment.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => normalize(join(entry.parentPath, entry.name)).slice(root.length))

const sources = filesIn('src')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  )

const ownImports = (file: string): string[] =>
  importsOf(file)
    .filter((path) => path.startsWith('.'))
    .map((path) => normalize(join(dirname(file), path)))

/** The room of `src/oauth/grants/x.ts` is `oauth`. A file such as `src/clock.ts` counts as a room. */
const roomOf = (file: string): string => file.split('/')[1] ?? ''

/** Files that every room may import. They import only each other. */
const ground = [
  'after-answer.ts',
  'audit-flood.ts',
  'audit-trail.ts',
  'audit.ts',
  'background-work.ts',
  'changes.ts',
  'clock.ts',
  'defined.ts',
  'ids.ts',
  'json-object.ts',
  'lifetimes.ts',
  'secrets.ts',
  'unavailable.ts',
  'with-timeout.ts',
]

/** The rooms of the core in their order. A room may import only the listed rooms, which come after it. */
const core: Record<string, readonly string[]> = {
  tokens: ['sessions', 'revocation', 'keys', 'clients', 'users', 'throttle'],
  'email-links': ['passwords', 'sessions', 'users', 'mail', 'throttle'],
  identities: ['passwords', 'sessions', 'users', 'mail', 'throttle'],
  passwords: ['users', 'mail', 'throttle'],
  sessions: ['revocation', 'encryption', 'clients', 'users', 'mail'],
  revocation: [],
  keys: ['encryption'],
  'upstream-keys': [],
  clients: ['throttle'],
  users: ['mail'],
  mail: ['encryption'],
  encryption: [],
  throttle: [],
}

/**
 * The rooms that speak HTTP, SQL or Redis, or offer operations to the command line. They never import each
 * other.
 */
const edges: Record<string, readonly string[]> = {
  oauth: ['tokens', 'sessions', 'revocation', 'keys', 'clients', 'users', 'throttle', 'http', 'pages'],
  login: [
    'email-links',
    'identities',
    'passwords',
    'sessions',
    'upstream-keys',
    'encryption',
    'users',
    'http',
    'pages',
  ],
  'first-party': ['tokens', 'email-links', 'passwords', 'sessions', 'clients', 'users', 'http', 'pages'],
  account: [
    'email-links',
    'identities',
    'mail',
    'passwords',
    'sessions',
    'clients',
    'users',
    'throttle',
    'http',
    'pages',
  ],
  admin: [
    'stores',
    'tokens',
    'email-links',
    'identities',
    'passwords',
    'sessions',
    'revocation',
    'keys',
    'encryption',
    'clients',
    'users',
    'mail',
  ],
  webhooks: ['identities', 'upstream-keys', 'http'],
  messages: ['mail', 'http', 'pages'],
  playground: ['http', 'pages'],
  openapi: ['clients', 'http', 'pages'],
  stores: [
    'tokens',
    'email-links',
    'identities',
    'sessions',
    'revocation',
    'keys',
    'clients',
    'users',
    'mail',
    'throttle',
  ],
  http: ['clients', 'pages'],
  pages: [],
}

const wire = [
  'app.ts',
  'core.ts',
  'open-installation.ts',
  'open-issuer.ts',
  'operations.ts',
  'first-start.ts',
  'mail-delivery.ts',
  'mail-services.ts',
]
const start = [
  'main.ts',
  'cli',
  'stop.ts',
  'workers.ts',
  'heap.ts',
  'welcome.ts',
  'config.ts',
  'mail-config.ts',
  'brand-config.ts',
  'environment.ts',
  'log.ts',
]

/** Wire and start may import every room. */
const mayImport = (room: string): readonly string[] | 'everything' => {
  const arrows = core[room] ?? edges[room]
  if (arrows !== undefined) return [...ground, ...arrows]
  return ground.includes(room) ? ground : 'everything'
}

/** The type that combines all ports. The admin operations get it. */
const portsInOneType = 'src/stores/stores.ts'

test('docs/architecture.md names every room', () => {
  const known = [...ground, ...Object.keys(core), ...Object.keys(edges), ...wire, ...start]
  expect([...new Set(sources.map(roomOf))].filter((room) => !known.includes(room))).toEqual([])
  const page = textOf('docs/architecture.md')
  for (const room of [...Object.keys(core), ...Object.keys(edges)]) expect(page, room).toContain(`${room}/`)
})

test('every file that docs/architecture.md names exists', () => {
  const named = [...textOf('docs/architecture.md').matchAll(/`([a-z][\w./-]*\/[\w.-]+\.(?:ts|lua))`/g)]
  const missing = named
    .map(([, path = '']) => path)
    .filter((path) => !existsSync(join(root, 'src', path)) && !existsSync(join(root, path)))
  expect(named.length).toBeGreaterThan(50)
  expect(missing).toEqual([])
})

test('each room has a README', () => {
  const rooms = [...Object.keys(core), ...Object.keys(edges), 'cli']
  expect(rooms.filter((room) => !existsSync(join(root, 'src', room, 'README.md')))).toEqual([])
})

test('migrations are numbered without gaps', () => {
  const numbers = filesIn('migrations')
    .flatMap((file) => /(\d{4})-[\w-]+\.ts$/.exec(file)?.[1] ?? [])
    .map(Number)
  expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1))
})

test('each room imports only the rooms that are listed for it', () => {
  const wrong = sources.flatMap((file) => {
    const allowed = mayImport(roomOf(file))
    if (allowed === 'everything') return []
    return ownImports(file)
      .filter((target) => target.startsWith('src/') && roomOf(target) !== roomOf(file))
      .filter((target) => !allowed.includes(roomOf(target)))
      .filter((target) => !(roomOf(file) === 'admin' && target === portsInOneType))
      .map((target) => `${file} -> ${target}`)
  })
  expect(wrong).toEqual([])
})

test('only the listed rooms read the configuration, open stores or read the environment', () => {
  const readers = sources.filter((file) => ownImports(file).includes('src/config.ts')).map(roomOf)
  expect([...new Set(readers)].sort()).toEqual([
    'cli',
    'core.ts',
    'first-start.ts',
    'mail-services.ts',
    'main.ts',
    'open-installation.ts',
    'open-issuer.ts',
    'welcome.ts',
  ])
  const openers = sources.filter((file) =>
    ownImports(file).some((target) => target.startsWith('src/stores/') && target !== portsInOneType),
  )
  expect([...new Set(openers.map(roomOf))].sort()).toEqual(['cli', 'open-installation.ts', 'stores'])
  const environment = sources.filter((file) => /\bprocess\.env\b/.test(textOf(file))).map(roomOf)
  expect(environment.filter((room) => !['main.ts', 'cli', 'config.ts', 'workers.ts'].includes(room))).toEqual(
    [],
  )
})

test('each core room lists only rooms that come after it', () => {
  const order = Object.keys(core)
  const backwards = order.flatMap((room, index) =>
    (core[room] ?? []).filter((other) => order.indexOf(other) <= index).map((other) => `${room} -> ${other}`),
  )
  expect(backwards).toEqual([])
})

test('no room imports itself through another room', () => {
  const arrows = new Map<string, Set<string>>()
  for (const file of sources)
    for (const target of ownImports(file)) {
      if (roomOf(target) === roomOf(file)) continue
      arrows.set(roomOf(file), (arrows.get(roomOf(file)) ?? new Set()).add(roomOf(target)))
    }
  const reachable = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of arrows.get(room) ?? [])
      if (!seen.has(next)) {
        seen.add(next)
        reachable(next, seen)
      }
    return seen
  }
  expect([...arrows.keys()].filter((room) => reachable(room).has(room))).toEqual([])
})

test('no file imports itself through other files', () => {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) return void cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    if (done.has(file)) return
    for (const target of ownImports(file)) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of sources) visit(file, [])
  expect(cycles).toEqual([])
})

test('only the listed rooms import a package, and every version is exact', () => {
  const importers: Record<string, string[]> = {
    fastify: [
      'http',
      'oauth',
      'login',
      'first-party',
      'account',
      'playground',
      'openapi',
      'webhooks',
      'messages',
      'app.ts',
      'core.ts',
    ],
    commander: ['cli'],
    '@fastify/cookie': ['http'],
    'prom-client': ['http'],
    '@node-rs/argon2': ['passwords'],
    '@node-rs/bcrypt': ['passwords'],
    '@zxcvbn-ts/core': ['passwords'],
    '@zxcvbn-ts/language-common': ['passwords'],
    arctic: ['login'],
    jose: ['keys', 'upstream-keys'],
    ioredis: ['stores'],
    pg: ['stores'],
    'node:sqlite': ['stores'],
    'node:worker_threads': ['stores'],
    dataloader: ['stores'],
    kysely: ['stores'],
    'kysely/migration': ['stores'],
    pino: ['log.ts'],
    nodemailer: ['mail'],
  }
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((path) => path in importers || !/^(\.|node:)/.test(path))
      .filter((path) => !importers[path]?.includes(roomOf(file)))
      .map((path) => `${file} imports ${path}`),
  )
  expect(wrong).toEqual([])
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(Object.keys(dependencies).filter((name) => !(name in importers))).toEqual([])
  for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('only clock.ts reads the time', () => {
  const readers = sources.filter((file) => /new Date\(\)|Date\.now\(|performance\.now\(/.test(textOf(file)))
  expect(readers).toEqual(['src/clock.ts'])
})

test('no file has a vague name, and source files stay under 240 lines', () => {
  const vague = /(^|\/)(core|helpers?|utils?|common|shared|services?|managers?|types|index)(\.ts|\/)/
  expect(
    [...sources, ...filesIn('test'), ...filesIn('fakes'), ...filesIn('harness')].filter((file) =>
      vague.test(file.replace(/^test\/support\/services|^src\/core\.ts/, '')),
    ),
  ).toEqual([])
  // These files are tables of texts.
  const tables = /^src\/pages\/texts\./
  const long = sources.filter((file) => !tables.test(file) && textOf(file).split('\n').length > 240)
  expect(long).toEqual([])
})

test('every import has a file extension, and the source has no enum, namespace or any', () => {
  const wrong = sources.filter(
    (file) =>
      importsOf(file).some((path) => path.startsWith('.') && !/\.(ts|js|json)$/.test(path)) ||
      /^\s*(export )?(declare )?(const )?enum |^\s*(export )?namespace |: any\b|\bas any\b/m.test(
        textOf(file),
      ),
  )
  expect(wrong).toEqual([])
})

test('only secrets.ts and imported-hash.ts compare secrets, with timingSafeEqual (H10)', () => {
  const comparing = sources.filter((file) => /timingSafeEqual\(/.test(textOf(file)))
  expect(comparing.sort()).toEqual(['src/passwords/imported-hash.ts', 'src/secrets.ts'])
  const plainly = sources.filter((file) =>
    /\w*(secret|hash|tag|token)\w* [!=]== (?!undefined|null|')/i.test(textOf(file)),
  )
  expect(plainly).toEqual([])
})
