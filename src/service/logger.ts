import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config/configuration.ts';

/** A logger to standard error: text for people on a terminal, JSON lines elsewhere. */
export function createLogger(level: LogLevel): Logger {
  if (process.stderr.isTTY) {
    return pino(
      { level, base: null },
      pretty({
        destination: 2,
        sync: true,
        ignore: 'component',
        messageFormat: '{if component}{component}: {end}{msg}',
      }),
    );
  }
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
