import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startProcess } from '../../test/kit/child-process.ts';
import { Secrets } from '../model/secrets.ts';
import { createLogger } from './logger.ts';

const module = fileURLToPath(new URL('./logger.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a process writes that runs the code with `logger` and `diag` at hand. */
async function linesOf(level: string, code: string): Promise<Record<string, unknown>[]> {
  const script = `
    import { diag } from '@opentelemetry/api';
    import { createLogger } from ${JSON.stringify(module)};
    const logger = await createLogger('${level}');
    ${code}
    process.exit(0);
  `;
  const child = startProcess(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  expect(await child.exited).toBe(0);
  expect(child.stdout()).toBe('');
  return child
    .stderr()
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => !msg.includes('Registered a global for diag'));
}

describe('the logger', () => {
  it('writes JSON lines to standard error where that is not a terminal, complete when the process ends', async () => {
    const [line, ...others] = await linesOf(
      'info',
      `logger.child({ component: 'exporter debug' }).info({ runs: 2 }, 'read');`,
    );
    expect(others).toEqual([]);
    expect(line).toEqual({ level: 30, time: expect.any(String), component: 'exporter debug', runs: 2, msg: 'read' });
    expect(new Date(line?.time as string).toISOString()).toBe(line?.time);
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ])('at level %s writes %s', async (level, expected) => {
    const lines = await linesOf(level, `for (const name of ['debug', 'info', 'warn', 'error']) logger[name](name);`);
    expect(lines.map(({ msg }) => msg)).toEqual(expected);
  });

  it.each([
    ['debug', ['40 a warning: why', '50 an error', '20 some news', '20 a detail']],
    ['info', ['40 a warning: why', '50 an error']],
    ['error', ['50 an error']],
  ])('at level %s writes what the OpenTelemetry libraries report', async (level, expected) => {
    const lines = await linesOf(
      level,
      `diag.warn('a warning:', new Error('why'));
       diag.error('an error');
       diag.info('some news');
       diag.debug('a detail');`,
    );
    expect(lines.map((line) => `${line.level} ${line.msg}`)).toEqual(expected);
    for (const { component } of lines) expect(component).toBe('opentelemetry');
  });

  it('made last gets what the libraries report, without a word about the change', async () => {
    const lines = await linesOf('info', `createLogger('error'); diag.warn('a'); diag.error('b');`);
    expect(lines.map(({ msg }) => msg)).toEqual(['b']);
  });
});

it('writes no secret, and leaves a line JSON', async () => {
  const lines: string[] = [];
  const secrets = new Secrets();
  const logger = await createLogger('info', { destination: { write: (line) => void lines.push(line) }, secrets });
  secrets.add('the"token');
  secrets.add('12345678');
  logger.child({ component: 'a' }).error({ err: new Error('of the"token'), n: 12345678 }, 'the"token');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    component: 'a',
    err: { message: 'of [REDACTED]', stack: expect.stringContaining('of [REDACTED]') },
    n: 12345678,
    msg: '[REDACTED]',
  });
});
