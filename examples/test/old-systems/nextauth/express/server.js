import express from 'express'
import pg from 'pg'
import { authenticate, requireAdmin } from './jwt-auth.js'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const app = express()

app.get('/me', authenticate, async (req, res) => {
  const { rows } = await pool.query('select id, name from users where id::text = $1', [req.user.id])
  if (rows.length === 0) return res.status(403).json({ error: 'no_local_user' })
  res.json(rows[0])
})
app.get('/admin', authenticate, requireAdmin, (req, res) => res.json({ id: req.user.id }))

app.listen(Number(process.env.PORT), '127.0.0.1')
