// The copy of Kysely that a user's migration gets where none is installed beside it (see import-user-file.ts).
export * from 'kysely'
