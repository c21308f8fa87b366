// Runs the first command of the README as a newcomer does: in a copy of the repository without packages.
import { execFileSync, spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { readGuide } from './guide.ts'
import { copyRepository } from './own-copy.ts'

test('the first command of the README starts an issuer, and its demo user signs in', async () => {
  const folder = temporaryFolder()
  copyRepository(folder)
  const port = await freePort()
  const command = readGuide('../README.md').block('npm start').trim()
  // A group of its own, because npm starts further processes.
  const child = spawn('bash', ['-c', command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: String(port) },
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
    removeFolder(folder)
  })
  let printed = ''
  child.stdout.on('data', (chunk) => {
    printed += chunk
  })
  await expect.poll(() => printed, { timeout: 240_000, interval: 200 }).toContain('Dojang is up')
  // The start prints a command that gets the first token.
  const curl = /curl -s .*\n.*'\n/.exec(printed)?.[0] ?? ''
  expect(JSON.parse(execFileSync('bash', ['-c', curl], { encoding: 'utf8' }))).toHaveProperty('access')
})
