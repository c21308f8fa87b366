// Mounts the pages of the signed-in user: profile, password, login methods, sessions, connected apps and
// deletion.
// Every change is a same-origin POST.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { EmailLinks } from '../email-links/email-link.ts'
import { queryFields, single } from '../http/form.ts'
import { pageErrorHandler } from '../http/page.ts'
import { acceptForms, requireForm } from '../http/server.ts'
import type { DisconnectRequests } from '../identities/disconnect-requests.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { PasswordHashing } from '../passwords/hash.ts'
import type { KnownDevices } from '../passwords/known-device.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import type { CheckNewPassword } from '../passwords/policy.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import type { Users } from '../users/user.ts'
import { type AccountAction, backToAccount, createAccountForm, createAccountPage } from './action.ts'
import { createEmailActions } from './change-email.ts'
import { createChangePassword, createChangePasswordAction } from './change-password.ts'
import { createChangeProfileAction } from './change-profile.ts'
import { createAccountDeletion } from './delete-account.ts'
import { createSessionActions } from './session-actions.ts'
import { createSetFirstPasswordAction } from './set-first-password.ts'
import { type AccountNotice, createShowAccount, type ShowAccountDeps } from './show-account.ts'
import { createUnlinkAction } from './unlink-identity.ts'

const notices: readonly AccountNotice[] = [
  'password_changed',
  'sessions_ended',
  'grant_withdrawn',
  'linked',
  'unlinked',
  'email_confirmed',
  'email_changed',
  'link_sent',
  'password_set',
  'profile_saved',
]

export interface AccountDeps extends ShowAccountDeps {
  users: Users
  disconnectRequests: Pick<DisconnectRequests, 'enqueue'>
  signIn: SignIn
  endSessions: EndSessions
  passwords: PasswordHashing
  checkNewPassword: CheckNewPassword
  logInByPassword: LogInByPassword
  knownDevices: KnownDevices
  composeNotice: ComposeNotice
  emailLinks: Pick<EmailLinks, 'end'>
  audit: Audit
  issuer: string
}

export const mountAccount = async (server: FastifyInstance, deps: AccountDeps) => {
  const { signIn, providers } = deps
  const show = createShowAccount(deps)

  /** The problem in the URL, if a sign-in through a provider failed and returned here. */
  const linkProblem = (request: FastifyRequest) => {
    const fields = queryFields(request)
    const what = single(fields, 'problem')
    const provider = providers.find(({ id }) => id === single(fields, 'provider'))?.id
    return what === undefined ? {} : { problem: { what, ...(provider !== undefined && { provider }) } }
  }

  const sessionActions = createSessionActions({ ...deps, backToAccount })
  const changePassword = createChangePassword(deps)
  const deletion = createAccountDeletion(deps)
  const { emailFlows } = deps
  const emailActions =
    emailFlows && createEmailActions({ ...deps, sendLinks: emailFlows.sendLinks, show, backToAccount })
  const actions: Readonly<Record<string, AccountAction>> = {
    '/account/sessions/end': sessionActions.endOne,
    '/account/sessions/end-others': sessionActions.endOthers,
    '/account/grants/withdraw': sessionActions.withdrawConsent,
    '/account/identities/unlink': createUnlinkAction({ ...deps, show, backToAccount }),
    '/account/profile': createChangeProfileAction({ ...deps, show, backToAccount }),
    '/account/password': createChangePasswordAction({ ...deps, changePassword, show, backToAccount }),
    '/account/password/set': createSetFirstPasswordAction({ ...deps, show, backToAccount }),
    '/account/delete': deletion.act,
    ...(emailActions && {
      '/account/email': emailActions.change,
      '/account/email/resend': emailActions.resend,
    }),
  }

  await server.register(async (pages) => {
    pages.removeAllContentTypeParsers()
    acceptForms(pages)
    pages.setErrorHandler(pageErrorHandler)
    pages.get(
      '/account',
      createAccountPage(signIn, (request, reply, signedIn) => {
        const done = single(queryFields(request), 'done')
        const notice = notices.find((known) => known === done)
        return show(request, reply, signedIn, { ...(notice && { notice }), ...linkProblem(request) })
      }),
    )
    pages.get('/account/delete', createAccountPage(signIn, deletion.ask))
    for (const [path, action] of Object.entries(actions))
      pages.post(path, { preValidation: requireForm }, createAccountForm(deps, action))
  })
}
