import {existsSync} from 'node:fs'
import {type Browser, chromium, type Page} from 'playwright-core'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type TestServer, usingServer} from '../helpers/server.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path))
if (executablePath === undefined) process.stderr.write('The landing page is not checked: there is no Chromium on this machine.\n')

describe.skipIf(executablePath === undefined)('the landing page, in a browser', () => {
  let browser: Browser

  beforeAll(async () => {
    // Chromium's sandbox does not run as root, which is who runs tests in a container.
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
    browser = await chromium.launch({executablePath: executablePath ?? '', args})
  })

  afterAll(() => browser.close())

  const open = (use: (page: Page, server: TestServer, problems: string[]) => Promise<void>) =>
    usingServer(async (server) => {
      const context = await browser.newContext({permissions: ['clipboard-read', 'clipboard-write']})
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
      page.on('pageerror', (error) => problems.push(error.message))
      try {
        await use(page, server, problems)
      } finally {
        await context.close()
      }
    })

  test('shows the databases with their state, and holds no token', () =>
    open(async (page, {url, platform, registry, apiToken}, problems) => {
      const {database} = await platform.createDatabase('stage-condor')
      await platform.createDatabase('live-butterfly')
      await registry.configure(database.id, {deleteProtection: true, blockWrites: true})
      await page.goto(url)
      const rows = await page.getByRole('row').allInnerTexts()
      expect(rows.map((row) => row.split('\t').map((cell) => cell.trim()))).toEqual([
        ['Name', 'Group', 'Size', 'State', 'TURSO_DB_URL'],
        ['live-butterfly', 'default', expect.stringMatching(/^\d+ KB$/), 'open', `${url}/dev/live-butterfly`],
        ['stage-condor', 'default', expect.stringMatching(/^\d+ KB$/), 'delete-protected, writes blocked', `${url}/dev/stage-condor`],
      ])
      expect(await page.content()).not.toContain(apiToken)
      expect(problems).toEqual([])
    }))

  test('copies the variables to set and a curl', () =>
    open(async (page, {url}, problems) => {
      await page.goto(url)
      await expect(page.getByText('None yet').isVisible()).resolves.toBe(true)
      const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
      await page.getByRole('button', {name: 'Copy'}).first().click()
      await expect.poll(clipboard).toContain(`export TURSO_API_BASEURL=${url}\n`)
      await page.getByRole('button', {name: 'Copy', exact: true}).click()
      await expect.poll(clipboard).toContain('curl "$TURSO_DB_URL/v2/pipeline"')
      expect(problems).toEqual([])
    }))

  test('is readable on a phone', () =>
    open(async (page, {url, platform}) => {
      await platform.createDatabase(`stage-${'x'.repeat(58)}`)
      await page.setViewportSize({width: 360, height: 700})
      await page.goto(url)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    }))
})
