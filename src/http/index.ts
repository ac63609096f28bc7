/** `wattline/http`: settings of HTTP clients and servers, and the client that plugins call other servers with. */
export {
  type Answer,
  type ClientTls,
  clientSettings,
  type Fetch,
  HttpClient,
  remedyForStatus,
  requestHeaders,
} from './client.ts';
export { listenOptions, serverSettings } from './server.ts';
