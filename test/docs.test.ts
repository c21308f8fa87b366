// Checks the documents: commands run as printed, snippets verify real tokens, links have a target, both
// READMEs agree, and .env.example lists every variable.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Installation, newInstallation } from '../harness/installation.ts'
import { readConfig } from '../src/config.ts'
import { feedTimes } from '../src/revocation/feed.ts'
import { newPerson } from './support/served-person.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const run = promisify(execFile)
/** test/clients prints a warning if PyJWT is missing. */
const hasPyJwt = spawnSync('python3', ['-c', 'import jwt, cryptography']).status === 0

/** A page without its code blocks. */
const proseOf = (file: string): string => textOf(file).replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')

interface Block {
  language: string
  code: string
}

const blocksOf = (file: string): Block[] =>
  [...textOf(file).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))

/** The shell blocks of a document. */
const shellOf = (file: string): string[] =>
  blocksOf(file)
    .filter(({ language }) => language === 'sh')
    .map(({ code }) => code)
/** The npm commands name scripts of package.json and do not run here. */
const isNpm = (code: string): boolean => /^npm /.test(code)

const withoutComments = ({ language, code }: Block): string =>
  language === 'python'
    ? code.replaceAll(/ *#.*$|^ *""".*"""$/gm, '')
    : code.replaceAll(/ *\/\/ .*$|^\/\*\*.*\*\/$/gm, '')

const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)

