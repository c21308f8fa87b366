// The text that the terminal shows after the start.
import type { Config } from './config.ts'
import { type DemoUser, hasDemo } from './first-start.ts'
import { offersMail } from './mail-delivery.ts'

const curl = (issuer: string, login: string, password: string) =>
  [
    `curl -s ${issuer}/api/token -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify({ email: login, password })}'`,
  ].join('\n    ')

/** `.env`, if the server has read it. */
export interface SettingsFile {
  path: string
  /** Other users can read or change it. */
  warning?: { message: string; advice: string }
}

export const welcome = (
  config: Config,
  { demo, file }: { demo: DemoUser | undefined; file: SettingsFile | undefined },
): string => {
  const { issuer, port } = config
  const lines = ['', `  Dojang is up: ${issuer}`, '']
  if (hasDemo(config)) lines.push(`  Try it in the browser   ${issuer}/`)
  if (config.mail === undefined && offersMail(config))
    lines.push(`  Mails (shown, not sent) ${issuer}/dev/mail`)
  lines.push(`  Discovery               ${issuer}/.well-known/openid-configuration`)
  lines.push(`  Public keys             ${issuer}/.well-known/jwks.json`, '')
  if (demo) {
    lines.push('  A demo user was created. Its password is shown only once:', '')
    lines.push(`    ${demo.email}   ${demo.password}`, '')
    if (config.passwordApi)
      lines.push('  Tokens from the command line:', '', `    ${curl(issuer, demo.email, demo.password)}`, '')
  } else if (hasDemo(config)) {
    lines.push('  Forgot the demo password?   npx dojang users set-password demo@dojang.example', '')
  }
  lines.push('  Manage it in another terminal:   npx dojang --help')
  lines.push(
    `  Check it:                        npx dojang doctor${file ? ` (settings: ${file.path})` : ''}`,
    '',
  )
  if (file?.warning !== undefined) lines.push(`  ${file.warning.message} ${file.warning.advice}`, '')
  if (port === 0) lines.push('  PORT=0 chose a free port. Set ISSUER to the address that clients use.', '')
  return `${lines.join('\n')}\n`
}
