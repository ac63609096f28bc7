/** `wattline/receiving`: requests with measurements, how they are read, and what they are answered with. */
export { type Answer, jsonAnswer, mediaType, RequestError } from './answer.ts';
export { type BlockFormats, type BodyLimit, readBody, readChunks, tooLarge } from './body.ts';
export { deliver } from './deliver.ts';
export { metricsEndpoint } from './metrics-endpoint.ts';
export { OpenRequests, type Respond } from './open-requests.ts';
export { limitSettings, limitsOf, takeOtlp } from './otlp-request.ts';
export { splitRun } from './split-run.ts';
export { requestTurns } from './turnstile.ts';
