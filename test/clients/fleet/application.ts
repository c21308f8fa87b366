// The browser at an application of the suite. It keeps cookies as the application sent them.

export interface Answer {
  status: number
  body: string
  /** The absolute URL of the `Location` header. */
  location?: URL
}

export interface Application {
  url: string
  get(address: string | URL): Promise<Answer>
  post(address: string, fields: Record<string, string>): Promise<Answer>
  /** Opens an address and follows redirects within the application. */
  open(address: string | URL): Promise<Answer>
}

export const application = (url: string): Application => {
  const cookies = new Map<string, string>()

  const send = async (address: string | URL, init: RequestInit = {}): Promise<Answer> => {
    const target = new URL(address, url)
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(target, { ...init, redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const pair = line.split(';', 1)[0] ?? ''
      const cut = pair.indexOf('=')
      const [name, value] = [pair.slice(0, cut), pair.slice(cut + 1)]
      if (value === '' || /max-age=0|expires=Thu, 01.Jan.1970/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get('location')
    return {
      status: response.status,
      body: await response.text(),
      ...(location !== null && { location: new URL(location, target) }),
    }
  }

  return {
    url,
    get: (address) => send(address),
    post: (address, fields) => send(address, { method: 'POST', body: new URLSearchParams(fields) }),
    open: async (address) => {
      let answer = await send(address)
      while (answer.location?.origin === url) answer = await send(answer.location)
      return answer
    },
  }
}
