// Runs the install commands of the READMEs in verifiers/ exactly as they are printed, each in a new project.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { checkout, type Machine, readGuide, runShell } from './guide.ts'

const readme = {
  node: readGuide('../verifiers/node/README.md'),
  python: readGuide('../verifiers/python/README.md'),
  go: readGuide('../verifiers/go/README.md'),
}

let root: string
beforeAll(() => {
  root = temporaryFolder()
})
afterAll(() => removeFolder(root))

const newMachine = (name: string, path: string[] = []): Machine => {
  const folder = join(root, name)
  mkdirSync(folder)
  // npm, pip and go find their registries in the environment.
  const env = { ...process.env, DOJANG: checkout, PATH: [...path, process.env.PATH].join(':') }
  return { folder, env }
}

describe.each(['npm install --install-links', 'npm pack'])('the Node package after `%s`', (command) => {
  test('has its entry points and its licence', () => {
    const service = newMachine(command.split(' ')[1] ?? '')
    writeFileSync(join(service.folder, 'package.json'), '{"type":"module"}')
    runShell(service, readme.node.block(command))
    const code = `
      import { createVerifier } from '@dojang/verifier'
      const names = ['express', 'fastify', 'next']
      const entries = await Promise.all(names.map((name) => import('@dojang/verifier/' + name)))
      console.log(typeof createVerifier, ...entries.flatMap(Object.keys))`
    writeFileSync(join(service.folder, 'entries.js'), code)
    expect(runShell(service, 'node entries.js')).toBe(
      'function requireToken requireUser requireToken requireUser authenticateRequest authenticateToken authenticateUser\n',
    )
    runShell(service, 'test -f node_modules/@dojang/verifier/LICENSE')
  })
})

describe.each([
  ['pip install "$DOJANG', 'fastapi'],
  ['pip wheel', 'django, dojang_verifier.rest_framework'],
])('the Python package after `%s`', (command, modules) => {
  test('has its adapters, its types and its licence', () => {
    const name = modules.slice(0, 7)
    const service = newMachine(name, [join(root, name, 'venv/bin')])
    runShell(service, 'python3 -m venv venv')
    runShell(service, readme.python.block(command))
    const imports = modules
      .split(', ')
      .map((module) => (module.includes('.') ? module : `dojang_verifier.${module}`))
    const code = `
from importlib.metadata import distribution, files
from django.conf import settings as settings
settings.configure()
import ${imports.join(', ')}
print(*sorted(f.name for f in files("dojang-verifier") if f.name in ("py.typed", "LICENSE", "0001_initial.py")))`
    const lines = name === 'fastapi' ? code.replace(/from django.*\n.*\n/, '') : code
    expect(runShell(service, `python -c '${lines}'`)).toBe('0001_initial.py LICENSE py.typed\n')
  })
})

test('the Go modules compile in a new module', () => {
  const service = newMachine('go')
  const program = `package main

import (
	dojang "dojang/verifier"
	dojanggin "dojang/verifier/gin"
)

func main() {
	verifier, _ := dojang.New(dojang.Options{Issuers: []dojang.Issuer{{Issuer: "https://id.example.com"}}, Audience: "a"})
	_ = dojanggin.Protect(verifier)
}
`
  writeFileSync(join(service.folder, 'main.go'), program)
  runShell(service, 'go mod init shop')
  for (const command of ['-replace=dojang/verifier=', '-replace=dojang/verifier/gin=', 'go mod tidy'])
    runShell(service, readme.go.block(command))
  runShell(service, 'go build -o shop . && ./shop')
})
