// A visit: what the bookshop's server remembers about one browser. The server and the page both use it.
import type { Happening } from './texts.ts'

export interface Visit {
  /** While the person is away, signing in. */
  away?: { verifier: string; state: string }
  tokens?: { access: string; id: string; refresh: string }
  /** What happened, oldest first. */
  ledger: { at: Date; what: Happening; detail?: string }[]
  /** The issuer says that the session is over. */
  ended: boolean
}

export interface ProviderOrigins {
  kakao: string
  google: string
  naver: string
}
