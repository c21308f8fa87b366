// Decides where mails go: to the mail server, on a local issuer to /dev/mail, or nowhere.
import { isLocalIssuer } from './environment.ts'
import type { Deliver, RenderMail } from './mail/message.ts'
import { createSmtp, type Smtp } from './mail/smtp.ts'
import type { MailConfig } from './mail-config.ts'
import { createDevMailbox, type DevMailbox } from './messages/dev-mailbox.ts'
import { createRenderMail } from './messages/render-mail.ts'
import { type BrandSettings, createBrand } from './pages/brand.ts'

interface MailSettings {
  issuer: string
  /** Absent: no mail server. */
  mail?: MailConfig
  brand: BrandSettings
}

export interface MailDelivery {
  smtp?: Smtp
  /** Present on a local issuer without a mail server. */
  mailbox?: DevMailbox
  /** Undefined if this installation sends no mail. */
  deliver: Deliver | undefined
  render: RenderMail
}

/** Whether this installation may offer anything that needs a mail. */
export const offersMail = ({ issuer, mail }: Pick<MailSettings, 'issuer' | 'mail'>): boolean =>
  mail !== undefined || isLocalIssuer(issuer)

/** It opens no connection before the first mail. */
export const createMailDelivery = (settings: MailSettings): MailDelivery => {
  const { issuer, mail, brand } = settings
  const name = mail?.from.name ?? brand.name ?? new URL(issuer).host
  const render = createRenderMail({ issuer, name, brand: createBrand(brand) })
  if (mail !== undefined) {
    const smtp = createSmtp(mail)
    return { smtp, deliver: smtp.deliver, render }
  }
  if (!offersMail(settings)) return { deliver: undefined, render }
  const mailbox = createDevMailbox()
  return { mailbox, deliver: mailbox.deliver, render }
}
