// Finds the guards of a source file, and rewrites the file so that a test run can remove one of them.
import { parseAst } from 'vitest/node'

export interface Guard {
  /** `src/tokens/refresh.ts:54`, or `src/tokens/refresh.ts:54#2` for the second guard of the line. */
  id: string
  /** What the mutant leaves out, in one line. */
  text: string
}

interface Node {
  type: string
  start: number
  end: number
  [member: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)

/** The operands of `a && b && c`. They have no guard in common, so each is removed alone. */
const operandsOf = (node: Node, operator: unknown): Node[] =>
  node.type === 'LogicalExpression' && node.operator === operator
    ? [...operandsOf(node.left as Node, operator), ...operandsOf(node.right as Node, operator)]
    : [node]

const isPlain = (node: Node): boolean =>
  node.type === 'Literal' || (node.type === 'Identifier' && node.name === 'undefined')

/** The names in `user.email`. Undefined for anything but names with dots between them. */
const pathOf = (node: Node): string | undefined => {
  if (node.type === 'Identifier') return String(node.name)
  if (node.type !== 'MemberExpression' || node.computed) return undefined
  const object = pathOf(node.object as Node)
  return object && `${object}.${(node.property as Node).name}`
}

/** The value in `name && …`, in `name !== undefined && …` and in `user.name !== undefined && …`. */
const checkedPath = (node: Node): string | undefined => {
  const right = node.right as Node | undefined
  return node.operator === '!==' && right && isPlain(right) ? checkedPath(node.left as Node) : pathOf(node)
}

const mentions = (node: Node, path: string): boolean =>
  pathOf(node) === path || childrenOf(node).some((child) => mentions(child, path))

/** Whether the compiler asks for the operand, because a later operand needs a value. */
const isNarrowing = (operand: Node, later: readonly Node[]): boolean => {
  const path = checkedPath(operand)
  if (path === undefined) return false
  // Without `user.name !== undefined` there are comparisons that the compiler allows, but no members.
  const mustNarrow = !path.includes('.') || later.at(-1)?.type === 'ObjectExpression'
  return mustNarrow && later.some((other) => mentions(other, path))
}

/** Marks a condition whose operands were found together. */
const mark = (condition: Node, seen: Set<Node>): void => {
  seen.add(condition)
  for (const side of [condition.left, condition.right])
    if (isNode(side) && side.operator === condition.operator) mark(side, seen)
}

/** A removed guard is a condition that is always false or always true. */
type Removal = { node: Node; becomes: boolean }

/** The removals that start at this node. `seen` has the operands of longer conditions. */
const removalsAt = (node: Node, seen: Set<Node>): Removal[] => {
  switch (node.type) {
    case 'IfStatement': {
      const test = node.test as Node
      // Without one operand of `a || b` the guard is weaker already.
      const weaker = test.type === 'LogicalExpression' && test.operator === '||'
      return weaker ? [] : [{ node: test, becomes: false }]
    }
    case 'LogicalExpression': {
      if (seen.has(node) || node.operator === '??') return []
      const operands = operandsOf(node, node.operator)
      mark(node, seen)
      // The last operand of `a && { … }`, `a && (await …)`, `a && b / c` and `a || 'default'` is a value.
      const last = operands.at(-1) as Node
      if (['ObjectExpression', 'AwaitExpression'].includes(last.type) || isPlain(last)) return []
      if (['+', '-', '*', '/'].includes(last.operator as string)) return []
      return operands
        .filter((operand, index) => !isNarrowing(operand, operands.slice(index + 1)))
        .map((operand) => ({ node: operand, becomes: node.operator === '&&' }))
    }
    case 'SpreadElement': {
      const argument = node.argument as Node
      if (argument.operator !== '&&') return []
      mark(argument, seen)
      // The last operand of `...(a && b)` is a value.
      const operands = operandsOf(argument, '&&')
      return operands
        .slice(0, -1)
        .filter((operand, index) => !isNarrowing(operand, operands.slice(index + 1)))
        .map((operand) => ({ node: operand, becomes: true }))
    }
    case 'ConditionalExpression': {
      const test = node.test as Node
      if (isPlain(node.consequent as Node)) return [{ node: test, becomes: false }]
      return isPlain(node.alternate as Node) ? [{ node: test, becomes: true }] : []
    }
    default:
      return []
  }
}

const removalsIn = (node: Node, seen = new Set<Node>()): Removal[] => [
  ...removalsAt(node, seen),
  ...childrenOf(node).flatMap((child) => removalsIn(child, seen)),
]

const found = (file: string, source: string): (Removal & Guard)[] => {
  const lines = new Map<number, number>()
  return removalsIn(parseAst(source, { lang: 'ts' }, file) as unknown as Node).map((removal) => {
    const line = source.slice(0, removal.node.start).split('\n').length
    const count = (lines.get(line) ?? 0) + 1
    lines.set(line, count)
    const text = source.slice(removal.node.start, removal.node.end).replace(/\s+/g, ' ')
    return { ...removal, id: `${file}:${line}${count > 1 ? `#${count}` : ''}`, text }
  })
}

export const guardsOf = (file: string, source: string): Guard[] =>
  found(file, source).map(({ id, text }) => ({ id, text }))

/**
 * The source in which each guard calls `guard(id, value, without)`. The condition is still evaluated without
 * the guard, and only its value is replaced.
 */
export const withSwitches = (file: string, source: string): string => {
  const before = new Map<number, string>()
  const after = new Map<number, string>()
  // An outer condition is found before the inner ones: its prefix stays outside, and so does its suffix.
  for (const { id, node, becomes } of found(file, source)) {
    before.set(node.start, `${before.get(node.start) ?? ''}guard('${id}', (`)
    after.set(node.end, `), ${becomes})${after.get(node.end) ?? ''}`)
  }
  return [...source.split(''), '']
    .map((character, index) => (after.get(index) ?? '') + (before.get(index) ?? '') + character)
    .join('')
}
