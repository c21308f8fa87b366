// A browser at the HTTP level. It keeps cookies and sends the origin headers that browsers send.
// It follows a redirect only when a test calls `follow`.

export interface Page {
  status: number
  headers: Headers
  body: string
  /** The absolute URL of the `Location` header. */
  location?: URL
}

export interface Browser {
  cookies: Map<string, string>
  get(path: string, headers?: Record<string, string>): Promise<Page>
  /** Submits a form as one of the issuer's own pages does. */
  /** A list of pairs may repeat a field. */
  submit(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers?: Record<string, string>,
  ): Promise<Page>
  /** Follows redirects within the issuer. Stops at a page, or at a redirect that leaves the issuer. */
  follow(page: Page): Promise<Page>
}

/** @param cookies those of another origin on the same host: a browser sends its cookies to every port. */
export const browser = (origin: string, cookies = new Map<string, string>()): Browser => {
  const remember = (response: Response) => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const cut = pair.indexOf('=')
      const name = pair.slice(0, cut).trim()
      const value = decodeURIComponent(pair.slice(cut + 1).trim())
      const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute))
      if (gone || value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
  }

  const send = async (
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Page> => {
    const url = new URL(path, origin)
    const cookie = [...cookies].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie && { cookie }), ...init.headers },
    })
    remember(response)
    const location = response.headers.get('location')
    return {
      status: response.status,
      headers: response.headers,
      body: await response.text(),
      ...(location !== null && { location: new URL(location, url) }),
    }
  }

  const get: Browser['get'] = (path, headers = {}) => send(path, { method: 'GET', headers })

  return {
    cookies,
    get,
    submit: (path, fields, headers = {}) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin,
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      }),
    follow: async (page) => {
      let current = page
      while (current.location !== undefined && current.location.origin === origin) {
        const { pathname, search } = current.location
        if (pathname === '/' || pathname === '/callback') break
        current = await get(`${pathname}${search}`)
      }
      return current
    },
  }
}
