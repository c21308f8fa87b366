// Mounts sign-in through providers: builds its parts and adds its routes.
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import type { TextEncryption } from '../../encryption/sealing.ts'
import { pageErrorHandler } from '../../http/page.ts'
import { acceptForms, requireForm } from '../../http/server.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import type { LogInByPassword } from '../../passwords/login.ts'
import type { LinkConfirmations } from '../../sessions/link-confirmation.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import type { UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { SignInInBrowser } from '../browser-sign-in.ts'
import type { FindWaitingRequest } from '../waiting-request.ts'
import { createUpstreamCallback } from './callback.ts'
import { createCompleteSignIn } from './complete-sign-in.ts'
import { createLinkConfirmations } from './link-confirmation.ts'
import type { UpstreamProvider } from './provider.ts'
import { createFindProvider } from './providers.ts'
import { createUpstreamStart } from './start.ts'
import { createStartSession } from './start-session.ts'

export const mountUpstream = async (
  server: FastifyInstance,
  deps: {
    clock: Clock
    issuer: string
    providers: readonly UpstreamProvider[]
    findWaitingRequest: FindWaitingRequest
    upstreamAttempts: UpstreamAttempts
    linkConfirmations: LinkConfirmations
    providerSignIns: ProviderSignIns
    logInByPassword: LogInByPassword
    signIn: SignIn
    signInInBrowser: SignInInBrowser
    providerTokenEncryption: TextEncryption
    audit: Audit
    /** True if the installation sends mail. */
    mail: boolean
    registration: boolean
  },
) => {
  const findProvider = createFindProvider(deps.providers)
  const startSession = createStartSession(deps)
  const completeSignIn = createCompleteSignIn({ ...deps, startSession })
  const links = createLinkConfirmations({ ...deps, startSession, completeSignIn })
  await server.register(async (hosted) => {
    hosted.removeAllContentTypeParsers()
    acceptForms(hosted)
    hosted.setErrorHandler(pageErrorHandler)
    const form = { preValidation: requireForm }
    hosted.post('/login/:provider', form, createUpstreamStart({ ...deps, findProvider }))
    hosted.get(
      '/callback/:provider',
      createUpstreamCallback({
        ...deps,
        findProvider,
        completeSignIn,
        confirmByProvider: links.confirmByProvider,
      }),
    )
    hosted.get('/login/link', links.get)
    hosted.post('/login/link', form, links.post)
  })
}
