import { DiagLogLevel, diag } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import type { LogLevel } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';

/**
 * Returns a logger to standard error: text on a terminal, JSON lines elsewhere. `terminal` may replace the stream to the
 * terminal. The logger also gets the messages of the OpenTelemetry libraries, which go to the last created logger only.
 */
export async function createLogger(level: LogLevel, terminal?: NodeJS.WritableStream): Promise<Logger> {
  const logger = process.stderr.isTTY ? await terminalLogger(level, terminal) : jsonLogger(level);
  routeDiagnostics(logger);
  return logger;
}

async function terminalLogger(level: LogLevel, destination: NodeJS.WritableStream | 2 = 2): Promise<Logger> {
  const { default: pretty } = await import('pino-pretty');
  const messageFormat = '{if component}{component}: {end}{msg}';
  return pino({ level, base: null }, pretty({ destination, sync: true, ignore: 'component', messageFormat }));
}

function jsonLogger(level: LogLevel): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, pino.destination({ dest: 2, sync: true }));
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
