// The session of this browser, shared by all tabs of the app. Each tab keeps it in its sessionStorage.
import { ErrorResponse, User, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { settingsFrom } from '../settings.ts'
import { onMessage, tellOtherTabs } from './other-tabs.ts'

/** The session has ended. Only a new sign-in helps. */
export class SignedOut extends Error {}

/** The app refreshes a token that expires within this time, so that the token is still valid at the API. */
const leewaySeconds = 10
const answerMs = 100

const { issuer, clientId } = settingsFrom(import.meta.env)
const storage = (prefix: string) => new WebStorageStateStore({ store: sessionStorage, prefix })
const manager = new UserManager({
  authority: issuer,
  client_id: clientId,
  redirect_uri: `${location.origin}/callback`,
  post_logout_redirect_uri: `${location.origin}/`,
  scope: 'openid profile email offline_access orders:read',
  userStore: storage('session.'),
  stateStore: storage('sign-in.'),
  // `accessToken` refreshes when the app needs a token, so an unused tab sends nothing.
  automaticSilentRenew: false,
  requestTimeoutInSeconds: 10,
})

let user: User | null = null
const listeners = new Set<() => void>()

const change = (next: User | null): void => {
  user = next
  for (const listener of listeners) listener()
}

export const currentUser = (): User | null => user

export const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const forget = async (): Promise<void> => {
  await manager.removeUser()
  change(null)
}

const announce = (): void => {
  if (user !== null) tellOtherTabs({ kind: 'session', user: user.toStorageString() })
}

onMessage(async (message) => {
  if (message.kind === 'signed-out') return forget()
  if (message.kind === 'ask') return announce()
  const received = User.fromStorageString(message.user)
  if ((received.expires_at ?? 0) <= (user?.expires_at ?? 0)) return
  await manager.storeUser(received)
  change(received)
})

/** Resolves when another tab has sent its session, or after a short time if none has. */
const askOtherTabs = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = subscribe(() => {
      stop()
      resolve()
    })
    setTimeout(() => {
      stop()
      resolve()
    }, answerMs)
    tellOtherTabs({ kind: 'ask' })
  })

/** Only one tab at a time refreshes or signs out. The browser frees the lock of a tab that closes. */
const alone = <Result>(task: () => Promise<Result>): Promise<Result> =>
  navigator.locks.request('session', task) as Promise<Result>

/** Loads the session of this tab, or the session of another tab. Finishes a sign-in at `/callback`. */
export const startSession = async (): Promise<void> => {
  if (location.pathname !== '/callback') {
    change(await manager.getUser())
    return user === null ? askOtherTabs() : undefined
  }
  const callback = location.href
  history.replaceState(null, '', '/')
  const signedIn = await manager.signinRedirectCallback(callback)
  history.replaceState(null, '', String(signedIn.state))
  change(signedIn)
  announce()
}

/** Leads to the sign-in page of the issuer. The user comes back to this address. */
export const signIn = (language: string): Promise<void> =>
  manager.signinRedirect({
    ui_locales: language,
    state: `${location.pathname}${location.search}${location.hash}`,
  })

/** Ends the session in all tabs and at the issuer. Changes nothing if the issuer does not answer. */
export const signOut = (): Promise<void> =>
  alone(async () => {
    await manager.revokeTokens(['refresh_token'])
    tellOtherTabs({ kind: 'signed-out' })
    change(null)
    await manager.signoutRedirect()
  })

const refresh = async (): Promise<void> => {
  try {
    change(await manager.signinSilent())
    announce()
  } catch (error) {
    // Every other error is temporary: the refresh token still works when the issuer answers again.
    if (!(error instanceof ErrorResponse) || error.error !== 'invalid_grant') throw error
    tellOtherTabs({ kind: 'signed-out' })
    await forget()
  }
}

/** A token for the API. Refreshes it first if it expires soon, or if the API rejected it. */
export const accessToken = async (rejected?: string): Promise<string> => {
  const usable = (): string | undefined => {
    if (user === null) throw new SignedOut()
    const { access_token, expires_in = 0 } = user
    return expires_in > leewaySeconds && access_token !== rejected ? access_token : undefined
  }
  const refreshed = async () => {
    // Another tab may have refreshed before this tab got the lock. Its message can arrive later.
    if (usable() === undefined) await askOtherTabs()
    if (usable() === undefined) await refresh()
    if (user === null) throw new SignedOut()
    return user.access_token
  }
  return usable() ?? alone(refreshed)
}

// The back button can show a page from memory, which missed messages of other tabs.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})
