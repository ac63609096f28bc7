import { DiagLogLevel, diag } from '@opentelemetry/api';
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { LogLevel } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { Secrets } from '../model/secrets.ts';
import { standardError } from './log-output.ts';
import { withVisibleControls } from './visible-controls.ts';

interface LoggerMeans {
  /** Takes the lines in place of standard error; they are JSON then. */
  readonly destination?: DestinationStream | undefined;
  readonly terminal?: NodeJS.WritableStream | undefined;
  readonly secrets?: Secrets | undefined;
}

/**
 * Returns a logger to standard error: text on a terminal, JSON lines elsewhere. `terminal` may replace the stream to the
 * terminal. No line of it has a secret that `secrets` knows. The logger also gets the messages of the OpenTelemetry
 * libraries, which go to the last created logger only.
 */
export async function createLogger(
  level: LogLevel,
  { destination, terminal, secrets = new Secrets() }: LoggerMeans = {},
): Promise<Logger> {
  const safe = (line: string) => withoutSecrets(line, secrets);
  const isShown = process.stderr.isTTY && !destination;
  const logger = isShown
    ? await terminalLogger(level, { streamWrite: (line) => withVisibleControls(safe(line)) }, terminal)
    : jsonLogger(level, { streamWrite: safe }, destination);
  routeDiagnostics(logger);
  return logger;
}

/** Returns a logger that logs nothing, for who says itself what has failed. */
export function silentLogger(): Logger {
  return pino({ enabled: false });
}

type Hooks = NonNullable<LoggerOptions['hooks']>;

async function terminalLogger(
  level: LogLevel,
  hooks: Hooks,
  destination: NodeJS.WritableStream | 2 = 2,
): Promise<Logger> {
  const { default: pretty } = await import('pino-pretty');
  const messageFormat = '{if component}{component}: {end}{msg}';
  return pino({ level, base: null, hooks }, pretty({ destination, sync: true, ignore: 'component', messageFormat }));
}

function jsonLogger(level: LogLevel, hooks: Hooks, destination: DestinationStream = standardError()): Logger {
  const options = { level, base: null, hooks, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, destination);
}

/** Only the texts of a line are changed: it stays the line of JSON that it is. */
function withoutSecrets(line: string, secrets: Secrets): string {
  return secrets.redact(line) === line ? line : `${JSON.stringify(secrets.redactIn(JSON.parse(line)))}\n`;
}

/** The libraries' informational messages are debug messages of Wattline; their warnings and errors keep their level. */
function routeDiagnostics(logger: Logger): void {
  const own = logger.child({ component: 'opentelemetry' });
  const at =
    (level: LogLevel) =>
    (...parts: unknown[]) => {
      if (own.isLevelEnabled(level)) own[level](parts.map(messageOf).join(' '));
    };
  const logLevel = logger.isLevelEnabled('debug') ? DiagLogLevel.DEBUG : DiagLogLevel.WARN;
  diag.setLogger(
    { error: at('error'), warn: at('warn'), info: at('debug'), debug: at('debug'), verbose: at('debug') },
    { logLevel, suppressOverrideMessage: true },
  );
}
