// A mail as it is sent, and the port that hands it to a mail server or, on a local issuer, to /dev/mail.
import type { MailContent } from './compose.ts'

/** The text of a mail, in one language. */
export interface MessageText {
  subject: string
  text: string
  html: string
}

/** A port that messages/ implements. `composedAt` is the time of the event that the mail tells of. */
export type RenderMail = (content: MailContent, composedAt: Date) => MessageText

export interface Message extends MessageText {
  /** The Message-ID begins with it. It is the same for every attempt (RFC 5322 §3.6.4). */
  id: string
  to: string
  composedAt: Date
}

/** @throws {DeliveryFailed} if the message was not accepted, or if the answer was lost */
export type Deliver = (message: Message) => Promise<void>

/** Its message has codes only. The text of a mail server may contain the address, so it is not kept. */
export class DeliveryFailed extends Error {
  /** `message`: the server refused this message for good. `retry`: later it may accept the message. */
  readonly fault: 'message' | 'retry' | 'server'

  /** @param fault `server`: no message can be sent now, because of the connection or the login */
  constructor(codes: string, fault: DeliveryFailed['fault']) {
    super(codes)
    this.fault = fault
  }
}
