// Every command and every snippet of the pages is run by a test, or the table below says why not.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The Korean pages have the same blocks: test/docs.test.ts compares them. */
const pages = globSync(['README.md', 'docs/*.md', 'examples/**/README.md', 'verifiers/**/README.md'], {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
}).filter((page) => !page.endsWith('.ko.md'))

interface Block {
  page: string
  language: string
  code: string
}

/** Data, configuration and drawings. Other tests check them where it matters. */
const notCode = ['json', 'ini', 'text', 'yaml', 'nginx', 'haproxy', 'caddy', 'cron']

const blocks: Block[] = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .map(([, language = '', code = '']) => ({ page, language, code: code.trim() }))
    .filter(({ language }) => !notCode.includes(language)),
)

interface Rule {
  page: string
  /** Blocks that begin so. Absent: all other blocks of the page. */
  begins?: RegExp
  /** The test that runs the blocks. */
  by?: string
  /** The reason why no test runs them. */
  why?: string
}

const guide = (name: string, by = name): Rule => ({
  page: `docs/${name}.md`,
  by: `examples/test/${by}.test.ts`,
})
const fragments =
  'These are parts of a program. The examples and the guides are whole programs with the same calls.'

/** The first rule that fits a block counts. */
const rules: Rule[] = [
  { page: 'README.md', begins: /^npm ci && npm start/, by: 'examples/test/readme.test.ts' },
  { page: 'README.md', begins: /^npm run demo/, by: 'test/processes/demo.test.ts' },
  { page: 'README.md', begins: /^npm ci && npm test/, why: 'This is the run of the tests itself.' },
  { page: 'README.md', by: 'test/docs.test.ts' },
  guide('migrate-from-simplejwt'),
  guide('migrate-from-fastapi-redis'),
  guide('migrate-from-nextauth-hs256', 'migrate-from-nextauth'),
  {
    page: 'docs/operations.md',
    begins: /^(npx|curl -sf? http:|printf|KID=|\(umask 077 && openssl rand -base64 32 > kek\)|#!)/,
    by: 'test/docs.test.ts',
  },
  { page: 'docs/operations.md', why: 'They need root, PostgreSQL or the servers of the operator.' },
  { page: 'docs/clients.md', by: 'test/docs.test.ts' },
  {
    page: 'docs/stock-clients.md',
    begins: /^npm run test:clients/,
    why: 'This is the run of the suite that runs the other blocks.',
  },
  {
    page: 'docs/stock-clients.md',
    begins: /^npx dojang clients create --id proxy/,
    why: 'The suite registers its clients for nginx and Caddy with the same option, and with its own API.',
  },
  {
    page: 'docs/stock-clients.md',
    begins: /^(npx dojang keys export|KID=)/,
    why: 'The suite exports its keys with the same command, and starts HAProxy again to read them.',
  },
  { page: 'docs/stock-clients.md', by: 'test/clients/fleet/stock-clients.test.ts' },
  { page: 'docs/java.md', by: 'test/clients/fleet/stock-clients.test.ts' },
  { page: 'docs/first-party-api.md', begins: /^npx/, by: 'test/docs.test.ts' },
  {
    page: 'docs/first-party-api.md',
    why: 'One line of a program, and a request with a token of the reader.',
  },
  {
    page: 'docs/mail.md',
    why: 'They need a mail server and a mail. test/cli/mail-operations.test.ts runs them.',
  },
  {
    page: 'docs/containers.md',
    why: 'They need root and Podman. test/containers builds and starts the same.',
  },
  { page: 'docs/releases.md', why: 'A maintainer types these commands once for each release.' },
  { page: 'docs/architecture.md', why: 'These are drawings.' },
  { page: 'docs/revocation-feed.md', why: 'This is a formula.' },
  { page: 'docs/branding.md', why: 'These are settings. test/docs.test.ts checks their names.' },
  { page: 'examples/README.md', by: 'test/docs.test.ts' },
  { page: 'examples/spa/README.md', begins: /^npx/, by: 'examples/test/spa.test.ts' },
  {
    page: 'examples/spa/README.md',
    why: 'examples/test/spa.test.ts runs npm install, and starts the app on a free port.',
  },
  { page: 'examples/nextjs-bff/README.md', by: 'examples/test/nextjs-site.ts' },
  { page: 'examples/static-public-key/README.md', by: 'examples/test/services.test.ts' },
  { page: 'verifiers/README.md', why: fragments },
  { page: 'verifiers/vectors/README.md', why: 'This describes a format.' },
  { page: 'verifiers/python/README.md', begins: /^pip install -e/, why: '.ci/run runs these tests.' },
  ...['node', 'python', 'go'].flatMap((language): Rule[] => [
    {
      page: `verifiers/${language}/README.md`,
      begins: /\$DOJANG|^go mod tidy/,
      by: 'examples/test/verifier-readmes.test.ts',
    },
    {
      page: `verifiers/${language}/README.md`,
      begins: /^(?:\/\/|#) [\w/-]+\.(?:js|py|go)/,
      by: 'examples/test/verifier-frameworks.test.ts',
    },
  ]),
]
const ruleOf = ({ page, code }: Block): Rule | undefined =>
  rules.find((rule) => rule.page === page && (rule.begins?.test(code) ?? true))

const firstLine = ({ code }: Block): string => code.split('\n')[0] ?? ''

test('a test runs every block of the pages, or the table says why not', () => {
  const forgotten = blocks.filter((block) => ruleOf(block) === undefined)
  expect(forgotten.map((block) => `${block.page}: ${firstLine(block)}`)).toEqual([])
})

test('each line of the table is for a block, and its test names the page or the command', () => {
  for (const rule of rules) {
    const found = blocks.filter((block) => ruleOf(block) === rule)
    expect(found.length, `${rule.page} ${rule.begins}`).toBeGreaterThan(0)
    if (rule.by === undefined) continue
    expect(existsSync(join(root, rule.by)), rule.by).toBe(true)
    const names = [basename(rule.page), ...found.map(firstLine)]
    expect(
      names.some((name) => textOf(rule.by ?? '').includes(name)),
      `${rule.page} in ${rule.by}`,
    ).toBe(true)
  }
})
