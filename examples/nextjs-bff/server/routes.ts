/** The browser can reach these paths of the API and no others. A new path of the API needs a line here. */
const routes: readonly { path: RegExp; methods: readonly string[] }[] = [
  { path: /^\/me$/, methods: ['GET'] },
  { path: /^\/chat$/, methods: ['GET', 'POST', 'DELETE'] },
  { path: /^\/orders$/, methods: ['GET', 'POST'] },
  { path: /^\/orders\/[\w-]+$/, methods: ['PUT', 'PATCH', 'DELETE'] },
  { path: /^\/orders\/[\w-]+\/receipt$/, methods: ['GET', 'PUT'] },
]

/** The methods of a path, or undefined if the browser may not reach it. */
export const methodsOf = (path: string): readonly string[] | undefined =>
  routes.find((route) => route.path.test(path))?.methods
