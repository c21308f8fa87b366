import { logOut } from '../../bff.js'

export const POST = (request) => logOut(request)