const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`)

/** The pages of the examples and of the verifiers. */
const installedPages = ['examples', 'verifiers'].flatMap((folder) =>
  [folder, ...foldersIn(folder)].flatMap(pagesIn),
)

const documents = [
  'README.md',
  'README.ko.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'keys/README.md',
  ...installedPages,
  ...pagesIn('test'),
  ...pagesIn('docs'),
  ...pagesIn('docs/decisions'),
  ...foldersIn('src').flatMap(pagesIn),
]

describe('the pages in two languages', () => {
  const readmes = ['README.md', 'README.ko.md'] as const
  const headings = (file: string) => [...proseOf(file).matchAll(/^(#+) /gm)].map(([, level]) => level)
  const links = (file: string) =>
    [...proseOf(file).matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target]) => target)
      .filter((to) => !/^README/.test(to ?? ''))

  test('both READMEs have the same sections, code and links', () => {
    const [english, korean] = readmes
    expect(headings(korean)).toEqual(headings(english))
    // A heading has another anchor in the other language.
    const pages = (file: string) => links(file).map((to) => to?.replace('.ko.md', '.md').replace(/#.*/, ''))
    expect(pages(korean)).toEqual(pages(english))
    expect(shellOf(korean)).toEqual(shellOf(english))
    expect(blocksOf(korean).map(withoutComments)).toEqual(blocksOf(english).map(withoutComments))
  })

  const translations = [...pagesIn('docs'), ...installedPages].filter((file) => file.endsWith('.ko.md'))
  const outline = (file: string) =>
    textOf(file)
      .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '```')
      .split('\n')
      .flatMap((line) => /^ *(#+ |\||\d+\. |- |```)/.exec(line)?.[1] ?? [])
  const code = (file: string) => textOf(file).match(/^ *```\w*\n[\s\S]*?^ *```$/gm)
  /** A heading has another anchor in the other language. */
  const pages = (file: string) =>
    links(file)
      .map((to) => to?.replace('.ko.md', '.md').replace(/#.*/, ''))
      .filter((to) => to !== basename(file).replace('.ko', '') && to !== '')
      .toSorted()

  test.each(translations)(
    '%s has the same sections, tables, code and links as the English page',
    (korean) => {
      const english = korean.replace('.ko.md', '.md')
      expect(outline(korean)).toEqual(outline(english))
      expect(code(korean)).toEqual(code(english))
      expect(pages(korean)).toEqual(pages(english))
      expect(textOf(english)).toContain(`](${basename(korean)})`)
      expect(textOf(korean)).toContain(`](${basename(english)})`)
    },
  )

  test.each(['README.ko.md', ...translations])('%s links to the Korean page where there is one', (korean) => {
    const itself = basename(korean).replace('.ko', '')
    const english = [...proseOf(korean).matchAll(/\]\(([^)#\s]+)/g)]
      .map(([, to = '']) => (to.endsWith('/') ? `${to}README.md` : to))
      .filter((to) => to !== itself && to.endsWith('.md') && !to.endsWith('.ko.md'))
    const translated = english.filter((to) =>
      existsSync(join(root, dirname(korean), to.replace('.md', '.ko.md'))),
    )
    expect(translated).toEqual([])
  })

  /** The scripts of the root, of the page's folder and of the folders in it. An example has its own. */
  const scriptsNear = (file: string): string[] =>
    ['.', dirname(file), ...foldersIn(dirname(file))]
      .map((folder) => join(folder, 'package.json'))
      .filter((path) => existsSync(join(root, path)))
      .flatMap((path) => Object.keys(JSON.parse(textOf(path)).scripts ?? {}))

  test('the documents name only npm scripts that exist', () => {
    for (const file of documents) {
      const named = textOf(file).matchAll(/\bnpm (?:run )?(start|test|run \w+|(?<=run )\w+)/g)
      for (const [, name = ''] of named) expect(scriptsNear(file), `${file}: ${name}`).toContain(name)
    }
    for (const file of readmes)
      expect(shellOf(file).filter(isNpm).slice(0, 2)).toEqual([
        'npm ci && npm start\n',
        'npm ci && npm test\n',
      ])
  })
})

describe('CHANGELOG.md', () => {
  const [first = '', ...released] = textOf('CHANGELOG.md').split(/^## /m).slice(1)
  const { version } = JSON.parse(textOf('package.json')) as { version: string }

  test('the first section is for changes that are not released, and the next one for the version', () => {
    expect(first).toMatch(/^\[Unreleased\]\n/)
    const newest = released[0]
    if (newest !== undefined) expect(newest).toContain(`[${version}] - `)
  })

  test('no two entries begin with the same words', () => {
    const openings = textOf('CHANGELOG.md')
      .split(/^- /m)
      .map((entry) => entry.slice(0, 40))
    expect(openings).toEqual([...new Set(openings)])
  })

  test('the section of every version begins with what an upgrade needs', () => {
    for (const section of released)
      expect(section).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d\n\n### Upgrade\n/)
  })
})

test('the list of decisions names every page once, in the order of their numbers', () => {
  const rows = textOf('docs/decisions/README.md').matchAll(/^\| \[\d{4}\]\((.+?)\)/gm)
  const pages = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name))
  expect([...rows].map(([, page]) => page)).toEqual(pages.toSorted())
})

describe('Node 24 from npm ci', () => {
  const { optionalDependencies } = JSON.parse(textOf('package.json')) as {
    optionalDependencies: Record<string, string>
  }
  const withNode = Object.keys(optionalDependencies).map((name) =>
    name.replace(/^node-/, '').replace(/^win-/, 'win32-'),
  )

  test.each([...withNode, 'darwin-arm64', 'darwin-x64', 'win32-arm64'])(
    'bin/dojang.js on %s says how to get Node 24',
    async (target) => {
      const [platform, arch] = target.split('-')
      const old = `
        const versions = { ...process.versions, node: '22.12.0' }
        Object.defineProperty(process, 'versions', { value: versions })
        Object.defineProperty(process, 'platform', { value: '${platform}' })
        Object.defineProperty(process, 'arch', { value: '${arch}' })`
      const preload = `data:text/javascript,${encodeURIComponent(old)}`
      const start = run(process.execPath, ['--import', preload, 'bin/dojang.js', 'serve'], { cwd: root })
      const { stderr } = await start.catch((error: { stderr: string }) => error)
      expect(stderr).toContain(
        withNode.includes(target) ? 'npm ci. It installs Node 24' : `npm ci does not install it on ${target}`,
      )
    },
  )

  test('the READMEs and docs/operations.md name the platforms of Node 24 from npm ci', () => {
    expect(withNode.sort()).toEqual(['linux-arm64', 'linux-x64', 'win32-x64'])
    expect(textOf('README.md')).toContain('Linux (glibc) on x64 or arm64, Windows on x64')
    expect(textOf('README.ko.md')).toContain('Linux(glibc) x64·arm64, Windows x64')
    expect(textOf('docs/operations.md').replaceAll(/\s+/g, ' ')).toContain(
      'on Linux (glibc) on x64 or arm64, and on Windows on x64',
    )
  })
})

test('the READMEs list every noun and verb of the command line', async () => {
  const { stdout } = await run(process.execPath, ['bin/dojang.js', '--help'], { cwd: root })
  const verbs = (text: string) => [...text.matchAll(/[a-z][a-z-]+/g)].map(([verb]) => verb)
  const there = Object.fromEntries(
    [...stdout.matchAll(/^ {2}([a-z]+) +\S[^\n]*\n((?: {17}\S[^\n]*\n)+)/gm)].map(
      ([, noun = '', text = '']) => [noun, verbs(text)],
    ),
  )
  for (const file of ['README.md', 'README.ko.md']) {
    const rows = [...textOf(file).matchAll(/^\| `dojang ([a-z]+)` \| ((?:`[a-z-]+` ?)+)/gm)]
    expect(Object.fromEntries(rows.map(([, noun = '', text = '']) => [noun, verbs(text)]))).toEqual(there)
  }
})

test.each(documents)('every link in %s leads to an existing file or heading', (file) => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-')
  const anchors = (target: string) =>
    [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => slug(title))
  for (const [, target = ''] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue
    const [path = '', anchor] = target.split('#')
    const found = path === '' ? file : join(dirname(file), path)
    expect(existsSync(join(root, found)), target).toBe(true)
    if (anchor !== undefined) expect(anchors(found), target).toContain(anchor)
  }
})

describe('.env.example', () => {
  const example = textOf('.env.example')
  const listed = [...example.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name)
  const read = new Set<string>()
  readConfig(
    new Proxy({} as Record<string, string | undefined>, {
      get: (_, name) => void read.add(String(name)),
    }),
  )
  const isFile = (name: string) => name.endsWith('_FILE')

  test('.env.example lists exactly the variables that the configuration reads', () => {
    expect(listed.toSorted()).toEqual([...read].filter((name) => !isFile(name)).toSorted())
  })

  test('.env.example says that a secret may come from a file', () => {
    expect(example).toMatch(/Every secret may instead be given as a file/)
    for (const name of [...read].filter(isFile)) expect(listed).toContain(name.replace(/_FILE$/, ''))
  })

  test('.env.example suggests only valid values', () => {
    const suggested = [...example.matchAll(/^#([A-Z][A-Z_]+)=(.+)$/gm)].map(([, name = '', value]) => [
      name,
      value,
    ])
    expect(() => readConfig(Object.fromEntries(suggested))).not.toThrow()
  })

  test.each(documents)('the configuration reads every variable that %s sets', (file) => {
    const named = [...textOf(file).matchAll(/(?<![\w$])([A-Z][A-Z_]{3,})=(?=\S)/g)].map(
      ([, name = '']) => name,
    )
    const known = [
      ...read,
      'DOJANG_ADMIN',
      'TOKENS',
      'NODE_EXTRA_CA_CERTS',
      'TEST_DATABASE_URL',
      'TEST_REDIS_URL',
      'COMPOSE',
      'HTTPS_PORT',
      // Settings of the services in the migration guides.
      'DOJANG_ISSUER',
      'OLD_TOKENS_UNTIL',
      'AUTH_DOJANG_ID',
    ]
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })
})

test('examples/README.md lists the variables that the services read', () => {
  const services = ['django', 'express', 'fastapi', 'gin', 'static-public-key']
  const code = services.flatMap((service) =>
    readdirSync(join(root, 'examples', service), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(js|py|go)$/.test(file) && !file.includes('node_modules'))
      .map((file) => textOf(`examples/${service}/${file}`)),
  )
  const names = code.flatMap((text) => [
    ...[...text.matchAll(/(?:environ\.get|Getenv)\("([A-Z_]+)"/g)].map(([, name]) => name),
    ...[...text.matchAll(/^const \{ (.+) \} = process\.env$/gm)].flatMap(([, members = '']) =>
      [...members.matchAll(/([A-Z_]+) =/g)].map(([, name]) => name),
    ),
  ])
  const listed = [...textOf('examples/README.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
  expect(listed.toSorted()).toEqual([...new Set(names)].toSorted())
})

describe('docs/operations.md', () => {
  const runbook = textOf('docs/operations.md')

  test('docs/operations.md names the verifiers that keep a revoked key and says to restart them (D11)', () => {
    const emergency = runbook.split('### Emergency')[1]?.split('\n## ')[0] ?? ''
    const verifiers = [
      'PyJWT',
      'cache_keys=True',
      'jose',
      'Istio',
      'keyfunc',
      'go-oidc',
      'PEM',
      'revocation-feed.md',
    ]
    for (const verifier of verifiers) expect(emergency).toContain(verifier)
    expect(emergency).toMatch(/restart every service/)
  })

  test('docs/operations.md says how long a revoked token works, with the default values (E7)', () => {
    const { accessTokenTtlSeconds } = readConfig({})
    const leeway = Number(/leeway=(\d+)/.exec(textOf('README.md'))?.[1])
    const bound = runbook.split('## How long a revoked token still works')[1]?.split('\n## ')[0] ?? ''
    expect(bound).toContain(`(${accessTokenTtlSeconds} s)`)
    expect(bound).toContain(`so ${accessTokenTtlSeconds + leeway} s`)
    expect(bound).toContain(`within ${feedTimes.ttlSeconds} s`)
    expect(bound).toMatch(/If `\/introspect` does not answer, refuse/)
  })
})

describe('with the server running', () => {
  let installation: Installation
  /** The output of the README's commands, and of two more refreshes with one line each. */
  let typed: { answers: string; refreshes: Record<string, string>[] }

  beforeAll(async () => {
    installation = await newInstallation()
    await installation.serve()
    const blocks = shellOf('README.md').filter((code) => !isNpm(code))
    const refresh = blocks.find((code) => code.includes('/token/refresh')) ?? ''
    const output = await type([...blocks, 'echo; echo ----', refresh, 'echo', refresh], dojangAsProcess)
    const [answers = '', lines = ''] = output.split('----\n')
    typed = {
      answers,
      refreshes: lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    }
  }, 120_000)
  afterAll(() => installation?.remove())

  const here = (code: string): string => code.replaceAll('http://localhost:4000', installation.url)

  const dojangAsProcess = `npx() { shift; node '${join(root, 'bin/dojang.js')}' "$@"; }`

  /** Runs the blocks in one shell, on this installation instead of the one at localhost:4000. */
  const type = async (blocks: readonly string[], npx: string): Promise<string> => {
    const script = ['set -euo pipefail', npx, ...blocks.map(here)].join('\n')
    const running = run('bash', ['-c', script], {
      cwd: installation.folder,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        DATA_DIR: join(installation.folder, 'data'),
        KEYS_DIR: join(installation.folder, 'keys'),
        HOST: '127.0.0.1',
        PORT: new URL(installation.url).port,
        ISSUER: installation.url,
      },
    })
    running.child.stdin?.end()
    return (await running).stdout
  }

  /** Passes arguments and input of each command to this process, because many processes take long. */
  const typeHere = async (blocks: readonly string[], on = installation): Promise<void> => {
    const commands = createServer(async (request, response) => {
      const form = new URLSearchParams(await text(request))
      const { code, stdout, stderr } = await on.command(form.getAll('arg'), {
        input: form.get('input') ?? '',
      })
      response.writeHead(code === 0 ? 200 : 500).end(code === 0 ? stdout : stderr)
    })
    onTestFinished(() => void commands.close())
    const socket = join(installation.folder, 'commands')
    await new Promise<void>((resolve) => commands.listen(socket, resolve))
    await type(
      blocks,
      `npx() {
        shift
        local form=()
        for arg in "$@"; do form+=(--data-urlencode "arg=$arg"); done
        curl -s --fail-with-body --unix-socket '${socket}' "\${form[@]}" --data-urlencode input@- http://dojang
      }`,
    )
  }

  const snippet = (language: string, word: string): string =>
    here(
      blocksOf('README.md').find((one) => one.language === language && one.code.includes(word))?.code ?? '',
    )

  /** Runs a snippet and returns the value of the expression after it. */
  const javascript = async (code: string, expression: string) => {
    const program = `${code}\nconsole.log(JSON.stringify(${expression}))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
    return JSON.parse(stdout)
  }
  const python = async (code: string, expression: string) => {
    const { stdout } = await run('python3', ['-c', `${code}\nimport json\nprint(json.dumps(${expression}))`])
    return JSON.parse(stdout)
  }

  test('the commands of the README work as printed, and the refresh may run twice', async () => {
    expect(typed.answers).toContain('"email":"jane@example.com"')
    const [first, second] = typed.refreshes
    expect(first?.refresh).toBeTruthy()
    expect(second?.refresh).toBe(first?.refresh)
  })

  test.each(['docs/operations.md', 'examples/README.md'])(
    'the commands of %s work as printed',
    async (file) => {
      await typeHere(shellOf(file))
    },
  )

  test('the commands of docs/clients.md and docs/first-party-api.md work as printed', async () => {
    const printed = ['docs/clients.md', 'docs/first-party-api.md']
      .flatMap(blocksOf)
      .flatMap(({ code }) => (code.startsWith('npx dojang ') ? [code] : []))
    const own = await newInstallation()
    onTestFinished(() => own.remove())
    // The first start registers the client "first-party".
    await own.serve()
    const setUp = [
      'printf lamp-otter-quilt-river | npx dojang users create --email someone@example.com --password-stdin',
      'npx dojang apis create https://shop.example.com --scope orders:read',
    ]
    await typeHere([...setUp, ...printed], own)
    expect(printed.length).toBeGreaterThan(3)
  })

  test('the script of docs/operations.md runs a command with the settings of a file, and names the admin', async () => {
    const settings = join(installation.folder, 'dojang.env')
    const script = join(installation.folder, 'dojang')
    const folders = `DATA_DIR='${installation.folder}/data'\nKEYS_DIR='${installation.folder}/keys'\n`
    writeFileSync(settings, `ISSUER=${installation.url}\n${folders}`)
    const printed =
      blocksOf('docs/operations.md').find(({ code }) => code.startsWith('#!/bin/sh'))?.code ?? ''
    const here = printed.replace('/etc/dojang.env', settings).replace('/srv/dojang', root)
    expect(here).toContain(settings)
    writeFileSync(script, here, { mode: 0o755 })
    const { PATH } = process.env
    const dojang = (...args: string[]) =>
      run(script, args, { cwd: '/', env: { PATH, SUDO_USER: 'jane' } }).then(({ stdout }) =>
        JSON.parse(stdout),
      )
    await dojang('roles', 'create', 'printer', '--json')
    const [event] = await dojang('audit', 'list', '--limit', '1', '--json')
    expect(JSON.stringify(event)).toContain('jane')
  })

  test('the command of docs/operations.md deletes the audit events that are older than a year', () => {
    const remove = /dojang\.sqlite "(delete from [^"]+)"/.exec(textOf('docs/operations.md'))?.[1] ?? ''
    const database = new DatabaseSync(join(installation.folder, 'data', 'dojang.sqlite'))
    const count = () => database.prepare('select count(*) as rows from audit_events').get()?.rows
    const before = count()
    expect(before).toBeGreaterThan(0)
    database.exec(remove)
    expect(count()).toBe(before)
    database.exec(`begin; ${remove.replace('-1 year', '+1 year')}`)
    expect(count()).toBe(0)
    database.exec('rollback')
    database.close()
  })

  test('the README’s snippets sign in and verify access tokens, and reject other tokens (J3)', async () => {
    const frontend = snippet('js', 'openid-client')
    const person = await newPerson(installation)
    const { url, ...kept } = await javascript(frontend, 'await begin()')
    const callback = await person.visit(new URL(url))
    expect(callback.href).toMatch(/^http:\/\/localhost:3000\/callback\?/)
    const tokens = await javascript(frontend, `await finish(new URL('${callback}'), ${JSON.stringify(kept)})`)

    const services = [
      (token: string) => javascript(snippet('js', 'createRemoteJWKSet'), `await checkToken('${token}')`),
      ...(hasPyJwt
        ? [(token: string) => python(snippet('python', 'PyJWKClient'), `check_token("${token}")`)]
        : []),
    ]
    for (const check of services) {
      expect(await check(tokens.access_token)).toMatchObject({ sub: person.id, roles: ['user'] })
      await expect(check(tokens.id_token)).rejects.toThrow()
      await expect(check(`${tokens.access_token.slice(0, -8)}AAAAAAAA`)).rejects.toThrow()
    }
  })
})
