// The part of the configuration that is about mail: SMTP_URL, MAIL_FROM and CONFIRM_EMAIL.
import { defined } from './defined.ts'
import { type Environment, isLocalHost, isLocalIssuer } from './environment.ts'
import type { MailSender, SmtpServer } from './mail/smtp.ts'
import { isDisplayName, isEmail } from './users/user.ts'

export interface MailConfig {
  server: SmtpServer
  from: MailSender
}

const schemes: Readonly<Record<string, { implicitTls: boolean; port: number }>> = {
  'smtp:': { implicitTls: false, port: 587 },
  'smtps:': { implicitTls: true, port: 465 },
}

/** Undefined if a percent sign begins no character. */
const decoded = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

const serverOf = (url: URL): SmtpServer | undefined => {
  const scheme = schemes[url.protocol]
  const [user, password] = [decoded(url.username), decoded(url.password)]
  const hasMore = !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== ''
  if (scheme === undefined || url.hostname === '' || hasMore || user === undefined || password === undefined)
    return undefined
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? scheme.port : Number(url.port),
    implicitTls: scheme.implicitTls,
    requireTls: !isLocalHost(url.hostname),
    ...(user !== '' && { login: { user, password } }),
  }
}

const readServer = ({ secret, fault }: Environment): SmtpServer | undefined => {
  const given = secret('SMTP_URL')
  if (given === undefined) return undefined
  const server = URL.canParse(given) ? serverOf(new URL(given)) : undefined
  if (server === undefined)
    fault(
      'SMTP_URL must be smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465, without a path. ' +
        'Write special characters of the password as %XX.',
    )
  return server
}

/** `no-reply@example.com`, or `Example <no-reply@example.com>`. */
const senderOf = (text: string): MailSender | undefined => {
  const [, name, address = text] = /^([^<>]*)<([^<>]+)>$/.exec(text) ?? []
  const shown = name?.trim().replace(/^"(.*)"$/, '$1') || undefined
  if (!isEmail(address) || (shown !== undefined && !isDisplayName(shown))) return undefined
  return { address, ...defined({ name: shown }) }
}

const readSender = ({ text, fault }: Environment): MailSender | undefined => {
  const given = text('MAIL_FROM')
  const sender = given === undefined ? undefined : senderOf(given)
  if (given !== undefined && sender === undefined)
    fault('MAIL_FROM must be an e-mail address, for example "Example <no-reply@example.com>".')
  return sender
}

/** Undefined if no mail server is configured. */
export const readMail = (environment: Environment): MailConfig | undefined => {
  const server = readServer(environment)
  const from = readSender(environment)
  if (environment.isSet('SMTP_URL') !== environment.isSet('MAIL_FROM'))
    environment.fault('SMTP_URL and MAIL_FROM belong together. Set both or neither.')
  return server && from && { server, from }
}

/** A user can confirm an address only if this installation sends mail. */
export const readConfirmEmail = ({ text, isSet, fault }: Environment, issuer: string): boolean => {
  const given = text('CONFIRM_EMAIL') ?? 'optional'
  if (given !== 'optional' && given !== 'required') fault('CONFIRM_EMAIL must be optional or required.')
  const required = given === 'required'
  if (required && !isSet('SMTP_URL') && URL.canParse(issuer) && !isLocalIssuer(issuer))
    fault('CONFIRM_EMAIL=required needs a mail server. Set SMTP_URL and MAIL_FROM.')
  return required
}
