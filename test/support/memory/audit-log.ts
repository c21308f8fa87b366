// The in-memory model of the audit log. Records are only added, and each id only once.
import type { AuditLog, AuditRecord } from '../../../src/audit.ts'

export const memoryAuditLog = (): AuditLog => {
  const kept: AuditRecord[] = []

  return {
    append: async (records) => {
      for (const record of records)
        if (!kept.some(({ id }) => id === record.id)) kept.push(structuredClone(record))
    },
    list: async ({ type, userId, limit }) =>
      structuredClone(
        kept
          .filter((record) => type === undefined || record.type === type)
          .filter((record) => userId === undefined || record.userId === userId)
          .reverse()
          .sort((a, b) => b.at.getTime() - a.at.getTime())
          .slice(0, limit),
      ),
  }
}
