import {type Api, type ApiApp, type ApiContext, organizationPath} from './api.ts'
import {wholeNumber} from './api-request.ts'

/** What was done through the API, the newest first. */
export function auditLogRoutes(app: ApiApp, api: Api): void {
  app.get(`${organizationPath}/audit-logs`, async (c) => c.json(await auditLogs(api, c)))
}

async function auditLogs(api: Api, c: ApiContext) {
  const page = wholeNumber(c, 'page', {fallback: 1, max: 1_000_000})
  const pageSize = wholeNumber(c, 'page_size', {fallback: 100, max: 1000})
  const {entries, total} = await api.databases.usingRegistry(({auditLog}) => auditLog.page(page, pageSize))
  return {
    audit_logs: entries.map(({createdAt, ...entry}) => ({...entry, created_at: createdAt})),
    pagination: {page, page_size: pageSize, total_pages: Math.ceil(total / pageSize), total_rows: total},
  }
}
