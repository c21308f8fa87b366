// The operation `move`: what it refuses, in sentences for the operator.
import { describe, expect, test } from 'vitest'
import { createMoveOperations } from '../../src/admin/move-operations.ts'
import type { Move } from '../../src/stores/stores.ts'

const to = 'postgres://dojang:opensesame@db.example/dojang'

const moving = (result: Move) => createMoveOperations({ moveTo: async () => result })

describe('the operation move', () => {
  test.each([
    'dojang:opensesame@db.example',
    'mysql://dojang:opensesame@db.example/x',
    'redis://:opensesame@db.example',
  ])('the move refuses the address %s, and the error does not repeat it (H9)', async (address) => {
    const { move } = moving({ outcome: 'moved', tables: [] })
    await expect(move({ to: address })).rejects.toMatchObject({
      code: 'invalid',
      message: '"to" must be a URL that begins with postgres:// or postgresql://.',
    })
  })

  test('the move refuses an installation that is not embedded', async () => {
    await expect(createMoveOperations({}).move({ to })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /^This installation already uses PostgreSQL\. .*without DATABASE_URL\.$/,
      ),
    })
  })

  test.each<{ result: Move; message: string }>([
    {
      result: { outcome: 'source_in_use', dataDir: '/data' },
      message: 'Another process uses the database in /data. Stop the server, and run this command again.',
    },
    {
      result: { outcome: 'source_is_empty', dataDir: '/data' },
      message: 'There is no data in /data. Set DATA_DIR to the folder of the server.',
    },
    {
      result: { outcome: 'target_forbids_tables' },
      message: 'The role may not create tables at the target. Make the role the owner of the database.',
    },
    {
      result: { outcome: 'target_holds_data', table: 'users' },
      message:
        'The target already holds data, for example in the table "users". Create a new database and name it.',
    },
  ])('the move says what to do: $result.outcome', async ({ result, message }) => {
    await expect(moving(result).move({ to })).rejects.toMatchObject({ code: 'refused', message })
  })
})
