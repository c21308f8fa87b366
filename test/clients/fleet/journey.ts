// What every library does in one run: sign in, refresh, verify, a planned rotation, and a revoked key.
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeProtectedHeader } from 'jose'
import type { Person } from '../../support/served-person.ts'
import { type Application, application } from './application.ts'
import type { StockClient } from './clients.ts'
import { type ImportedKey, wrongTokens } from './signed-tokens.ts'
import type { StockVerifier } from './verifiers.ts'

/** `yes`, or the reason why not. */
type Outcome = string

export interface ClientResult {
  signsIn: Outcome
  refreshes: Outcome
  afterRotation: Outcome
  afterEmergency: Outcome
}

/** How a verifier answers to tokens: which wrong ones it accepts, and which right ones it refuses. */
export interface Verdicts {
  accepts: string[]
  refuses: string[]
}

export interface VerifierResult extends Verdicts {
  quickStart?: Verdicts
  /** The first refused step of the rotation and the emergency. */
  rotation: Outcome
  /** Seconds until it accepted the key that was published in the emergency. */
  nextKeySeconds: number
  revokedKey: 'refused' | 'until the next key' | 'cached'
}

interface Tokens {
  sub: string
  access_token: string
  id_token?: string
}

export interface Journey {
  issuer: string
  /** The user who signs in everywhere. */
  person: Person
  /** The URL of each program. */
  urlOf(library: StockClient | StockVerifier): string
  /** Exports the keys again, and starts the program of the verifier again. */
  replaceKeyFiles(verifier: StockVerifier): Promise<void>
}

const outcome = (work: Promise<unknown>): Promise<Outcome> =>
  work.then(
    () => 'yes',
    (error: Error) => error.message,
  )

const tokensIn = (body: string): Tokens => {
  try {
    return JSON.parse(body)
  } catch {
    throw new Error(`no JSON: ${body.slice(0, 1500)}`)
  }
}

const signIn = async (
  { issuer, person }: Journey,
  client: StockClient,
  app: Application,
): Promise<Tokens> => {
  const address = client.start
    ? await client.start(app)
    : ((await app.open(`/clients/${client.path}/login`)).location ?? new URL(app.url))
  if (address.origin !== issuer) throw new Error(`the sign-in began at ${address}`)
  const callback = await person.visit(address)
  const tokens = tokensIn((await app.open(callback)).body)
  if (tokens.sub !== person.id) throw new Error(`signed in as ${JSON.stringify(tokens)}`)
  return tokens
}

const refresh = async (client: StockClient, app: Application, before: Tokens): Promise<Tokens> => {
  const tokens = tokensIn((await app.open(`/clients/${client.path}/refresh`)).body)
  if (!tokens.access_token || tokens.access_token === before.access_token)
    throw new Error(`not refreshed: ${JSON.stringify(tokens)}`)
  return tokens
}

/** Signs in and refreshes. After each change of the keys refreshes again, and signs in in another browser. */
export const clientJourney = (journey: Journey, client: StockClient) => {
  const app = application(journey.urlOf(client))
  const result: Partial<ClientResult> = {}
  let tokens: Tokens | undefined
  return {
    result,
    idToken: () => tokens?.id_token,
    begin: async () => {
      result.signsIn = await outcome(
        signIn(journey, client, app).then((got) => {
          tokens = got
        }),
      )
      if (client.refreshes === false) return
      result.refreshes = tokens ? await outcome(refresh(client, app, tokens)) : 'not signed in'
    },
    continueAfter: async (event: 'afterRotation' | 'afterEmergency') => {
      const again = async () => {
        if (client.refreshes !== false && tokens) await refresh(client, app, tokens)
        await signIn(journey, client, application(app.url))
      }
      result[event] = await outcome(again())
    },
  }
}

const ask = async (url: string, token: string): Promise<{ accepted: boolean; reason: string }> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  return { accepted: response.ok, reason: `${response.status} ${await response.text()}` }
}

export const verifierJourney = (journey: Journey, verifier: StockVerifier) => {
  const url = `${journey.urlOf(verifier)}/verifiers/${verifier.path}`
  const quickStartUrl = `${journey.urlOf(verifier)}/quick-starts/${verifier.path}`
  const result: Partial<VerifierResult> = { rotation: 'yes' }

  const mustAccept = async (token: string, when: string) => {
    const { accepted, reason } = await ask(url, token)
    if (!accepted && result.rotation === 'yes') result.rotation = `${when}: ${reason}`
  }
  const mustRefuse = async (token: string, when: string) => {
    if ((await ask(url, token)).accepted) result.rotation = `${when}: accepted`
  }
  const verdicts = async (address: string, right: string, wrong: Map<string, string>): Promise<Verdicts> => {
    const accepts: string[] = []
    for (const [name, token] of wrong) if ((await ask(address, token)).accepted) accepts.push(name)
    return { accepts, refuses: (await ask(address, right)).accepted ? [] : ['access tokens'] }
  }

  return {
    result,
    /** Before the rotation. The published keys are now in the cache. */
    begin: (token: string) => mustAccept(token, 'at first'),
    rotate: async (old: string, next: string, key: ImportedKey, idToken: string) => {
      await mustAccept(next, 'the next key after a rotation')
      await mustAccept(old, 'the retiring key after a rotation')
      const wrong = await wrongTokens(key, next, idToken)
      Object.assign(result, await verdicts(url, next, wrong))
      if (verifier.quickStart !== false) result.quickStart = await verdicts(quickStartUrl, next, wrong)
    },
    revoke: async (revoked: string, next: string) => {
      const cached = (await ask(url, revoked)).accepted
      if (verifier.keyFiles) {
        await mustRefuse(next, 'the next key without its file')
        await journey.replaceKeyFiles(verifier)
        await mustRefuse(revoked, 'the revoked key without its file')
        await mustAccept(next, 'the next key with its file')
        result.nextKeySeconds = 0
        result.revokedKey = cached ? 'cached' : 'refused'
        return
      }
      const start = performance.now()
      const seconds = () => (performance.now() - start) / 1000
      let answer = await ask(url, next)
      while (!answer.accepted && seconds() < verifier.nextKeySeconds + 5) {
        await sleep(1000)
        answer = await ask(url, next)
      }
      if (!answer.accepted) result.rotation = `the next key after an emergency: ${answer.reason}`
      result.nextKeySeconds = seconds()
      const still = (await ask(url, revoked)).accepted
      result.revokedKey = still ? 'cached' : cached ? 'until the next key' : 'refused'
    },
  }
}

export const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? ''
