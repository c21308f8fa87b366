// The demo's app: a small web server with a client secret, as a team would write it with openid-client. Signs people in
// by the code flow with PKCE, keeps their tokens to itself, and asks the issuer now and then whether they still stand.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as oidc from 'openid-client'
import { bookshopPage } from './bookshop-page.ts'
import { type Happening, languageOf } from './texts.ts'
import type { ProviderOrigins, Visit } from './visit.ts'

export interface BookshopOptions {
  issuer: string
  /** Its own address. */
  url: string
  clientId: string
  clientSecret: string
  /** The providers' addresses, for the way to where connections are ended. */
  connections: ProviderOrigins
}

const cookieName = 'bookshop'

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

export const bookshop = async (options: BookshopOptions): Promise<{ close(): Promise<void> }> => {
  const { issuer, url, clientId, clientSecret, connections } = options
  const redirectUri = `${url}/callback`
  const insecure = { execute: [oidc.allowInsecureRequests] }
  const config = await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, insecure)
  const visits = new Map<string, Visit>()

  const note = (visit: Visit, what: Happening, detail?: string) => {
    visit.ledger.push({ at: new Date(), what, ...(detail !== undefined && { detail }) })
  }

  const keep = (visit: Visit, answer: oidc.TokenEndpointResponse) => {
    const { access_token: access, id_token: id, refresh_token: refresh } = answer
    visit.tokens = {
      access,
      id: id ?? visit.tokens?.id ?? '',
      refresh: refresh ?? visit.tokens?.refresh ?? '',
    }
  }

  /** The code of a refusal; anything else is trouble of our own and says nothing about the session. */
  const refresh = async (visit: Visit): Promise<string | undefined> => {
    try {
      keep(visit, await oidc.refreshTokenGrant(config, visit.tokens?.refresh ?? ''))
      note(visit, 'refreshed')
      return undefined
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError) return error.error
      throw error
    }
  }

  const check = async (visit: Visit): Promise<void> => {
    if (visit.tokens === undefined || visit.ended) return
    const { active } = await oidc.tokenIntrospection(config, visit.tokens.access)
    if (active || visit.ended) return
    const expired = Number(claimsOf(visit.tokens.access).exp) * 1000 <= Date.now()
    if (!expired) note(visit, 'token_dead')
    const refusal = await refresh(visit)
    if (refusal === undefined) return
    visit.ended = true
    note(visit, 'refresh_refused', refusal)
    note(visit, 'ended')
  }
  /** Two tabs ask at once. */
  const checks = new Map<Visit, Promise<void>>()
  const checked = (visit: Visit): Promise<void> => {
    const running =
      checks.get(visit) ??
      check(visit)
        .catch((error) => console.error('asking the issuer failed:', String(error)))
        .finally(() => checks.delete(visit))
    checks.set(visit, running)
    return running
  }

  const visitOf = (request: IncomingMessage, response: ServerResponse): Visit => {
    const id = (request.headers.cookie ?? '')
      .split('; ')
      .find((pair) => pair.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1)
    const known = visits.get(id ?? '')
    if (known) return known
    const newId = randomUUID()
    response.setHeader('set-cookie', `${cookieName}=${newId}; Path=/; HttpOnly; SameSite=Lax`)
    const visit: Visit = { ledger: [], ended: false }
    visits.set(newId, visit)
    return visit
  }

  const goTo = (response: ServerResponse, to: URL | string) =>
    response.writeHead(303, { location: String(to), 'cache-control': 'no-store' }).end()

  const actions: Record<string, (visit: Visit, at: URL, request: IncomingMessage) => Promise<URL | string>> =
    {
      'POST /sign-in': async (visit, _, request) => {
        const away = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState() }
        const to = oidc.buildAuthorizationUrl(config, {
          ...{ redirect_uri: redirectUri, scope: 'openid profile email offline_access', state: away.state },
          code_challenge: await oidc.calculatePKCECodeChallenge(away.verifier),
          ...{ code_challenge_method: 'S256', ui_locales: languageOf(request.headers['accept-language']) },
        })
        Object.assign(visit, { away, ended: false, ledger: [] })
        delete visit.tokens
        note(visit, 'sent_away')
        return to
      },
      'GET /callback': async (visit, at) => {
        const { away } = visit
        delete visit.away
        if (away === undefined) return '/'
        try {
          const checks = { pkceCodeVerifier: away.verifier, expectedState: away.state }
          keep(visit, await oidc.authorizationCodeGrant(config, at, checks))
          note(visit, 'signed_in')
        } catch (error) {
          note(
            visit,
            'not_signed_in',
            error instanceof oidc.AuthorizationResponseError ? error.error : undefined,
          )
        }
        return '/'
      },
      'POST /refresh': async (visit) => {
        if (visit.tokens && !visit.ended && (await refresh(visit)) !== undefined) await checked(visit)
        return '/'
      },
      'POST /sign-out': async (visit) => {
        const hint = visit.tokens?.id
        Object.assign(visit, { ended: false, ledger: [] })
        delete visit.tokens
        const back = { post_logout_redirect_uri: `${url}/` }
        return hint === undefined ? '/' : oidc.buildEndSessionUrl(config, { ...back, id_token_hint: hint })
      },
    }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const at = new URL(request.url ?? '/', url)
    const visit = visitOf(request, response)
    const action = actions[`${request.method} ${at.pathname}`]
    if (action) return goTo(response, await action(visit, at, request))
    if (at.pathname === '/status') {
      await checked(visit)
      const body = JSON.stringify({ ended: visit.ended, entries: visit.ledger.length })
      return response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(body)
    }
    if (at.pathname !== '/') return response.writeHead(404).end()
    await checked(visit)
    const language = languageOf(request.headers['accept-language'])
    const { page, policy } = bookshopPage(language, visit, { issuer, connections, claimsOf })
    return response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': policy,
      })
      .end(page)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error('the bookshop failed:', String(error))
      response.writeHead(502).end('The issuer does not answer.')
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(Number(new URL(url).port), '127.0.0.1', resolve)
  })
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
