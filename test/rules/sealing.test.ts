import { randomBytes } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadLocalKeyEncryptionKey } from '../../src/encryption/local-key-file.ts'
import { createKeyEncryption } from '../../src/encryption/sealing.ts'

const newSecret = (): Uint8Array => Uint8Array.from(randomBytes(32))

const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

describe('a sealed private key', () => {
  const secret = newSecret()
  const plain = randomBytes(1200)

  test('a sealed private key decrypts to the same bytes', () => {
    const { encrypt, decrypt } = createKeyEncryption([secret])
    expect(decrypt('kid-1', encrypt('kid-1', plain)).equals(plain)).toBe(true)
  })

  test('sealing the same key twice gives different texts (D3)', () => {
    const { encrypt } = createKeyEncryption([secret])
    expect(encrypt('kid-1', plain)).not.toBe(encrypt('kid-1', plain))
  })

  test('a sealed key does not decrypt for another kid (D3)', () => {
    const { encrypt, decrypt } = createKeyEncryption([secret])
    expect(() => decrypt('kid-2', encrypt('kid-1', plain))).toThrow(
      'No key-encryption key decrypts signing key kid-2',
    )
  })

  test.each([
    ['IV', 3],
    ['ciphertext', 40],
    ['tag', -5],
  ])('a sealed key does not decrypt after its %s was changed (D3)', (_, at) => {
    const { encrypt, decrypt } = createKeyEncryption([secret])
    const sealed = encrypt('kid-1', plain)
    expect(() => decrypt('kid-1', flip(sealed, at < 0 ? sealed.length + at : at))).toThrow('kid-1')
  })

  test.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', '{"k":1}'])('decrypt rejects the text %j', (sealed) => {
    expect(() => createKeyEncryption([secret]).decrypt('kid-1', sealed)).toThrow('not in a form')
  })

  test('decrypt accepts the previous key-encryption key, and encrypt uses the new one (D16)', () => {
    const next = newSecret()
    const old = createKeyEncryption([secret]).encrypt('kid-1', plain)
    const both = createKeyEncryption([next, secret])
    expect(both.decrypt('kid-1', old).equals(plain)).toBe(true)
    expect(createKeyEncryption([next]).decrypt('kid-1', both.encrypt('kid-1', plain)).equals(plain)).toBe(
      true,
    )
    expect(() => createKeyEncryption([next]).decrypt('kid-1', old)).toThrow('KEY_ENCRYPTION_KEY')
  })
})

describe.skipIf(process.platform === 'win32')('the local key-encryption key', () => {
  let home = ''
  let keysDir = ''
  const keyFile = () => join(keysDir, 'key-encryption-key')
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'dojang-keys-'))
    keysDir = join(home, 'keys')
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  test('the key file is created once, with mode 0600 in a 0700 directory (D2)', async () => {
    const [made] = await loadLocalKeyEncryptionKey(keysDir)
    expect(made).toHaveLength(32)
    expect(await modeOf(keysDir)).toBe(0o700)
    expect(await modeOf(keyFile())).toBe(0o600)
    expect(await loadLocalKeyEncryptionKey(keysDir)).toEqual([made])
    expect(await readdir(keysDir)).toEqual(['key-encryption-key'])
  })

  test('a keys directory with mode 0755 gets mode 0700 while it holds no key (D2)', async () => {
    await mkdir(keysDir)
    await chmod(keysDir, 0o755)
    await writeFile(join(keysDir, 'README.md'), 'about')
    await loadLocalKeyEncryptionKey(keysDir)
    expect(await modeOf(keysDir)).toBe(0o700)
  })

  test('parallel starts create one key (D2)', async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, () => loadLocalKeyEncryptionKey(keysDir)))
    expect(new Set(keys.map(([key]) => Buffer.from(key ?? []).toString('hex'))).size).toBe(1)
    expect(await readdir(keysDir)).toEqual(['key-encryption-key'])
  })

  test.each([
    ['0640', 0o640],
    ['0604', 0o604],
    ['0660', 0o660],
  ] as const)(
    'a key file with mode %s is rejected, and the error names the chmod command (D2)',
    async (_, mode: number) => {
      await loadLocalKeyEncryptionKey(keysDir)
      await chmod(keyFile(), mode)
      await expect(loadLocalKeyEncryptionKey(keysDir)).rejects.toThrow(`chmod 0600 '${keyFile()}'`)
      expect(await modeOf(keyFile())).toBe(mode)
    },
  )

  test.each([
    ['0750', 0o750],
    ['0701', 0o701],
    ['0777', 0o777],
  ] as const)('a keys directory with mode %s is rejected if it holds a key (D2)', async (_, mode) => {
    await loadLocalKeyEncryptionKey(keysDir)
    await chmod(keysDir, mode)
    await expect(loadLocalKeyEncryptionKey(keysDir)).rejects.toThrow(`chmod 0700 '${keysDir}'`)
    expect(await modeOf(keysDir)).toBe(mode)
  })

  test('a keys directory of another user is rejected (D2)', async () => {
    await expect(loadLocalKeyEncryptionKey(keysDir, { userId: 54_321 })).rejects.toThrow(
      'belongs to another user',
    )
  })

  test('a symbolic link is rejected as key file and as keys directory (D2)', async () => {
    await loadLocalKeyEncryptionKey(keysDir)
    const elsewhere = join(home, 'elsewhere')
    await rename(keyFile(), elsewhere)
    await symlink(elsewhere, keyFile())
    await expect(loadLocalKeyEncryptionKey(keysDir)).rejects.toThrow('symbolic link')

    const linked = join(home, 'linked')
    await symlink(keysDir, linked)
    await expect(loadLocalKeyEncryptionKey(linked)).rejects.toThrow('symbolic link')
  })

  test.each([
    ['too short', randomBytes(16).toString('base64')],
    ['too long', randomBytes(33).toString('base64')],
    ['empty', ''],
    ['not base64', `${'!'.repeat(43)}=`],
  ])('a key file that is %s is rejected and stays unchanged', async (_, text) => {
    await mkdir(keysDir, { mode: 0o700 })
    await writeFile(keyFile(), text, { mode: 0o600 })
    const loading = loadLocalKeyEncryptionKey(keysDir)
    await expect(loading).rejects.toThrow('32 bytes')
    if (text !== '') await expect(loading).rejects.not.toThrow(text)
    expect(await readFile(keyFile(), 'utf8')).toBe(text)
  })

  test('renaming the key file to .previous creates a new key, and both keys load (D16)', async () => {
    const [old] = await loadLocalKeyEncryptionKey(keysDir)
    await rename(keyFile(), join(keysDir, 'key-encryption-key.previous'))
    const [current, previous] = await loadLocalKeyEncryptionKey(keysDir)
    expect(previous).toEqual(old)
    expect(current).not.toEqual(old)
    await chmod(join(keysDir, 'key-encryption-key.previous'), 0o644)
    await expect(loadLocalKeyEncryptionKey(keysDir)).rejects.toThrow('chmod 0600')
  })
})
