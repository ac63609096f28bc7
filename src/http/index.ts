export { type ClientTls, clientSettings, type Fetch, HttpClient, remedyForStatus, requestHeaders } from './client.ts';
export { listenOptions, serverSettings } from './server.ts';
