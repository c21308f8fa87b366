// The settings of this server. `.env.example` explains each of them.

export interface Settings {
  issuer: string
  clientId: string
  clientSecret: string
  /** The API behind this server. */
  api: string
  /** The origin of this site, as browsers see it. */
  site: string
  /** Encrypts the session cookie. */
  secret: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reports all faults together, so that one start shows everything that is missing. */
export const readSettings = (env: Environment): Settings => {
  const faults: string[] = []
  const text = (name: string, minLength = 1) => {
    const value = env[name] ?? ''
    if (value.length < minLength)
      faults.push(value === '' ? `${name} is not set.` : `${name} has fewer than ${minLength} characters.`)
    return value
  }
  const origin = (name: string) => {
    const value = text(name)
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (value !== '' && (!/^https?:$/.test(url?.protocol ?? '') || url?.origin !== value))
      faults.push(
        `${name} must be like https://www.example.com, without a path and without a slash at the end.`,
      )
    return value
  }
  const settings = {
    issuer: origin('ISSUER'),
    clientId: text('DOJANG_CLIENT_ID'),
    clientSecret: text('DOJANG_CLIENT_SECRET'),
    api: origin('API_ORIGIN'),
    site: origin('AUTH_URL'),
    secret: text('AUTH_SECRET', 32),
  }
  if (faults.length > 0) throw new Error(`Check the settings (see .env.example). ${faults.join(' ')}`)
  return settings
}

let known: Settings | undefined
/** Read at the first call and not at import, because `next build` imports this file without settings. */
export const settings = (): Settings => {
  known ??= readSettings(process.env)
  return known
}
