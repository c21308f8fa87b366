// The life of an account through mails, in a real browser and with a real mail server: sign up, confirm,
// forget the password, reset it, and change the address. Links are opened in another browser.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { type MailServer, startMailServer } from '../../harness/mail-server.ts'
import { publishedName } from '../../src/revocation/feed-entries.ts'
import { testClock } from '../support/clock.ts'
import { claimsOf, type TestIssuer, testIssuer } from '../support/issuer.ts'

const words = {
  en: {
    confirm: 'Yes, confirm',
    forgot: 'Forgot your password?',
    again: 'Check your email',
    saved: 'Password saved. Sign in with it.',
    change: 'Change my email',
    changed: 'Your email is changed',
    subjects: { changed: /password.*changed/i, email: /address.*changed|e-?mail.*changed/i },
  },
  ko: {
    confirm: '네, 제가 가입했어요',
    forgot: '비밀번호를 잊으셨나요?',
    again: '메일함을 확인해 주세요',
    saved: '새 비밀번호로 로그인해 주세요',
    change: '이메일 바꾸기',
    changed: '이메일을 바꿨어요',
    subjects: { changed: /비밀번호/, email: /이메일/ },
  },
} as const

const visits: [lang: keyof typeof words, how: string, options: BrowserContextOptions][] = [
  ['en', 'with JavaScript', { locale: 'en-US' }],
  [
    'ko',
    'without JavaScript, on a phone',
    { locale: 'ko-KR', javaScriptEnabled: false, viewport: { width: 360, height: 740 } },
  ],
]

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let mailServer: MailServer
  let issuer: TestIssuer
  let chromium: Browser

  beforeAll(async () => {
    ;[mailServer, chromium] = await Promise.all([startMailServer(), launchChromium()])
    issuer = await testIssuer({
      // The browser uses the real time and drops cookies that have expired.
      clock: testClock(new Date()),
      env: { SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`, MAIL_FROM: 'Books <no-reply@books.example>' },
    })
  })
  afterAll(async () => {
    await chromium?.close()
    await issuer?.close()
    await mailServer?.close()
  })

  /** Sends what is due, and returns the next mail to the address. */
  const nextMail = async (to: string) => {
    await issuer.app.afterAnswer.settle()
    await issuer.app.mailWork?.tick()
    return mailServer.next(to)
  }

  const linkIn = (text: string): string => {
    const [link] = /https?:\/\/\S+\?token=[\w-]{43}/.exec(text) ?? []
    if (link === undefined) throw new Error(`no link in: ${text}`)
    return link
  }

  const submit = async (page: Page, fields: Record<string, string>) => {
    for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value)
    const [id] = Object.keys(fields)
    await page.locator(`main form${id === undefined ? '' : `:has(#${id})`} button[type=submit]`).click()
  }

  test.each(visits)(
    'a user signs up, confirms, resets the password and changes the address in %s, %s (E4, F19, G4)',
    async (lang, how, options) => {
      const t = words[lang]
      const name = `kim.${lang}`
      const [email, newEmail] = [`${name}@example.com`, `${name}.new@example.com`]
      const [password, newPassword] = ['wipe cactus ninety plaster', 'lamp otter quilt river sand']
      const [own, mailbox] = [await visitor(chromium, options), await visitor(chromium, options)]
      const [page, inMailbox] = [own.page, mailbox.page]

      await page.goto(`${issuer.url}/register`)
      await submit(page, { email, password })
      expect(await page.locator('h1').textContent()).toBe(t.again)
      await inMailbox.goto(linkIn((await nextMail(email)).text))
      expect(inMailbox.url()).toBe(`${issuer.url}/confirm-email`)
      await inMailbox.getByRole('button', { name: t.confirm }).click()
      expect((await issuer.stores.users.findByLogin(email))?.emailVerified).toBe(true)

      await page.goto(`${issuer.url}/login`)
      await submit(page, { login: email, password })
      await page.waitForURL(`${issuer.url}/account`)
      const { access, refresh } = (await issuer.json('/api/token', { email, password })).json
      expect((await nextMail(email)).headers.subject).toBeTruthy()

      await inMailbox.goto(`${issuer.url}/login`)
      await inMailbox.getByRole('link', { name: t.forgot }).click()
      await submit(inMailbox, { email })
      expect(await inMailbox.locator('h1').textContent()).toBe(t.again)
      await inMailbox.goto(linkIn((await nextMail(email)).text))
      await submit(inMailbox, { password: newPassword })
      await inMailbox.getByText(t.saved).waitFor()
      expect((await nextMail(email)).headers.subject).toMatch(t.subjects.changed)

      await page.goto(`${issuer.url}/account`)
      expect(new URL(page.url()).pathname).toBe('/login')
      expect((await issuer.json('/api/token/refresh', { refresh })).status).toBe(401)
      issuer.clock.advance(2)
      const feed = claimsOf((await issuer.send('/.well-known/revocations')).body)
      const { sid, sub } = claimsOf(String(access))
      for (const [kind, value] of [
        ['sid', sid],
        ['sub', sub],
      ] as const)
        expect(JSON.stringify(feed)).toContain(publishedName(kind, String(value)))
      expect((await issuer.bearer('/api/users/me', String(access))).status).toBe(401)

      await page.goto(`${issuer.url}/login`)
      await submit(page, { login: email, password: newPassword })
      await page.waitForURL(`${issuer.url}/account`)
      expect((await nextMail(email)).headers.subject).toBeTruthy()
      await submit(page, { email: newEmail })
      await inMailbox.goto(linkIn((await nextMail(newEmail)).text))
      await inMailbox.getByRole('button', { name: t.change }).click()
      await inMailbox.getByText(t.changed).waitFor()
      expect((await nextMail(email)).headers.subject).toMatch(t.subjects.email)
      expect(await issuer.stores.users.findByLogin(newEmail)).toMatchObject({ emailVerified: true })
      expect(await issuer.stores.users.findByLogin(email)).toBeUndefined()

      expect([...own.complaints, ...mailbox.complaints], how).toEqual([])
      await Promise.all([own.close(), mailbox.close()])
    },
    60_000,
  )
})
