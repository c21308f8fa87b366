// dojang clients: the applications that may request tokens.
import type { Command } from 'commander'
import type { CreatedClient, RotatedSecret } from '../admin/client-operations.ts'
import { type Cli, listVerb, verb } from './command.ts'
import { clearOption, repeated, scopeOption, whole } from './options.ts'
import { fields } from './output.ts'

interface Settings {
  name?: string
  redirectUri?: string[]
  postLogoutRedirectUri?: string[]
  origin?: string[]
  grant?: string[]
  responseMode?: string[]
  scope?: string[]
  audience?: string[]
  defaultAudience?: string
  introspect?: string[]
  refresh?: string
  refreshGrace?: number
  sessions?: string
}

const settings = (command: Command): Command =>
  scopeOption(
    command.option('--name <name>', 'name that users see'),
    'scopes that it may request; with a redirect URI by default openid profile email offline_access',
  )
    .option(
      '--redirect-uri <url>',
      'URL that receives authorization codes, compared exactly; repeatable',
      repeated,
    )
    .option('--post-logout-redirect-uri <url>', 'URL to which a logout may return; repeatable', repeated)
    .option('--origin <url>', 'browser origin of a single-page app; repeatable', repeated)
    .option('--grant <type>', 'authorization_code, refresh_token, client_credentials; repeatable', repeated)
    .option('--response-mode <mode>', 'how the client receives codes: query, form_post; repeatable', repeated)
    .option('--audience <uri>', 'API that it may request tokens for; repeatable', repeated)
    .option('--default-audience <uri>', 'API of a token request that names no API')
    .option('--introspect <uri>', 'API whose tokens it may introspect; repeatable', repeated)
    .option('--refresh <policy>', 'rotate (a new refresh token at each use) or reuse')
    .option('--refresh-grace <seconds>', 'how long a refresh token still works after it was rotated', whole)
    .option('--sessions <count>', 'one (a new sign-in ends the other sessions of the user) or many')
    .option('--third-party', "another company's app: users are asked for consent")

const inputOf = (options: Settings) => ({
  name: options.name,
  redirectUris: options.redirectUri,
  postLogoutRedirectUris: options.postLogoutRedirectUri,
  origins: options.origin,
  grants: options.grant,
  responseModes: options.responseMode,
  scopes: options.scope,
  audiences: options.audience,
  defaultAudience: options.defaultAudience,
  introspects: options.introspect,
  refresh: options.refresh,
  refreshGraceSeconds: options.refreshGrace,
  sessions: options.sessions,
})

/** Commander gives `pkce` the default true, unless `--pkce` was added to the command before. */
const noPkceOption = (command: Command): Command =>
  command.option(
    '--no-pkce',
    'accept requests with neither PKCE nor a nonce (only for a client with a secret)',
  )

const clientArgument = (command: Command): Command => command.argument('<id>', 'client_id')

const showCredentials = (cli: Cli, credentials: CreatedClient | RotatedSecret, trust = ''): void => {
  const remark =
    credentials.client_secret === undefined ? '' : '\nThe secret is shown only once. Store it now.'
  cli.show(credentials, fields(credentials) + remark + trust)
}

/** The default is first-party, so the answer says what that means. */
const trustRemark = ({ client_id: id, first_party: isFirstParty }: CreatedClient): string =>
  isFirstParty
    ? `\nFIRST-PARTY: users are not asked for consent, and the client may use /api. If another team or company runs it, run "dojang clients update ${id} --third-party" now.`
    : '\nThird-party: users are asked for consent, and the client may not use /api.'

interface CreateOptions extends Settings {
  id?: string
  public?: boolean
  thirdParty?: boolean
  /** True unless `--no-pkce` is given. */
  pkce: boolean
}

const create = (noun: Command, cli: Cli) =>
  noPkceOption(settings(verb(noun, 'create', 'register a client; prints its id and its secret')))
    .option('--id <id>', 'client_id; generated if it is not given')
    .option('--public', 'an app that cannot keep a secret: browser, mobile, desktop')
    .action(async ({ id, public: isPublic, thirdParty, pkce, ...options }: CreateOptions) => {
      const own = { id, public: isPublic, thirdParty, pkce: pkce ? undefined : false }
      const created = await cli.call('clients.create', { ...own, ...inputOf(options) })
      showCredentials(cli, created, trustRemark(created))
    })

interface UpdateOptions extends Settings {
  thirdParty?: boolean
  firstParty?: boolean
  pkce?: boolean
  clear?: string[]
}

const update = (noun: Command, cli: Cli) => {
  const command = verb(noun, 'update', 'change a client; a list replaces the previous list')
    .option('--first-party', 'our own app: users are not asked for consent')
    .option('--pkce', 'require PKCE, or a nonce from a client with a secret')
  clientArgument(
    clearOption(
      settings(noPkceOption(command)),
      'redirect-uri, post-logout-redirect-uri, origin, scope, audience, default-audience, introspect or refresh-grace',
    ),
  ).action(async (id: string, { thirdParty, firstParty, pkce, clear, ...options }: UpdateOptions) => {
    const own = { id, clear, pkce, thirdParty: firstParty === true ? false : thirdParty }
    const client = await cli.call('clients.update', { ...own, ...inputOf(options) })
    cli.show(client, fields(client))
  })
}

export const clientsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('clients').description('applications that request tokens')
  create(noun, cli)
  listVerb(noun, cli, {
    usage: 'list',
    description: 'list the clients',
    rows: () => cli.call('clients.list'),
    headings: { client_id: 'CLIENT', name: 'NAME', public: 'PUBLIC', grant_types: 'GRANTS', scope: 'SCOPE' },
    none: 'There are no clients.',
  })
  clientArgument(verb(noun, 'show', 'show a client')).action(async (id: string) => {
    const client = await cli.call('clients.show', { id })
    cli.show(client, fields(client))
  })
  update(noun, cli)
  clientArgument(verb(noun, 'rotate-secret', 'generate a new secret and print it'))
    .option('--keep-old-for <seconds>', 'also accept the old secret for this long', whole, 0)
    .action(async (id: string, { keepOldFor }: { keepOldFor: number }) => {
      showCredentials(cli, await cli.call('clients.rotate-secret', { id, keepOldForSeconds: keepOldFor }))
    })
  clientArgument(verb(noun, 'delete', 'delete a client and revoke its tokens')).action(async (id: string) => {
    const deleted = await cli.call('clients.delete', { id })
    cli.show(deleted, `The client ${id} is deleted and its tokens are revoked.`)
  })
}
