// dojang doctor: checks the installation and gives advice. It changes nothing and needs no running server.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { errorMessage, type Finding } from '../admin/finding.ts'
import { type Config, ConfigError, readConfig } from '../config.ts'
import { keyFileName } from '../encryption/local-key-file.ts'
import { isLocalIssuer } from '../environment.ts'
import { sqliteFile } from '../stores/sql/connection.ts'
import { type Cli, verb } from './command.ts'
import { type Connection, connect } from './connect.ts'
import { describeEnvFile } from './env-file.ts'
import { table } from './output.ts'
import type { Terminal } from './terminal.ts'

/** What is missing, so that the stores cannot be opened. Only a first start may create it. */
const missing = ({ databaseUrl, dataDir, keyEncryptionKeys, keysDir }: Config): Finding | undefined => {
  if (databaseUrl === undefined && !existsSync(join(dataDir, sqliteFile)))
    return {
      check: 'database',
      status: 'note',
      message: `There is no data in ${dataDir} yet. The first start of the server creates it.`,
    }
  if (keyEncryptionKeys !== undefined || existsSync(join(keysDir, keyFileName))) return undefined
  return {
    check: 'key-encryption key',
    status: databaseUrl === undefined ? 'fault' : 'warning',
    message: `There is no key-encryption key in ${keysDir}.`,
    advice: 'Restore it, or set KEYS_DIR or KEY_ENCRYPTION_KEY. Without it no signing key can be decrypted.',
  }
}

const examineStores = async (config: Config, terminal: Terminal): Promise<Finding[]> => {
  const absent = missing(config)
  if (absent !== undefined) return [absent]
  let connection: Connection | undefined
  try {
    connection = await connect(config, terminal)
    return await connection.call('doctor.report')
  } catch (error) {
    return [{ check: 'stores', status: 'fault', message: errorMessage(error) }]
  } finally {
    await connection?.close()
  }
}

const discoveredIssuer = async (issuer: string): Promise<unknown> => {
  const url = `${issuer}/.well-known/openid-configuration`
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5000) })
  const document: unknown = response.ok ? await response.json() : undefined
  return typeof document === 'object' && document !== null && 'issuer' in document
    ? document.issuer
    : undefined
}

/** Checks that the discovery document at ISSUER names exactly this issuer (OIDC Discovery §4.3). */
const examineIssuer = async ({ issuer }: Config): Promise<Finding> => {
  const check = 'issuer URL'
  let discovered: unknown
  try {
    discovered = await discoveredIssuer(issuer)
  } catch {
    return {
      check,
      status: 'note',
      message: `No server answers at ${issuer}.`,
      advice: 'Start one with "dojang serve". If it runs, set ISSUER to the address that clients use.',
    }
  }
  return discovered === issuer
    ? { check, status: 'ok', message: `The server at ${issuer} answers and names this issuer.` }
    : {
        check,
        status: 'fault',
        message: `Another server answers at ${issuer}: its discovery document does not name this issuer.`,
        advice: 'Check ISSUER, the port, and the address to which the proxy forwards.',
      }
}

/** What strangers and the team's own apps may do by default, on an issuer that others can reach. */
const openDoors = ({ issuer, registration, passwordApi }: Config): Finding[] => {
  if (isLocalIssuer(issuer)) return []
  const check = 'open to everyone'
  const finding = (what: string, setting: string): Finding => ({
    check,
    status: 'note',
    message: what,
    advice: `If you do not need it, set ${setting}=off.`,
  })
  return [
    ...(registration ? [finding('Anyone can create an account.', 'REGISTRATION')] : []),
    ...(passwordApi ? [finding('The password API /api/token is open.', 'PASSWORD_API')] : []),
  ]
}

/** Says which file the settings come from, so that nobody edits another one. */
const envFileFinding = (terminal: Terminal): Finding => {
  const check = '.env'
  const file = describeEnvFile(terminal)
  if (file === undefined)
    return {
      check,
      status: 'ok',
      message: `There is no .env in ${terminal.cwd()}. All settings are environment variables.`,
    }
  const { path, overridden, warning } = file
  if (warning !== undefined) return { check, status: 'warning', ...warning }
  const elsewhere =
    overridden.length === 0 ? '' : ` The environment has other values, which win: ${overridden.join(', ')}.`
  return { check, status: 'ok', message: `${path} was read.${elsewhere}` }
}

/** `healthy`: no finding is a fault. */
const examine = async (terminal: Terminal): Promise<{ healthy: boolean; findings: Finding[] }> => {
  const findings = [envFileFinding(terminal)]
  try {
    const config = readConfig(terminal.env)
    findings.push({ check: 'configuration', status: 'ok', message: 'Every setting is valid.' })
    const inStores = await examineStores(config, terminal)
    findings.push(...openDoors(config), ...inStores, await examineIssuer(config))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const advice = 'See .env.example for every setting.'
    findings.push(
      ...error.faults.map((message) => ({
        check: 'configuration',
        status: 'fault' as const,
        message,
        advice,
      })),
    )
  }
  return { healthy: findings.every(({ status }) => status !== 'fault'), findings }
}

/** The findings as a table, with the advice under each finding. */
const report = (findings: readonly Finding[]): string => {
  const rows = findings.flatMap(({ status, check, message, advice }) => [
    { status, check, message },
    ...(advice === undefined ? [] : [{ status: '', check: '', message: `→ ${advice}` }]),
  ])
  return table(
    rows.map((row) => ({ ...row, status: row.status || ' ', check: row.check || ' ' })),
    'Nothing was checked.',
    { status: 'STATUS', check: 'CHECK', message: 'FINDING' },
  )
}

export const doctorCommand = (program: Command, cli: Cli): void => {
  verb(program, 'doctor', 'check the installation and say what to do').action(async () => {
    const { healthy, findings } = await examine(cli.terminal)
    cli.show({ healthy, findings }, report(findings))
    if (!healthy) cli.terminal.exitCode = 1
  })
}
