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

/** The name in `name && …` and in `name !== undefined && …`. */
const checkedName = (node: Node): unknown => {
  if (node.type === 'Identifier') return node.name
  const right = node.right as Node | undefined
  return node.operator === '!==' && right && isPlain(right) ? checkedName(node.left as Node) : undefined
}

const mentions = (node: Node, name: unknown): boolean =>
  (node.type === 'Identifier' && node.name === name) ||
  childrenOf(node).some((child) => mentions(child, name))

/** Whether the compiler asks for the operand, because a later operand needs a value. */
const isNarrowing = (operand: Node, later: readonly Node[]): boolean => {
  const name = checkedName(operand)
  return name !== undefined && later.some((other) => mentions(other, name))
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
      const mark = (inner: Node) => {
        seen.add(inner)
        for (const side of [inner.left, inner.right])
          if (isNode(side) && side.operator === node.operator) mark(side)
      }
      mark(node)
      // The last operand of `a && { … }`, `a && (await …)` and `a || 'default'` is a value.
      const last = operands.at(-1) as Node
      if (['ObjectExpression', 'AwaitExpression'].includes(last.type) || isPlain(last)) return []
      return operands
        .filter((operand, index) => !isNarrowing(operand, operands.slice(index + 1)))
        .map((operand) => ({ node: operand, becomes: node.operator === '&&' }))
    }
    case 'SpreadElement':
      // The last operand of `...(a && b)` is a value, and without the others there is nothing to spread.
      seen.add(node.argument as Node)
      return []
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
