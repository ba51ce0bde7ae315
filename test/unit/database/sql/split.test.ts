import {describe, expect, test} from 'vitest'
import {splitTokens} from '../../../../src/database/sql/split.ts'
import {scan} from '../../../../src/database/sql/tokens.ts'

const statementsOf = (sql: string) => splitTokens([...scan(sql)])

describe('splitting a text into statements', () => {
  test.each([
    'SELECT 1; SELECT 2',
    "INSERT INTO t VALUES (';'); DROP TABLE t",
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE t',
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END; CREATE TRIGGER b AFTER INSERT ON t BEGIN SELECT 1; END;',
  ])('finds several in %s', (sql) => expect(statementsOf(sql).length).toBeGreaterThan(1))

  test.each([
    'SELECT 1',
    'SELECT 1; -- and ; nothing else',
    "SELECT ';' /* ; */",
    ';; SELECT 1',
    "SELECT 1 -- 'open\n",
    "SELECT ';; open",
    'SELECT 1 /* ; open',
    'SELECT [;];',
    'SELECT 1\u000b;',
    'EXPLAIN CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; SELECT 2; END;',
    'CREATE TRIGGER a AFTER INSERT ON t BEGIN UPDATE t SET x = CASE WHEN 1 THEN 2 END; DELETE FROM u; END',
    'create temp trigger a after insert on t begin select 1; end;',
  ])('finds one in %s', (sql) => expect(statementsOf(sql)).toHaveLength(1))
})
