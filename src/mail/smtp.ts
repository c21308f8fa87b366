// Hands messages to a mail server with nodemailer. Every step has a time limit.
import type { NodemailerError } from 'nodemailer'
import { defined } from '../defined.ts'
import { type Deliver, DeliveryFailed } from './message.ts'

export interface MailSender {
  /** The name of the installation in every mail. */
  name?: string
  address: string
}

export interface SmtpServer {
  host: string
  port: number
  /** The connection begins with TLS (smtps). */
  implicitTls: boolean
  /** The connection continues with TLS (STARTTLS), or is closed. False only for a server on this machine. */
  requireTls: boolean
  login?: { user: string; password: string }
}

export interface Smtp {
  deliver: Deliver
  /** Connects and logs in, and sends nothing. @throws {DeliveryFailed} */
  check(): Promise<void>
}

/** A delivery takes at most this long. It is shorter than the lease of a mail. */
export const deliveryLimitSeconds = 60

const stepLimitMs = 10_000
/** A server may check a message for a while before it accepts the message. */
const answerLimitMs = 30_000

/** An answer of the server such as `550 5.1.1`, without its text. */
const answerCodes = (response: unknown): string | undefined =>
  /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}\b)?/.exec(String(response))?.[0]?.replace('-', ' ')

/**
 * The server refuses this recipient or this text. Every other failure concerns all messages: the connection,
 * TLS, the login, the sender, or a server that closes the channel with 421 (RFC 5321 §3.8).
 */
const isAboutMessage = ({ code = '', command, responseCode }: NodemailerError): boolean =>
  ['EENVELOPE', 'EMESSAGE'].includes(code) && command !== 'MAIL FROM' && responseCode !== 421

const failureOf = (error: unknown): DeliveryFailed => {
  const cause = error as NodemailerError
  const codes = [cause.code ?? 'EUNKNOWN', cause.originalCode, answerCodes(cause.response)].filter(Boolean)
  if (!isAboutMessage(cause)) return new DeliveryFailed(codes.join(' '), 'server')
  return new DeliveryFailed(codes.join(' '), cause.permanent === false ? 'retry' : 'message')
}

export const createSmtp = ({ server, from }: { server: SmtpServer; from: MailSender }): Smtp => {
  const { host, port, implicitTls, requireTls, login } = server

  const open = async () => {
    // Imported only here, because a process that sends no mail does not need the driver.
    const { createTransport } = await import('nodemailer')
    return createTransport({
      host,
      port,
      secure: implicitTls,
      requireTLS: requireTls && !implicitTls,
      ignoreTLS: !requireTls,
      ...(login && { auth: { user: login.user, pass: login.password } }),
      dnsTimeout: stepLimitMs,
      connectionTimeout: stepLimitMs,
      greetingTimeout: stepLimitMs,
      socketTimeout: answerLimitMs,
      // A message contains only our own texts, so it never reads a file or an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  /** The domain of the sender, which makes every Message-ID unique in the world. */
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)

  return {
    deliver: async ({ id, to, subject, text, html, composedAt }) => {
      const transport = await open()
      try {
        await transport.sendMail({
          from: { address: from.address, ...defined({ name: from.name }) } as {
            name: string
            address: string
          },
          // An object and not a text, because a text could name several addresses.
          to: { name: '', address: to },
          subject,
          text,
          html,
          date: composedAt,
          messageId: `<${id}@${domain}>`,
          // Other mail systems must not answer it automatically (RFC 3834 §5).
          headers: { 'auto-submitted': 'auto-generated' },
          signal: AbortSignal.timeout(deliveryLimitSeconds * 1000),
        })
      } catch (error) {
        throw failureOf(error)
      } finally {
        transport.close()
      }
    },
    check: async () => {
      const transport = await open()
      try {
        await transport.verify()
      } catch (error) {
        throw failureOf(error)
      } finally {
        transport.close()
      }
    },
  }
}
