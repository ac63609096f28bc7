import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPage, startChromium } from '../kit/chromium.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

/** A name that the browser takes for that of this machine, as after an attacker has changed what it points at. */
const EVIL = 'evil.example';
/** Browsers begin to keep pages off this machine by themselves; what is tested is that Wattline does. */
const WITHOUT_CHECKS = ['--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests'];
const run = JSON.stringify({ name: 'forged', duration: 10, step_seconds: 5, power_watts: [1, 2, 3] });

const config = (port: number, host: string) => `
receivers: { http: { endpoint: "${host}:${port}" } }
processors: { cost: { region: us-east-1 } }
exporters: { prometheus: { endpoint: "${host}:${port}" } }
extensions: { dashboard: { endpoint: "${host}:${port}" }, status: { endpoint: "${host}:${port}" } }
service:
  extensions: [dashboard, status]
  pipelines: { metrics: { receivers: [http], processors: [cost], exporters: [prometheus] } }
`;

describeWithPeers('pages of other sites', ['chromium'], () =>
  describe.each(['127.0.0.1', '0.0.0.0'])('and a listener on %s', (host) => {
    let browser: Browser;
    let wattline: WattlineProcess;
    let site: Server;
    let port: number;
    let sitePort: number;
    const received = async () => (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).includes('forged');

    beforeAll(async () => {
      port = await freePort();
      wattline = await startWattline({ config: config(port, host) });
      browser = await startChromium([`--host-resolver-rules=MAP ${EVIL} 127.0.0.1`, ...WITHOUT_CHECKS]);
      site = createServer((_, response) => void response.setHeader('content-type', 'text/html').end('<p>a page</p>'));
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      sitePort = (site.address() as AddressInfo).port;
      await wattline.waitFor(`http://127.0.0.1:${port}/status`);
    });
    afterAll(async () => {
      site?.close();
      await browser?.close();
      await wattline?.stop();
    });

    async function pageAt(url: string) {
      const { page, close } = await openPage(browser);
      onTestFinished(close);
      const answer = await page.goto(url);
      return { page, status: answer?.status(), text: () => page.textContent('body') };
    }

    it.each([EVIL, 'localhost'])('send and read nothing, though they are at %s', async (name) => {
      const { page } = await pageAt(`http://${name}:${sitePort}/`);
      const asked = await page.evaluate(
        async ({ target, body }) => {
          const ask = (path: string, init: RequestInit) =>
            fetch(target + path, init).then(
              (answer) => `${answer.type} ${answer.status}`,
              () => 'refused',
            );
          return [
            await ask('/v1/results', { method: 'POST', body }),
            await ask('/v1/results', { method: 'POST', body, mode: 'no-cors' }),
            await ask('/v1/results', { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
            await ask('/status', {}),
          ];
        },
        { target: `http://127.0.0.1:${port}`, body: run },
      );
      // An opaque answer says nothing to the page; what was sent did not count, as is seen below.
      expect(asked).toEqual(['refused', expect.stringMatching(/^(opaque 0|refused)$/), 'refused', 'refused']);
      expect(await received()).toBe(false);
    });

    it('send nothing by a form, and may link', async () => {
      const { page } = await pageAt(`http://${EVIL}:${sitePort}/`);
      const answered = page.waitForResponse(`http://127.0.0.1:${port}/v1/results`);
      await page.setContent(
        `<form method="post" enctype="text/plain" action="http://127.0.0.1:${port}/v1/results"><input name='${run.slice(0, -1)},"x":"' value='"}'><button>send</button></form>`,
      );
      await page.click('button');
      expect((await answered).status()).toBe(403);
      expect(await received()).toBe(false);
      await page.goto(`http://${EVIL}:${sitePort}/`);
      await page.setContent(`<a href="http://127.0.0.1:${port}/status">status</a>`);
      const linked = page.waitForResponse(`http://127.0.0.1:${port}/status`);
      await page.click('a');
      expect((await linked).status()).toBe(200);
    });

    it('send nothing after their name was pointed at this machine', async () => {
      const origin = `http://${EVIL}:${port}`;
      const { page } = await pageAt(`http://${EVIL}:${sitePort}/`);
      // The page itself came from elsewhere, before the name was changed.
      await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>a page</p>' }));
      await page.goto(`${origin}/page`);
      const status = await page.evaluate(
        async (body) => (await fetch('/v1/results', { method: 'POST', body })).status,
        run,
      );
      expect(status).toBe(403);
      expect(await received()).toBe(false);
      if (host === '127.0.0.1') expect(await page.evaluate(async () => (await fetch('/status')).status)).toBe(403);
    });

    it('are not the own ones', async () => {
      for (const name of ['127.0.0.1', 'localhost']) {
        const { page, status, text } = await pageAt(`http://${name}:${port}/`);
        expect([status, await text()]).toEqual([200, expect.stringContaining('Wattline')]);
        expect(await page.evaluate(async () => (await fetch('/status')).status)).toBe(200);
      }
    });
  }),
);
