import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { removeFolder } from '../../harness/process.ts'

const harness = new URL('../../harness/process.ts', import.meta.url).href

let folder = ''
afterEach(() => removeFolder(folder))

/** Starts a server in the folder of the expression and exits while it runs. Returns the folder. */
const abortedRunIn = (expression: string): string => {
  const program = `
    import { serve, temporaryFolder } from ${JSON.stringify(harness)}
    const cwd = ${expression}
    const idle = ['-e', 'setInterval(() => {}, 1000)']
    await serve(process.execPath, idle, { cwd, stopSignal: 'SIGTERM' }, async () => true)
    console.log(cwd)
    process.exit()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return stdout.trim()
}

test('an aborted run keeps the folder that the caller gave to serve', () => {
  folder = mkdtempSync(join(tmpdir(), 'dojang-caller-'))
  expect(abortedRunIn(JSON.stringify(folder))).toBe(folder)
  expect(existsSync(folder)).toBe(true)
})

test('an aborted run deletes the temporary folder of the harness', () => {
  folder = abortedRunIn('temporaryFolder()')
  expect(folder).toContain('dojang-test-')
  expect(existsSync(folder)).toBe(false)
})
