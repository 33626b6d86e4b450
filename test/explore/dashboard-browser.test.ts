import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePage } from '../../src/explore/dashboard/serve-page.ts';
import { lineOf } from '../../src/explore/store-format.ts';
import { keywordCnnReport } from '../report/fixture.ts';
import { hostile, jobsOf, writeSearch } from './dashboard-fixture.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

let folder = '';
let browser: Browser;
beforeAll(async () => {
  await execa(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build']);
  folder = await mkdtemp(join(tmpdir(), 'nzflow-page-'));
  browser = await chromium.launch({
    executablePath: onPath('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Where the search path has a command; the command itself where it has not, so that the error names it. */
function onPath(command: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((one) => join(one, command)).find((path) => existsSync(path)) ?? command;
}

/** A page, and all it said or asked for that it should not have. */
async function opened(address: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (one) => {
    if (!one.url().startsWith(address)) complaints.push(`request: ${one.url()}`);
  });
  await page.goto(address);
  await page.locator('#filter-count').filter({ hasText: 'trials' }).waitFor();
  return { page, complaints };
}

async function staticPage(name: string, trials: number): Promise<string> {
  const store = join(folder, `${name}.trials`);
  await writeSearch(store, jobsOf(trials));
  await mkdir(`${store}.reports`, { recursive: true });
  await writeFile(join(`${store}.reports`, 'trial-3.json'), JSON.stringify(keywordCnnReport()));
  const main = join(root, 'dist/cli/main.js');
  const { stdout } = await execa(process.execPath, [main, 'explore', 'html', store]);
  expect(stdout).toBe(`${store}.html`);
  return pathToFileURL(`${store}.html`).href;
}

const count = (page: Page): Promise<string | null> => page.locator('#filter-count').textContent();

/** The upper end of the leftmost of the parallel axes. */
async function firstAxis(page: Page): Promise<{ readonly x: number; readonly top: number }> {
  const chart = page.locator('#parallel-chart');
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (box === null) throw new Error('the chart is not there');
  return { x: box.x + 60, top: box.y + 58 };
}

/** What stands in a column of the table. */
function columnOf(page: Page, title: string): Promise<readonly string[]> {
  return page.locator('#trial-table').evaluate((table, wanted) => {
    const titles = [...table.querySelectorAll('thead th')].map((cell) => cell.textContent);
    const at = titles.indexOf(wanted);
    return [...table.querySelectorAll('tbody tr')].map(
      (row) => row.children[at]?.textContent ?? '',
    );
  }, title);
}

describe('the page of a search in a browser', () => {
  it('filters by brushing, words and keyboard, sorts, and opens a trial', async () => {
    const { page, complaints } = await opened(await staticPage('static', 40));
    expect(await count(page)).toBe('40 of 40 trials');

    // drag along the first axis, whose upper end is `complementary`
    const { x, top } = await firstAxis(page);
    await page.mouse.move(x, top - 4);
    await page.mouse.down();
    await page.mouse.move(x, top + 30, { steps: 5 });
    await page.mouse.move(x, top + 60, { steps: 5 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Do not filter by pattern' }).waitFor();
    const patterns = await columnOf(page, 'pattern');
    expect(patterns.length).toBeGreaterThan(5);
    expect(new Set(patterns)).toEqual(new Set(['complementary']));
    expect(new Set(await columnOf(page, 'density'))).toEqual(new Set(['not active']));
    expect(await count(page)).toBe(`${String(patterns.length)} of 40 trials`);
    // taken over by the keyboard's way of saying it, and let go by a click on the axis
    await page.getByText('Intervals by keyboard').click();
    expect(await page.getByLabel('pattern', { exact: true }).inputValue()).toBe('1');
    const axis = await firstAxis(page);
    await page.mouse.click(axis.x, axis.top + 200);
    await page.locator('#filter-count').filter({ hasText: '40 of 40' }).waitFor();

    await page.getByLabel('weightBits from').fill('7');
    await page.getByLabel('weightBits from').press('Enter');
    await page.locator('#filter-count').filter({ hasNotText: '40 of 40' }).waitFor();
    expect((await columnOf(page, 'weightBits')).every((bits) => Number(bits) >= 7)).toBe(true);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('searchbox').fill('pattern=unstructured #1');
    await page.locator('#filter-count').filter({ hasNotText: '40 of 40' }).waitFor();
    expect(new Set(await columnOf(page, 'pattern'))).toEqual(new Set(['unstructured']));
    await page.getByRole('button', { name: 'Show all' }).click();

    const heading = page.locator('#trial-table').getByRole('button', { name: 'weightBits' });
    for (const [direction, sign] of [
      ['ascending', 1],
      ['descending', -1],
    ] as const) {
      await heading.click();
      await page.locator(`th[aria-sort="${direction}"]`, { hasText: 'weightBits' }).waitFor();
      const bits = (await columnOf(page, 'weightBits')).map(Number);
      expect(bits).toEqual([...bits].sort((a, b) => sign * (a - b)));
      expect(new Set(bits).size).toBeGreaterThan(1);
    }

    await page.getByRole('button', { name: 'Open trial 0', exact: true }).focus();
    await page.keyboard.press('Enter');
    const record = page.getByRole('dialog', { name: 'Trial 0' });
    const text = await record.textContent();
    expect(text).toContain(`warning: ${hostile}`);
    expect(text).toContain('SHA-256 of the model file');
    expect(text).toContain('budget:\n  trials: 1');
    const download = page.waitForEvent('download');
    await record.getByRole('link', { name: 'Save trial-0.yaml' }).click();
    const saved = await readFile(await (await download).path(), 'utf8');
    expect(saved).toBe(await page.locator('#record-yaml').textContent());
    expect(text).toContain('None is at hand');
    await page.keyboard.press('Escape');
    await page.locator('#record').waitFor({ state: 'hidden' });

    await page.evaluate("location.hash = '#trial-3'");
    await page.getByRole('button', { name: 'Show the full report' }).click();
    await page
      .frameLocator('#record-report iframe')
      .getByText(keywordCnnReport().model.name)
      .first()
      .waitFor();
    expect(await page.title()).toBe('Search static');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('opens a trial from a chart', async () => {
    const { page, complaints } = await opened(await staticPage('chart', 1));
    const chart = page.locator('#history-chart');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (box === null) throw new Error('the chart is not there');
    // the only job through the first task stands at the left end
    const column = { x: box.x + 70, top: box.y + 34, bottom: box.y + box.height - 46 };
    const record = page.getByRole('dialog', { name: 'Trial 0' });
    for (let y = column.top; y < column.bottom && !(await record.isVisible()); y += 3)
      await page.mouse.click(column.x + 1, y);
    expect(await record.isVisible()).toBe(true);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('says that there is nothing yet', async () => {
    const { page, complaints } = await opened(await staticPage('empty', 0));
    expect(await count(page)).toBe('0 of 0 trials');
    expect(await page.locator('#front-note').textContent()).toContain('No trial');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('follows a search to its end', async () => {
    const store = join(folder, 'live.trials');
    const jobs = jobsOf(12);
    await writeSearch(store, jobs.slice(0, 8));
    const script = await readFile(join(root, 'dist/explore/dashboard/page/main.js'), 'utf8');
    const server = await servePage(store, 0, script);
    const { page, complaints } = await opened(server.address);
    const before = await count(page);
    await appendFile(store, `${lineOf(jobs[8])}\n${lineOf(jobs[9])}\n${lineOf(jobs[10])}\n`);
    await page
      .locator('#filter-count')
      .filter({ hasNotText: String(before) })
      .waitFor();
    await appendFile(
      store,
      jobs
        .slice(11)
        .map((job) => `${lineOf(job)}\n`)
        .join(''),
    );
    await server.close();
    await page.locator('#live').filter({ hasText: 'has ended' }).waitFor();
    await page.locator('#filter-count').filter({ hasText: '12 of 12' }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});
