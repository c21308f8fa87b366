// The names that a person typed, for messages about the input of an operation.
import type { Command } from 'commander'

/** The members of inputs that have another name on the command line. */
const options: Readonly<Record<string, string>> = {
  accessTokenTtlSeconds: 'ttl',
  audiences: 'audience',
  claims: 'claim',
  grants: 'grant',
  inSeconds: 'in',
  introspects: 'introspect',
  keepOldForSeconds: 'keep-old-for',
  origins: 'origin',
  postLogoutRedirectUris: 'post-logout-redirect-uri',
  redirectUris: 'redirect-uri',
  refreshGraceSeconds: 'refresh-grace',
  responseModes: 'response-mode',
  roles: 'role',
  scopes: 'scope',
}

const kebab = (name: string): string =>
  name.replaceAll('_', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The option of the command, or its argument in angle brackets. Else the name of the member in quotes. */
export const optionOf = (member: string, command: Command | undefined): string => {
  const name = options[member] ?? kebab(member)
  if (command?.options.some(({ long }) => long === `--${name}`)) return `--${name}`
  return command?.registeredArguments.some((argument) => argument.name() === name)
    ? `<${name}>`
    : `"${member}"`
}
