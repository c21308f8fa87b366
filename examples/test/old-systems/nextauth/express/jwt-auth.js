import { jwtVerify } from 'jose'

const secret = new TextEncoder().encode(process.env.JWT_SECRET)

/** Sets `req.user` to the id, the e-mail address, the name and the role of the person. */
export async function authenticate(req, res, next) {
  try {
    const token = req.headers.authorization?.replace('Bearer ', '')
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] })
    req.user = { id: payload.id, email: payload.email, name: payload.name, role: payload.role }
  } catch {
    return res.status(401).json({ error: 'Unauthorized' })
  }
  next()
}

export function requireAdmin(req, res, next) {
  if (req.user.role !== 'admin') return res.status(403).json({ error: 'Forbidden' })
  next()
}
