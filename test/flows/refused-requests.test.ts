// Authorization requests without a return address: the log names the app, and on localhost the page says
// what to fix.
import { describe, expect, test } from 'vitest'
import { useIssuer } from '../support/use-issuer.ts'

const onLocalhost = useIssuer()
const inPublic = useIssuer({ env: { ISSUER: 'https://id.example.com' } })

type Issuer = typeof onLocalhost

const authorize = async (issuer: Issuer, params: Record<string, string>) => {
  const before = issuer.logLines.length
  const page = await issuer.browser().get(`/authorize?${new URLSearchParams(params)}`)
  const lines = issuer.logLines.slice(before).map((line) => JSON.parse(line))
  return { page, refused: lines.filter(({ msg }) => msg === 'request refused') }
}

const uri = 'https://user:pa55@evil.example/cb?code=s3cret#s3cret'

describe.each([
  ['on localhost', onLocalhost],
  ['on a public address', inPublic],
])('%s', (_, issuer) => {
  test('the log names the client, the reason and the redirect URI, without its secrets (H9)', async () => {
    const client = await issuer.client()
    const { page, refused } = await authorize(issuer, { client_id: client.id, redirect_uri: uri })
    expect(page.status).toBe(400)
    expect(refused).toEqual([
      expect.objectContaining({
        ...{ reason: 'bad_redirect', clientId: client.id, redirectUri: 'https://evil.example/cb' },
      }),
    ])
    expect(JSON.stringify(refused)).not.toMatch(/s3cret|pa55/)
    const unknown = await authorize(issuer, { client_id: 'nobody', redirect_uri: 'https://app.example/cb' })
    expect(unknown.refused).toMatchObject([{ reason: 'unknown_client', clientId: 'nobody' }])
  })
})

test('on localhost the page tells the developer what to fix, and repeats no parameter', async () => {
  const client = await onLocalhost.client({
    redirectUris: ['https://app.example/cb', 'https://app.example/b'],
  })
  const bodyOf = async (params: Record<string, string>) => (await authorize(onLocalhost, params)).page.body
  const wrong = await bodyOf({ client_id: client.id, redirect_uri: uri })
  expect(wrong).toContain(`not registered for the client ${client.id}, which has: https://app.example/cb`)
  expect(wrong).toContain(`dojang clients update ${client.id}`)
  expect(wrong).not.toMatch(/evil\.example|s3cret/)
  expect(await bodyOf({ client_id: client.id })).toContain('The request has no redirect_uri')
  expect(await bodyOf({})).toContain('The request has no client_id')
  const unknown = await bodyOf({ client_id: 'n0b0dy' })
  expect(unknown).toContain('No client has the client_id of this request')
  expect(unknown).not.toContain('n0b0dy')
})

test('on a public address the page names neither the client nor its redirect URIs', async () => {
  const client = await inPublic.client({ redirectUris: ['https://app.example/cb'] })
  const { page } = await authorize(inPublic, { client_id: client.id, redirect_uri: uri })
  expect(page.body).not.toMatch(new RegExp(`${client.id}|app\\.example|dojang clients`))
})
