import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from './peers.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A page in a browser, and what went wrong in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of its console, uncaught errors, and requests that failed or were refused, in order. */
  readonly problems: string[];
  close(): Promise<void>;
}

/** Starts the system's Chromium without a window, with a new and empty profile; `flags` are added to the usual ones. */
export async function startChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (!executablePath) throw new Error("chromium is not on the PATH; install Debian's package chromium");
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}

/** A new page with storage of its own, 1280 × 900 pixels unless told otherwise. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (/^(error|warning)$/.test(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // The browser itself gives up the icon where the page is left before it has come.
    if (why !== 'net::ERR_ABORTED' || !request.url().endsWith('.svg')) problems.push(`failed: ${request.url()} ${why}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return { page, problems, close: () => context.close() };
}
