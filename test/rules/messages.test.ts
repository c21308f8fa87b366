import { describe, expect, test } from 'vitest'
import type { MailContent } from '../../src/mail/compose.ts'
import { mailKinds } from '../../src/mail/mail-queue.ts'
import { createRenderMail } from '../../src/messages/render-mail.ts'
import { createBrand } from '../../src/pages/brand.ts'
import { everyMail } from '../support/every-mail.ts'

const issuer = 'https://id.example.com'
const at = new Date('2026-03-01T16:05:00Z')
const renderMail = createRenderMail({ issuer, name: 'Example', brand: createBrand({}) })
const render = (content: object) => renderMail({ to: 'jane@example.com', ...content } as MailContent, at)

test('there is a text for every kind of mail', () => {
  expect(everyMail('ko', 'a@example.com').map(({ kind }) => kind)).toEqual([...mailKinds])
})

describe.each(['ko', 'en'] as const)('the mails in %s', (locale) => {
  test.each(everyMail(locale, 'jane@example.com'))(
    '$kind names the installation in subject, text and HTML, and says the same in both',
    (mail) => {
      const { subject, text, html } = renderMail(mail, at)
      for (const part of [subject, text, html]) expect(part).toContain('Example')
      expect(subject.length).toBeLessThan(60)
      expect(subject).not.toMatch(/[\r\n]/)
      expect(html).toContain(`<html lang="${locale}">`)
      const words = (markup: string) =>
        markup
          .replaceAll(/<(style|title)>.*?<\/\1>/gs, '')
          .replaceAll(/<[^>]+>/g, ' ')
          .split(/\s+/)
      const shown = new Set(words(html.replaceAll('&amp;', '&').replaceAll('&#39;', "'")))
      const missing = words(text).filter((word) => !shown.has(word) && !/^(--|.*:)$/.test(word))
      expect(missing).toEqual([])
    },
  )

  test.each(everyMail(locale, 'jane@example.com'))(
    '$kind loads nothing, and each link is an address of the issuer (G9)',
    (mail) => {
      const { text, html } = renderMail(mail, at)
      expect(html).not.toMatch(/<(img|script|link|iframe|object|form)\b|url\(|@import|\bon\w+=/i)
      for (const [, href] of html.matchAll(/(?:href|src)="([^"]*)"/g))
        expect(href).toMatch(/^https:\/\/id\.example\.com\//)
      for (const [address] of text.matchAll(/https?:\/\/[^\s]+/g))
        expect(new URL(address).origin).toBe(issuer)
    },
  )
})

test('a mail has the colours and the footer of the brand', () => {
  const brand = createBrand({ name: 'Bookmark', accent: '#1d4ed8', footer: 'Bookmark Inc. & Co' })
  const mail = createRenderMail({ issuer, name: 'Bookmark', brand })
  const { text, html } = mail({ kind: 'password_changed', to: 'jane@example.com', locale: 'ko' }, at)
  expect(text).toContain('Bookmark Inc. & Co\n')
  expect(html).toContain('Bookmark Inc. &amp; Co')
  expect(html).toContain('bgcolor="#1d4ed8"')
  expect(html).not.toContain('#c2321e')
})

describe('the terms and the privacy policy of the operator', () => {
  const termsUrl = 'https://www.example.com/terms?a=1&b=2'
  const privacyUrl = 'https://www.example.com/privacy'
  const renderWith = (documents: object, locale: 'ko' | 'en') =>
    createRenderMail({ issuer, name: 'Bookmark', brand: createBrand(documents) })(
      { kind: 'password_changed', to: 'jane@example.com', locale },
      at,
    )

  test.each([
    ['ko', '이용약관', '개인정보 처리방침'],
    ['en', 'Terms of service', 'Privacy policy'],
  ] as const)('stand below a mail in %s, as text and as HTML', (locale, terms, privacy) => {
    const { text, html } = renderWith({ termsUrl, privacyUrl, footer: 'Bookmark Inc.' }, locale)
    const end = [`Bookmark Inc.`, issuer, `${terms}: ${termsUrl}`, `${privacy}: ${privacyUrl}`, '']
    expect(text.endsWith(end.join('\n'))).toBe(true)
    const [, links = ''] = html.split(`${issuer}<br>`)
    expect(links).toContain('href="https://www.example.com/terms?a=1&amp;b=2"')
    expect(links).toContain(`href="${privacyUrl}"`)
    const shown = links.slice(0, links.indexOf('</td>')).replaceAll(/<[^>]+>/g, '')
    expect(shown).toBe(`${terms} · ${privacy}`)
  })

  test('only a document with an address has a link', () => {
    const { text, html } = renderWith({ privacyUrl }, 'en')
    expect(text.endsWith(`${issuer}\nPrivacy policy: ${privacyUrl}\n`)).toBe(true)
    expect(html).not.toMatch(/Terms| · /)
    const without = renderWith({}, 'en')
    expect(without.text.endsWith(`${issuer}\n`)).toBe(true)
    expect(without.html).not.toContain('Privacy policy')
  })
})

test('a path that looks like another host stays a path of the issuer', () => {
  for (const path of ['//evil.example/x', '///evil.example', '/\\evil.example', '/@evil.example']) {
    const { text } = render({ kind: 'confirm_email', locale: 'en', path, minutes: 5 })
    const link = /https?:\/\/\S+/.exec(text)?.[0] ?? ''
    expect(new URL(link).origin, path).toBe(issuer)
  }
})

test('a mail about an event shows its time: in Korean the time of Korea, in English UTC', () => {
  expect(render({ kind: 'password_changed', locale: 'ko' }).text).toContain('2026년 3월 2일 오전 1:05')
  expect(render({ kind: 'password_changed', locale: 'en' }).text).toContain('March 1, 2026 at 4:05')
})

test('the mail to the old address shows the new address masked', () => {
  const { text, html } = render({ kind: 'email_changed', locale: 'en', newEmail: 'kim@click.evil.example' })
  for (const part of [text, html]) {
    expect(part).toContain('k***@c***.example')
    expect(part).not.toContain('evil')
  }
})

test('a mail shows no text that a stranger chose', () => {
  const { text, html } = render({
    kind: 'new_device',
    locale: 'en',
    userAgent: 'Call +1 555 0100 <a href="https://evil.example">now</a>',
  })
  for (const part of [text, html]) expect(part).not.toMatch(/evil|555|Call/)
  const linked = render({ kind: 'provider_linked', locale: 'en', provider: '<b>x</b>' })
  expect(linked.html).not.toContain('<b>x')
})
