// The demo's app: a small web server with a client secret, written with openid-client.
// It signs users in by the code flow with PKCE and keeps the tokens on the server.
// It introspects the access token to notice when the session has ended.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import * as oidc from 'openid-client'
import { bookshopPage } from './bookshop-page.ts'
import { type EventName, languageOf } from './texts.ts'
import { claimsOf, type DemoProviders, methodOf, newVisit, tellingProviderOf, type Visit } from './visit.ts'

export interface BookshopOptions {
  issuer: string
  /** The bookshop's own address. */
  url: string
  clientId: string
  clientSecret: string
  providers: DemoProviders
}

export const startBookshop = async (options: BookshopOptions): Promise<{ close(): Promise<void> }> => {
  const { issuer, url, clientId, clientSecret, providers } = options
  const redirectUri = `${url}/callback`
  // Browsers send a cookie to every port of a host, and two demos may run side by side.
  const cookieName = `bookshop-${new URL(url).port}`
  const insecure = { execute: [oidc.allowInsecureRequests] }
  const config = await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, insecure)
  const visits = new Map<string, Visit>()

  const record = (visit: Visit, event: EventName, detail?: string) => {
    visit.activity.push({ at: new Date(), event, ...(detail !== undefined && { detail }) })
  }

  const keepTokens = (visit: Visit, response: oidc.TokenEndpointResponse) => {
    const { access_token: access, id_token: id, refresh_token: refresh } = response
    visit.tokens = {
      access,
      id: id ?? visit.tokens?.id ?? '',
      refresh: refresh ?? visit.tokens?.refresh ?? '',
    }
  }

  /** Returns the OAuth error code of a rejection. Throws other failures: the session may still be valid. */
  const refresh = async (visit: Visit): Promise<string | undefined> => {
    try {
      keepTokens(visit, await oidc.refreshTokenGrant(config, visit.tokens?.refresh ?? ''))
      record(visit, 'refreshed')
      return undefined
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError) return error.error
      throw error
    }
  }

  const checkSession = async (visit: Visit): Promise<void> => {
    if (visit.tokens === undefined || visit.ended) return
    const { active } = await oidc.tokenIntrospection(config, visit.tokens.access)
    if (active || visit.ended) return
    const expired = Number(claimsOf(visit.tokens.access).exp) * 1000 <= Date.now()
    if (!expired) record(visit, 'access_token_inactive')
    const errorCode = await refresh(visit)
    if (errorCode === undefined) return
    visit.ended = true
    const provider = tellingProviderOf(visit)
    if (provider && providers[provider].disconnections() > visit.disconnectionsBefore)
      visit.disconnectedAt = provider
    record(visit, 'refresh_token_rejected', errorCode)
    record(visit, 'session_ended')
  }

  const runningChecks = new Map<Visit, Promise<void>>()
  /** Two tabs of one visit share one check, so that no event is recorded twice. */
  const checkSessionOnce = (visit: Visit): Promise<void> => {
    const running =
      runningChecks.get(visit) ??
      checkSession(visit)
        .catch((error) =>
          console.error('The bookshop could not check the session at the issuer:', String(error)),
        )
        .finally(() => runningChecks.delete(visit))
    runningChecks.set(visit, running)
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
    const visit = newVisit()
    visits.set(newId, visit)
    return visit
  }

  const redirect = (response: ServerResponse, to: URL | string) =>
    response.writeHead(303, { location: String(to), 'cache-control': 'no-store' }).end()

  /** Does one action and returns the address for the redirect. */
  type Action = (visit: Visit, requestUrl: URL, request: IncomingMessage) => Promise<URL | string>

  const actions: Record<string, Action> = {
    'POST /sign-in': async (visit, _, request) => {
      const pendingSignIn = { codeVerifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState() }
      const authorizationUrl = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile email offline_access',
        state: pendingSignIn.state,
        code_challenge: await oidc.calculatePKCECodeChallenge(pendingSignIn.codeVerifier),
        code_challenge_method: 'S256',
        ui_locales: languageOf(request.headers['accept-language']),
      })
      Object.assign(visit, { pendingSignIn, ended: false, activity: [] })
      delete visit.tokens
      delete visit.disconnectedAt
      record(visit, 'redirected')
      return authorizationUrl
    },
    'GET /callback': async (visit, requestUrl) => {
      const { pendingSignIn } = visit
      delete visit.pendingSignIn
      if (pendingSignIn === undefined) return '/'
      try {
        const checks = { pkceCodeVerifier: pendingSignIn.codeVerifier, expectedState: pendingSignIn.state }
        keepTokens(visit, await oidc.authorizationCodeGrant(config, requestUrl, checks))
        record(visit, 'signed_in')
        const method = methodOf(visit)
        if (method) visit.methods.add(method)
        const provider = tellingProviderOf(visit)
        if (provider) visit.disconnectionsBefore = providers[provider].disconnections()
      } catch (error) {
        const errorCode = error instanceof oidc.AuthorizationResponseError ? error.error : undefined
        record(visit, 'sign_in_failed', errorCode)
      }
      return '/'
    },
    'POST /refresh': async (visit) => {
      if (visit.tokens && !visit.ended && (await refresh(visit)) !== undefined) await checkSessionOnce(visit)
      return '/'
    },
    'POST /sign-out': async (visit) => {
      const idToken = visit.tokens?.id
      Object.assign(visit, { ended: false, activity: [] })
      delete visit.tokens
      if (idToken === undefined) return '/'
      return oidc.buildEndSessionUrl(config, {
        post_logout_redirect_uri: `${url}/`,
        id_token_hint: idToken,
      })
    },
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const requestUrl = new URL(request.url ?? '/', url)
    const visit = visitOf(request, response)
    const action = actions[`${request.method} ${requestUrl.pathname}`]
    if (action) return redirect(response, await action(visit, requestUrl, request))
    if (requestUrl.pathname === '/status') {
      await checkSessionOnce(visit)
      const body = JSON.stringify({ ended: visit.ended, events: visit.activity.length })
      return response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(body)
    }
    if (requestUrl.pathname !== '/') return response.writeHead(404).end()
    await checkSessionOnce(visit)
    const language = languageOf(request.headers['accept-language'])
    const { page, policy } = bookshopPage(language, visit, providers)
    return response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': policy,
      })
      .end(page)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      console.error('The bookshop could not answer a request:', String(error))
      response.writeHead(502).end('The issuer did not answer. Try again in a few seconds.')
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
