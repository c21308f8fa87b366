import { refuse } from './refuse'
import { isSameOrigin } from './same-origin'
import { readSession, sessionCookies } from './session'
import { settings } from './settings'

/** Ends the session here and redirects to the issuer, which ends its own session and those of other apps. */
export const logOut = async (request: Request): Promise<Response> => {
  if (!isSameOrigin(request)) return refuse('cross_site')
  const { issuer, site } = settings()
  const session = await readSession(request)
  const endSession = new URL(`${issuer}/end-session`)
  endSession.searchParams.set('post_logout_redirect_uri', `${site}/`)
  if (session?.idToken) endSession.searchParams.set('id_token_hint', session.idToken)
  const location = session?.idToken ? endSession.href : `${site}/`
  const response = new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
  for (const line of sessionCookies(request)) response.headers.append('set-cookie', line)
  return response
}
