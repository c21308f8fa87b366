// Starts the services that the READMEs in verifiers/ print, with a real issuer. No code is changed: only the
// tables of users, which the reader has, come from this file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type ServerProcess, temporaryFolder } from '../../harness/process.ts'
import { checkout, type Machine, readGuide, runShell, startServer } from './guide.ts'

const readme = {
  node: readGuide('../verifiers/node/README.md'),
  python: readGuide('../verifiers/python/README.md'),
  go: readGuide('../verifiers/go/README.md'),
}
const password = 'wipe cactus ninety plaster'

let installation: Installation
let root: string
/** The tokens of a person whom the services know, and of one whom they do not know. */
let tokens: { kim: string; lee: string }
let kim: string

beforeAll(async () => {
  root = temporaryFolder()
  installation = await newInstallation({ DEFAULT_AUDIENCE: 'https://api.example.com' })
  const dojang = async (...args: string[]) => expect((await installation.run(args)).stderr).toBe('')
  const passwordHash = await hash(password)
  const person = (id: string, name: string, roles: string[]) =>
    JSON.stringify({ id, username: name, password_hash: passwordHash, roles: ['user', ...roles] })
  const file = join(root, 'users.jsonl')
  writeFileSync(file, `${person('1', 'kim', ['editor'])}\n${person('99', 'lee', [])}\n`)
  await dojang('apis', 'create', 'https://api.example.com', '--scope', 'notes:read', '--claim', 'legacy_id')
  await dojang('roles', 'create', 'editor', '--scope', 'notes:read')
  await dojang('users', 'import', file)
  await installation.serve()
  const signIn = async (username: string): Promise<string> => {
    const body = new URLSearchParams({ username, password })
    const answer = await fetch(`${installation.url}/api/token`, { method: 'POST', body })
    return ((await answer.json()) as { access: string }).access
  }
  tokens = { kim: await signIn('kim'), lee: await signIn('lee') }
  kim = decodeJwt(tokens.kim).sub ?? ''
})
afterAll(async () => {
  await installation?.remove()
  if (root) removeFolder(root)
})

const write = ({ folder }: Machine, files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const newMachine = (name: string): Machine => {
  const folder = join(root, name)
  mkdirSync(folder)
  const PATH = `${join(folder, 'venv/bin')}:${process.env.PATH}`
  const PYTHONDONTWRITEBYTECODE = '1'
  const own = { DOJANG: checkout, DOJANG_ISSUER: installation.url, KIM: kim, OLD_SECRET: password.repeat(2) }
  return { folder, env: { ...process.env, ...own, PATH, PYTHONDONTWRITEBYTECODE } }
}

const ask = async (url: string, token?: string) => {
  const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} })
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    type: response.headers.get('content-type')?.split(';')[0],
    text: await response.text(),
  }
}

const expectGuardedNotes = async ({ url, printed }: ServerProcess, type: string, path = '/notes') => {
  expect(await ask(url + path, tokens.kim)).toMatchObject({
    status: 200,
    text: expect.stringContaining(kim),
  })
  expect(await ask(url + path)).toMatchObject({ status: 401, challenge: 'Bearer', type })
  expect(await ask(url + path, 'x')).toMatchObject({
    ...{ status: 401, challenge: 'Bearer error="invalid_token"', type },
    text: expect.stringMatching(/"code": ?"invalid_token"/),
  })
  expect((await ask(url + path, tokens.lee)).status).toBe(403)
  await expect.poll(printed, { timeout: 10_000 }).toContain('The token is not a JWT.')
}

const expectUser = async ({ url, printed }: ServerProcess, type: string) => {
  const me = await ask(`${url}/me`, tokens.kim)
  expect([me.status, me.text]).toEqual([200, expect.stringMatching(/kim/i)])
  expect(await ask(`${url}/me`, tokens.lee)).toMatchObject({
    ...{ status: 403, challenge: null, type },
    text: expect.stringMatching(/"code": ?"no_local_user"/),
  })
  await expect.poll(printed, { timeout: 10_000 }).toContain('no_local_user')
  for (const part of tokens.lee.split('.')) expect(printed()).not.toContain(part)
}

const problem = 'application/problem+json'

describe('verifiers/node/README.md', () => {
  let service: Machine
  beforeAll(() => {
    service = newMachine('node')
    write(service, {
      'package.json': '{"type":"module"}',
      'database.js': `export const users = { findOne: ({ issuer, subject }) =>
        issuer === process.env.DOJANG_ISSUER && subject === process.env.KIM ? { name: 'Kim' } : undefined }`,
      // Calls the route handlers as Next.js does.
      'next.js': `import { createServer } from 'node:http'
        import { GET as me } from './app/me/route.js'
        import { GET as notes } from './app/notes/route.js'
        createServer(async (incoming, outgoing) => {
          const request = new Request('http://app.example' + incoming.url, { headers: incoming.headers })
          const response = await (incoming.url === '/me' ? me : notes)(request)
          outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text())
        }).listen(process.env.PORT)`,
    })
    const files = ['verifier.js', 'users.js', 'express.js', 'fastify.js', 'node-http.js', 'old-tokens.js']
    for (const file of [...files, 'app/notes/route.js', 'app/me/route.js'])
      write(service, { [file]: readme.node.block(`// ${file}\n`) })
    runShell(service, readme.node.block('npm pack'))
    runShell(service, 'npm install express@5.3.0 fastify@5.12.8')
  })

  test.each(['express.js', 'fastify.js', 'next.js', 'node-http.js'])(
    'the service of %s works',
    async (file) => {
      const running = await startServer(service, (port) => ['env', `PORT=${port}`, 'node', file])
      await expectGuardedNotes(running, problem)
      if (file !== 'node-http.js') await expectUser(running, problem)
      await running.stop()
    },
  )

  test('the options for old tokens are valid', () => {
    expect(runShell(service, 'node old-tokens.js')).toBe('')
  })
})

