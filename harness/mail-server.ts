// A mail server on this machine that keeps what it receives. Tests decide how it answers.
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: readonly string[]
  /** By the name in lower case, decoded and unfolded. */
  headers: Readonly<Record<string, string>>
  text: string
  html: string
  /** The message as it came over the wire. */
  raw: string
}

/** The answer to a step: nothing to accept it, or the error that the client receives. */
type Refuse<Argument> = (argument: Argument) => { code: number; text: string } | undefined

/** `message`: the whole message has arrived, and its acceptance is the next answer. */
export type MailStep = 'connection' | 'message'

export interface MailServerOptions {
  port?: number
  /** The login that the server asks for. Without it clients need none. */
  login?: { user: string; password: string }
  refuseSender?: Refuse<string>
  refuseRecipient?: Refuse<string>
  refuseMessage?: Refuse<ReceivedMail>
  /** Runs before the server answers a step. If it fails, the server refuses the step. */
  beforeAnswer?: (step: MailStep) => Promise<void>
  /** Without a key and a certificate it uses those of the package, which nobody trusts. */
  tls?: { implicit: boolean; key?: string; cert?: string }
}

export interface MailServer {
  port: number
  /** In the order of arrival. Only messages that the server accepted. */
  mails: ReceivedMail[]
  /** The users that tried to log in. */
  logins: string[]
  /** The next mail to this address that arrives, or that has arrived and was not returned yet. */
  next(to: string): Promise<ReceivedMail>
  close(): Promise<void>
}

/** `=?UTF-8?B?…?=` and `=?UTF-8?Q?…?=` (RFC 2047). */
const decodeWords = (value: string): string =>
  value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, text: string) =>
      encoding.toLowerCase() === 'b' ? `\0${text}\0` : `\0${quoted(text.replaceAll('_', ' '))}\0`,
    )
    .split('\0')
    .map((part, index) => (index % 2 === 1 ? Buffer.from(part, 'base64').toString('utf8') : part))
    .join('')

/** The base64 form of quoted-printable text. */
const quoted = (text: string): string =>
  Buffer.from(
    text
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('base64')

const splitPart = (part: string): { headers: Record<string, string>; body: string } => {
  const end = part.indexOf('\r\n\r\n')
  const lines = part
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    return name === undefined ? [] : [[name.toLowerCase(), decodeWords(value ?? '')]]
  })
  return { headers: Object.fromEntries(headers), body: part.slice(end + 4) }
}

const decodeBody = ({ headers, body }: ReturnType<typeof splitPart>): string => {
  const encoding = headers['content-transfer-encoding']
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding === 'quoted-printable') return Buffer.from(quoted(body), 'base64').toString('utf8')
  return body
}

const read = (raw: string, from: string, to: readonly string[]): ReceivedMail => {
  const whole = splitPart(raw)
  const boundary = /boundary="([^"]+)"/.exec(whole.headers['content-type'] ?? '')?.[1] ?? ''
  const parts = whole.body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => splitPart(part.trimStart()))
  const ofType = (type: string) => {
    const part = parts.find(({ headers }) => headers['content-type']?.startsWith(type))
    return part === undefined ? '' : decodeBody(part).replaceAll('\r\n', '\n')
  }
  return { from, to, headers: whole.headers, text: ofType('text/plain'), html: ofType('text/html'), raw }
}

const refusal = (refused: { code: number; text: string } | undefined): Error | null =>
  refused ? Object.assign(new Error(refused.text), { responseCode: refused.code }) : null

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export const startMailServer = async (options: MailServerOptions = {}): Promise<MailServer> => {
  const { login, tls, beforeAnswer = async () => {} } = options
  const mails: ReceivedMail[] = []
  const logins: string[] = []
  const returned = new Set<ReceivedMail>()
  let arrived = Promise.withResolvers<void>()
  const server = new SMTPServer({
    authOptional: login === undefined,
    disabledCommands: tls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    secure: tls?.implicit === true,
    ...(tls?.key !== undefined && { key: tls.key, cert: tls.cert }),
    onAuth: ({ username = '', password }, _session, done) => {
      logins.push(username)
      const isRight = login === undefined || (username === login.user && password === login.password)
      return isRight ? done(null, { user: username }) : done(refusal({ code: 535, text: 'wrong login' }))
    },
    onMailFrom: ({ address }, _session, done) => done(refusal(options.refuseSender?.(address))),
    onConnect: (_session, done) => void beforeAnswer('connection').then(() => done(null), done),
    onRcptTo: ({ address }, _session, done) => done(refusal(options.refuseRecipient?.(address))),
    onData: (stream, { envelope }, done) => {
      const receive = async () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const mail = read(
          await textOf(stream),
          from,
          envelope.rcptTo.map(({ address }) => address),
        )
        const refused = options.refuseMessage?.(mail)
        if (refused) return done(refusal(refused))
        await beforeAnswer('message')
        mails.push(mail)
        arrived.resolve()
        arrived = Promise.withResolvers()
        done(null)
      }
      receive().catch((error: unknown) => done(error as Error))
    },
  })
  // A client that is killed in the middle of a step is not an error of the server.
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('The mail server has no port.')
  return {
    port: address.port,
    mails,
    logins,
    next: async (to) => {
      for (;;) {
        const mail = mails.find((one) => one.to.includes(to) && !returned.has(one))
        if (mail !== undefined) {
          returned.add(mail)
          return mail
        }
        await arrived.promise
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
