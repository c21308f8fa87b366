// POST /api/users: creates an account. With a mail server, an address in use gets the same answer.
// Does not own the rules (passwords/registration.ts).

import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonObject } from '../http/json.ts'
import { pageFrame } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import type { Localized } from '../pages/language.ts'
import type { Register, RegistrationFault } from '../passwords/registration.ts'
import { type FindCallingApp, userContext } from './calling-app.ts'
import { optionalText, requiredText } from './members.ts'
import { userJson } from './user-json.ts'

const detailsFor = (minPasswordLength: number): Readonly<Record<RegistrationFault, Localized>> => ({
  email_invalid: { en: 'The e-mail address is malformed.', ko: '이메일 주소의 형식이 올바르지 않아요.' },
  email_taken: { en: 'This e-mail address already has an account.', ko: '이미 가입한 이메일 주소예요.' },
  username_invalid: {
    en: 'A username must have 2 to 64 letters, digits, dots, hyphens or underscores.',
    ko: '사용자 이름은 글자, 숫자, 점, 하이픈, 밑줄로 2자 이상 64자 이하여야 해요.',
  },
  username_taken: { en: 'This username is taken.', ko: '이미 사용 중인 사용자 이름이에요.' },
  name_invalid: {
    en: 'A name must be one line of at most 100 visible characters.',
    ko: '이름은 눈에 보이는 글자로, 줄바꿈 없이 100자까지 쓸 수 있어요.',
  },
  password_too_short: {
    en: `A password must have at least ${minPasswordLength} characters.`,
    ko: `비밀번호는 ${minPasswordLength}자 이상이어야 해요.`,
  },
  password_too_long: {
    en: 'A password must not have more than 1,024 bytes.',
    ko: '비밀번호는 1,024바이트를 넘을 수 없어요.',
  },
  password_common: { en: 'This password is too easy to guess.', ko: '쉽게 짐작할 수 있는 비밀번호예요.' },
  password_leaked: {
    en: 'This password has appeared in a data leak.',
    ko: '다른 곳에서 유출된 적이 있는 비밀번호예요.',
  },
  password_context: {
    en: 'The password must not be based on your name, your e-mail address or this service.',
    ko: '이름이나 이메일 주소, 서비스 이름을 바탕으로 한 비밀번호는 쓸 수 없어요.',
  },
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
        detail: {
          en: 'Registration is closed. Ask an administrator for an account.',
          ko: '지금은 직접 가입할 수 없어요. 관리자에게 계정을 요청해 주세요.',
        },
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
          detail: {
            en: 'Too many accounts were created from this network. Try again later.',
            ko: '이 네트워크에서 만든 계정이 너무 많아요. 나중에 다시 시도해 주세요.',
          },
          retryAfterSeconds: registered.retryAfterSeconds,
        })
      case 'invalid': {
        const [code] = registered.faults
        throw new ProblemError({
          status: registered.faults.some((fault) => fault.endsWith('_taken')) ? 409 : 422,
          code,
          detail: details[code],
          extra: (lang) => ({
            errors: registered.faults.map((fault) => ({ code: fault, detail: details[fault][lang] })),
          }),
        })
      }
    }
  }
}
