/** A body that is not the OTLP message that it should be. The message names the place of what is wrong. */
export class OtlpError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OtlpError';
  }
}
