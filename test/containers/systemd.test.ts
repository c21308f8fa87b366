// The unit in deploy/systemd, checked by systemd's own tools.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { doWithout } from '../../harness/find-service.ts'
import { onPath, removeFolder, temporaryFolder } from '../../harness/process.ts'
import { run } from './engine.ts'

const unit = new URL('../../deploy/systemd/dojang.service', import.meta.url).pathname
const page = readFileSync(new URL('../../docs/containers.md', import.meta.url), 'utf8')
const isMissing = onPath('systemd-analyze') === undefined
if (isMissing) doWithout('systemd-analyze', 'run "apt-get install systemd"')

describe.skipIf(isMissing)('deploy/systemd/dojang.service', () => {
  /** The complaints of systemd about the text of a unit. The unit names the Node of this machine. */
  const complaints = (text: string): string => {
    const folder = temporaryFolder()
    onTestFinished(() => removeFolder(folder))
    const file = join(folder, 'dojang.service')
    writeFileSync(file, text.replace('/srv/dojang/node_modules/.bin/node', process.execPath))
    return spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' }).stderr
  }

  test('systemd understands every line of the unit', () => {
    const text = readFileSync(unit, 'utf8')
    expect(complaints(text)).toBe('')
    expect(complaints(text.replace('ProtectHome=', 'ProtectHomes='))).toContain('ProtectHomes')
  })

  test('the page names the exposure that systemd computes for the sandbox', async () => {
    const printed = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', unit])
    const [, exposure] = /Overall exposure level for dojang\.service: ([\d.]+) OK/.exec(printed) ?? []
    expect(page).toContain(`exposure level of ${exposure}`)
  })
})
