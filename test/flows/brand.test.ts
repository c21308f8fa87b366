// The brand of the pages: what an operator may configure, and what the pages do with it.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../../src/config.ts'
import { render } from '../../src/pages/html.ts'
import { sealIn, sealMark } from '../../src/pages/seal.ts'
import { foreignBrand, foreignLogo } from '../support/foreign-brand.ts'
import { useIssuer } from '../support/use-issuer.ts'

const folder = mkdtempSync(join(tmpdir(), 'brand-'))
const fileWith = (name: string, bytes: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** The paths of both seals. */
const sealLines = [sealMark('any'), sealIn('any')].flatMap((seal) =>
  [...render(seal).matchAll(/ d="([^"]+)"/g)].map(([, line]) => String(line)),
)

describe('the pages of another brand', () => {
  const issuer = useIssuer({ env: foreignBrand() })

  test.each(['/', '/login', '/register', '/nothing', '/docs', '/end-session'])(
    'the page %s has the name, the logo, the footer and the documents of the brand, and neither name nor seal of Dojang',
    async (path) => {
      const { body } = await issuer.send(`${path}?ui_locales=ko`, { headers: { accept: 'text/html' } })
      expect(body).toMatch(/<title>[^<]+ · 책갈피 Bookmark<\/title>/)
      expect(body).toContain('<img class="mark" src="/brand/logo" alt=""')
      expect(body).toContain('<link rel="icon" href="/brand/logo">')
      expect(body).toContain('Bookmark Inc. · 123-45-67890')
      expect(body).toContain(
        'href="https://www.bookmark.example/terms" target="_blank" rel="noopener">이용약관',
      )
      expect(body).toContain(
        'href="https://www.bookmark.example/privacy" target="_blank" rel="noopener">개인정보',
      )
      const shown = body.replace(/<(style|script|code)\b[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' ')
      expect(shown).not.toMatch(/dojang|도장/i)
      for (const line of sealLines) expect(body).not.toContain(line)
    },
  )

  test('the registration page says which documents a new user agrees to', async () => {
    const { body } = await issuer.send('/register?ui_locales=en')
    const agreement = /<p class="small-print">([\s\S]*?)<\/p>/.exec(body)?.[1] ?? ''
    expect(agreement.replace(/<[^>]+>/g, '')).toBe(
      'By creating an account, you agree to the Terms of service and confirm that you have read the Privacy policy.',
    )
  })

  test('the logo has its type, and a policy under which no script of it can run (G5)', async () => {
    const { status, headers, body } = await issuer.send('/brand/logo')
    expect(status).toBe(200)
    expect(body).toBe(foreignLogo)
    expect(headers.get('content-type')).toBe('image/svg+xml')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const policy = headers.get('content-security-policy')?.split('; ') ?? []
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain('sandbox')
    expect(policy.join()).not.toContain('script-src')
    const again = await issuer.send('/brand/logo', {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })
})

describe('the pages of Dojang', () => {
  const issuer = useIssuer()

  test.each(['/login', '/register', '/nothing'])(
    'the page %s says Dojang once, and has no link to documents that nobody configured',
    async (path) => {
      const { body } = await issuer.send(path, { headers: { accept: 'text/html' } })
      const shown = body.slice(body.indexOf('<body')).replace(/<[^>]+>/g, ' ')
      expect(shown.match(/dojang/gi)).toEqual(['Dojang'])
      expect(body).not.toContain('target="_blank"')
      expect(body).not.toContain('class="foot"')
    },
  )

  test('there is no logo to fetch', async () => {
    expect((await issuer.send('/brand/logo')).status).toBe(404)
  })
})

describe('the settings of the brand', () => {
  const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(8)])

  test.each([
    [
      'an SVG with a declaration and a comment',
      '<?xml version="1.0"?>\n<!-- logo -->\n<svg xmlns="x"/>',
      'image/svg+xml',
    ],
    ['a PNG', png, 'image/png'],
  ] as const)('accepts %s as the logo', (_, bytes, contentType) => {
    expect(readConfig({ BRAND_LOGO: fileWith('good', bytes) }).brand.logo?.contentType).toBe(contentType)
  })

  test.each([
    [
      'a web page as the logo',
      { BRAND_LOGO: fileWith('page.svg', '<html><svg></svg></html>') },
      /SVG or a PNG/,
    ],
    ['an empty logo', { BRAND_LOGO: fileWith('empty.svg', '') }, /SVG or a PNG/],
    [
      'a logo that is too large',
      { BRAND_LOGO: fileWith('large.svg', `<svg>${' '.repeat(262_144)}`) },
      /256 KiB/,
    ],
    [
      'a logo that does not exist',
      { BRAND_LOGO: join(folder, 'missing.svg') },
      /BRAND_LOGO cannot be read \(ENOENT\)/,
    ],
    ['a folder as the logo', { BRAND_LOGO: folder }, /BRAND_LOGO cannot be read/],
    ['a name of two lines', { BRAND_NAME: 'Book\nmark' }, /BRAND_NAME must be one line/],
    ['a name of 41 characters', { BRAND_NAME: '책'.repeat(41) }, /at most 40/],
    ['a name that turns the writing around', { BRAND_NAME: 'Book\u202emark' }, /one line/],
    ['a footer of 201 characters', { BRAND_FOOTER: 'x'.repeat(201) }, /BRAND_FOOTER.*at most 200/],
    ['a colour with a name', { BRAND_ACCENT: 'blue' }, /BRAND_ACCENT must be a colour with six/],
    ['CSS in a colour', { BRAND_BACKGROUND: '#fff;}*{x:y' }, /BRAND_BACKGROUND must be a colour/],
    [
      'terms that are a script',
      { TERMS_URL: 'javascript:alert(1)' },
      /TERMS_URL must be an https or http URL/,
    ],
    ['a policy without a host', { PRIVACY_URL: '/privacy' }, /PRIVACY_URL must be/],
  ])('refuses %s (G9)', (_, env, sentence) => {
    const faults = faultsOf(env)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(sentence)
  })

  test('refuses an accent that is too pale for a button, and names a colour that is dark enough', () => {
    const [fault = ''] = faultsOf({ BRAND_ACCENT: '#ffe100' })
    expect(fault).toContain(
      'BRAND_ACCENT #ffe100 is too pale for a button on #f5f6f8: the contrast is 1.2, and 3 is needed.',
    )
    const [, example = ''] = /for example (#[0-9a-f]{6})\./.exec(fault) ?? []
    expect(faultsOf({ BRAND_ACCENT: example })).toEqual([])
  })

  test('refuses a background that is too dark for the text on it', () => {
    const [fault] = faultsOf({ BRAND_BACKGROUND: '#8899aa' })
    expect(fault).toMatch(
      /BRAND_BACKGROUND #8899aa is too dark for the text on it: the contrast is 1\.8, and 4\.5/,
    )
  })
})
