// The script that estimates new passwords: where it comes from, and which pages load it.
import { expect, test } from 'vitest'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const path = '/password-strength.js'

test('only pages with a field for a new password load the script, from the issuer and with the nonce (G5)', async () => {
  const tag = new RegExp(`<script nonce="([^"]+)" src="${path}" defer></script>`)
  const agent = issuer.browser()
  const register = await agent.get('/register')
  const nonce = tag.exec(register.body)?.[1]
  expect(register.headers.get('content-security-policy')).toContain(`script-src 'nonce-${nonce}';`)
  expect((await agent.get('/login')).body).not.toContain(path)

  const user = await issuer.user()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  expect((await agent.get('/account')).body).toMatch(tag)
  expect((await agent.get('/account/delete')).body).not.toContain(path)
})

test('the script is compressed, kept by the browser, and sends no request (G5)', async () => {
  const plain = await issuer.send(path, { headers: { 'accept-encoding': 'identity' } })
  expect(plain.status).toBe(200)
  expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(plain.headers.get('cache-control')).toBe('public, max-age=3600')
  expect(plain.headers.get('vary')).toContain('Accept-Encoding')
  expect(plain.body).not.toMatch(/sourceMappingURL|\bfetch\(|XMLHttpRequest|\bimport\(|WebSocket|sendBeacon/)

  const compressed = await fetch(`${issuer.url}${path}`, { headers: { 'accept-encoding': 'gzip' } })
  expect(compressed.headers.get('content-encoding')).toBe('gzip')
  expect(await compressed.text()).toBe(plain.body)
  expect(Number(compressed.headers.get('content-length'))).toBeLessThan(90_000)
  expect(compressed.headers.get('etag')).not.toBe(plain.headers.get('etag'))

  for (const { headers } of [plain, compressed]) {
    const again = await fetch(`${issuer.url}${path}`, {
      headers: {
        'accept-encoding': headers.get('content-encoding') ?? 'identity',
        'if-none-match': headers.get('etag') ?? '',
      },
    })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  }
})