describe('verifiers/python/README.md', () => {
  test('the service with FastAPI works', async () => {
    const service = newMachine('fastapi')
    write(service, {
      'main.py': readme.python.block('# main.py\n'),
      'other.py': readme.python.block('# other.py\n'),
      'database.py': `import os
from dataclasses import dataclass

@dataclass
class User:
    name: str

def find_one(issuer, subject):
    return User("Kim") if (issuer, subject) == (os.environ["DOJANG_ISSUER"], os.environ["KIM"]) else None
`,
    })
    runShell(service, 'python3 -m venv venv')
    runShell(service, readme.python.block('pip install "$DOJANG'))
    runShell(service, 'pip install --quiet uvicorn==0.54.0')
    const running = await startServer(service, (port) => ['uvicorn', 'main:app', '--port', String(port)])
    await expectGuardedNotes(running, 'application/json')
    await expectUser(running, 'application/json')
    await running.stop()
    const script = `from main import verifier; from other import answer; print(answer(verifier, None)[0])`
    expect(runShell(service, `python -c '${script}'`)).toBe('401\n')
  })

  test('the project with Django and REST framework works', async () => {
    const project = newMachine('django')
    write(project, {
      'settings.py': `import os
SECRET_KEY, DEBUG, ALLOWED_HOSTS, ROOT_URLCONF = "for tests", True, ["*"], "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
${readme.python.block('# settings.py\n')}`,
      'views.py': readme.python.block('# views.py\n'),
      'rest.py': readme.python.block('# rest.py\n'),
      'urls.py': `from django.urls import path
from rest import Notes
from views import me, notes
urlpatterns = [path("", lambda _: None), path("notes", notes), path("me", me), path("rest/notes", Notes.as_view())]
`,
      'kim.py': `from django.contrib.auth import get_user_model
get_user_model().objects.create_user("kim", id=1)
`,
    })
    runShell(project, 'python3 -m venv venv')
    runShell(project, readme.python.block('pip wheel'))
    const manage = 'PYTHONPATH=. DJANGO_SETTINGS_MODULE=settings python -m django'
    runShell(project, `${manage} migrate --verbosity 0 && ${manage} shell < kim.py`)
    const running = await startServer(project, (port) => [
      ...['env', 'PYTHONPATH=.', 'DJANGO_SETTINGS_MODULE=settings'],
      ...['python', '-m', 'django', 'runserver', '--noreload', `127.0.0.1:${port}`],
    ])
    await expectGuardedNotes(running, 'application/json')
    await expectGuardedNotes(running, 'application/json', '/rest/notes')
    await expectUser(running, 'application/json')
    await running.stop()
  })
})

describe('verifiers/go/README.md', () => {
  test.each(['// main.go\n', '// main.go, Gin\n'])('the service of %j works', async (main) => {
    const isGin = main.includes('Gin')
    const service = newMachine(isGin ? 'gin' : 'net-http')
    for (const file of ['verifier.go', 'users.go', 'other.go'])
      write(service, { [file]: readme.go.block(`// ${file}\n`) })
    write(service, {
      'main.go': readme.go.block(main),
      'database.go': `package main
import (
	"context"
	"os"
)
type User struct{ Name string }
func findOne(_ context.Context, issuer, subject string) (*User, error) {
	if issuer == os.Getenv("DOJANG_ISSUER") && subject == os.Getenv("KIM") {
		return &User{"Kim"}, nil
	}
	return nil, nil
}
`,
    })
    runShell(service, 'go mod init notes')
    runShell(service, readme.go.block('-replace=dojang/verifier='))
    if (isGin) runShell(service, readme.go.block('-replace=dojang/verifier/gin='))
    runShell(service, readme.go.block('go mod tidy'))
    runShell(service, 'go build -o service .')
    const running = await startServer(service, (port) => ['env', `PORT=${port}`, './service'])
    await expectGuardedNotes(running, problem)
    await expectUser(running, problem)
    await running.stop()
  })
})

test.each(['node', 'python', 'go'])('verifiers/%s/README.md has no other block of code', (language) => {
  const page = readFileSync(join(checkout, 'verifiers', language, 'README.md'), 'utf8')
  const source = readFileSync(import.meta.filename, 'utf8')
  const files = [...page.matchAll(/^```(?:js|python|go)\n(.*)$/gm)].map(([, line]) => line ?? '')
  for (const line of files) expect(source).toContain(line.replace(/^(?:\/\/|#) /, ''))
})
