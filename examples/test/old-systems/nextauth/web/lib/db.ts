import bcrypt from 'bcryptjs'
import { Pool } from 'pg'

export const pool = new Pool({ connectionString: process.env.DATABASE_URL })

export interface Person {
  id: string
  name: string | null
  email: string | null
  role: string
}

export async function checkPassword(email: unknown, password: unknown): Promise<Person | null> {
  const found = await pool.query('select * from users where email = $1 and active', [email])
  const [user] = found.rows
  if (!user?.password_hash || !(await bcrypt.compare(String(password), user.password_hash))) return null
  return { id: String(user.id), name: user.name, email: user.email, role: user.role }
}

export async function isActive(id: unknown): Promise<boolean> {
  const found = await pool.query('select 1 from users where id = $1 and not active', [Number(id) || 0])
  return found.rowCount === 0
}
