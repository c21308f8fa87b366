// The port Roles on SQL. A foreign key removes a deleted role from its users.
import type { Roles } from '../../users/role.ts'
import type { Db } from './connection.ts'
import { json } from './row.ts'

export const createSqlRoles = (db: Db): Roles => {
  const select = () => db.selectFrom('roles').select(['name', 'scopes'])
  return {
    create: async ({ name, scopes }) =>
      (await db
        .insertInto('roles')
        .values({ name, scopes: json(scopes) })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('name')
        .executeTakeFirst()) === undefined
        ? 'exists'
        : 'created',
    find: (name) => select().where('name', '=', name).executeTakeFirst(),
    list: () => select().orderBy('name').execute(),
    grant: async (name, scopes) =>
      (await db
        .updateTable('roles')
        .set({ scopes: json(scopes) })
        .where('name', '=', name)
        .returning('name')
        .executeTakeFirst()) !== undefined,
    delete: async (name) =>
      (await db.deleteFrom('roles').where('name', '=', name).returning('name').executeTakeFirst()) !==
      undefined,
  }
}
