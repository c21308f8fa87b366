// Mounts the hosted pages for login, registration and sign-in through providers. The pages know a client's
// request only as an encrypted text and redirect back to /authorize.

import type { FastifyInstance } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { EmailFlows } from '../email-links/email-flows.ts'
import type { TextEncryption } from '../encryption/sealing.ts'
import { pageErrorHandler } from '../http/page.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import type { ProviderSignIns } from '../identities/provider-sign-in.ts'
import { strengthScriptPath } from '../pages/strength-meter.ts'
import type { KnownDevices } from '../passwords/known-device.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import type { TellNewDevice } from '../passwords/new-device.ts'
import type { Register } from '../passwords/registration.ts'
import type { LinkConfirmations } from '../sessions/link-confirmation.ts'
import type { ParkedRequests } from '../sessions/parked-request.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import type { UpstreamAttempts } from '../sessions/upstream-attempt.ts'
import { createSignInInBrowser } from './browser-sign-in.ts'
import { mountMailed } from './mailed/mount-mailed.ts'
import { createPasswordPages } from './password-pages.ts'
import { createRegisterPages } from './register-pages.ts'
import { getStrengthScript } from './strength-script.ts'
import { mountUpstream } from './upstream/mount-upstream.ts'
import type { UpstreamProvider } from './upstream/provider.ts'
import { createFindWaitingRequest } from './waiting-request.ts'

export interface LoginDeps {
  clock: Clock
  issuer: string
  audit: Audit
  parkedRequests: ParkedRequests
  signIn: SignIn
  logInByPassword: LogInByPassword
  register: Register
  knownDevices: KnownDevices
  tellNewDevice: TellNewDevice
  /** Undefined if this installation sends no mail. */
  emailFlows: EmailFlows | undefined
  providers: readonly UpstreamProvider[]
  providerSignIns: ProviderSignIns
  providerTokenEncryption: TextEncryption
  upstreamAttempts: UpstreamAttempts
  linkConfirmations: LinkConfirmations
  /** True if anyone may create an account. */
  registration: boolean
  hidesTakenAddresses: boolean
  minPasswordLength: number
  /** How long the browser keeps the session cookie. */
  absoluteTtlSeconds: number
}

export const mountLogin = async (server: FastifyInstance, deps: LoginDeps) => {
  const findWaitingRequest = createFindWaitingRequest(deps.parkedRequests)
  const signInInBrowser = createSignInInBrowser(deps)
  const hosted = { ...deps, findWaitingRequest, signInInBrowser }
  await server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(pageErrorHandler)
    const password = createPasswordPages(hosted)
    pages.get('/login', password.get)
    pages.post('/login/password', { preValidation: requireForm }, password.post)
    const register = createRegisterPages(hosted)
    pages.get(strengthScriptPath, getStrengthScript)
    pages.get('/register', register.get)
    pages.post('/register', { preValidation: requireForm }, register.post)
    const { emailFlows } = deps
    if (emailFlows !== undefined) mountMailed(pages, { ...hosted, emailFlows })
  })
  await mountUpstream(server, { ...hosted, mail: deps.emailFlows !== undefined })
}
