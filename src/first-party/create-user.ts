// POST /api/users: creates an account. With a mail server, an address in use gets the same answer.
// Does not own the rules (passwords/registration.ts).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonObject } from '../http/json.ts'
import { pageFrame } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import type { Register, RegistrationFault } from '../passwords/registration.ts'
import { type FindCallingApp, userContext } from './calling-app.ts'
import { optionalText, requiredText } from './members.ts'
import { userJson } from './user-json.ts'

const detailsFor = (minPasswordLength: number): Readonly<Record<RegistrationFault, string>> => ({
  email_invalid: 'The e-mail address is malformed.',
  email_taken: 'This e-mail address already has an account.',
  username_invalid: 'A username must have 2 to 64 letters, digits, dots, hyphens or underscores.',
  username_taken: 'This username is taken.',
  name_invalid: 'A name must not have more than 100 characters.',
  password_too_short: `A password must have at least ${minPasswordLength} characters.`,
  password_too_long: 'A password must not have more than 1,024 bytes.',
  password_common: 'This password is too easy to guess.',
  password_leaked: 'This password has appeared in a data leak.',
  password_context: 'The password must not be based on your name, your e-mail address or this service.',
})

export const createRegisterEndpoint = ({
  findCallingApp,
  register,
  registration,
  minPasswordLength,
}: {
  findCallingApp: FindCallingApp
  register: Register
  /** False if only an administrator may create accounts. */
  registration: boolean
  minPasswordLength: number
}) => {
  const details = detailsFor(minPasswordLength)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (!registration)
      throw new ProblemError({
        status: 403,
        code: 'registration_closed',
        detail: 'Registration is closed. Ask an administrator for an account.',
      })
    const callingApp = await findCallingApp(request)
    const body = jsonObject(request.body)
    const username = optionalText(body, 'username')
    const name = optionalText(body, 'name')
    const acceptsLanguage = request.headers['accept-language'] !== undefined
    const { ip, requestId } = userContext(request, callingApp, body)
    const registered = await register({
      email: requiredText(body, 'email'),
      password: requiredText(body, 'password'),
      ...(username !== undefined && { username }),
      ...(name !== undefined && { name }),
      ...(acceptsLanguage && { locale: pageFrame(request).lang }),
      ip,
      requestId,
    })
    switch (registered.outcome) {
      case 'registered':
        return reply
          .code(201)
          .header('cache-control', 'no-store')
          .send({ user: userJson(registered.user) })
      case 'throttled':
        throw new ProblemError({
          status: 429,
          code: 'too_many_requests',
          detail: 'Too many accounts were created from this network. Try again later.',
          retryAfterSeconds: registered.retryAfterSeconds,
        })
      case 'invalid': {
        const errors = registered.faults.map((code) => ({ code, detail: details[code] }))
        const [first] = errors
        const taken = registered.faults.some((fault) => fault.endsWith('_taken'))
        throw new ProblemError({
          status: taken ? 409 : 422,
          code: first?.code ?? 'invalid_request',
          detail: first?.detail ?? 'The account cannot be created.',
          extra: { errors },
        })
      }
    }
  }
}
