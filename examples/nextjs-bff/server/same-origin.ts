import { settings } from './settings'

/**
 * True if a page of this site sent the request. It stops cross-site requests (CSRF) without a custom header,
 * which `EventSource`, links and forms cannot send. `Sec-Fetch-Site` also tells a subdomain from this site.
 */
export const isSameOrigin = ({ headers, method }: Request): boolean => {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  // Browsers before 2023 do not send the header. A GET changes nothing, no other site can read its answer,
  // and the cookie is SameSite=Lax. With other methods every browser sends `Origin`.
  return method === 'GET' || headers.get('origin') === settings().site
}
