// openapi-fetch: the name of the service as the base URL. It is resolved at each call, by the wrapped fetch.

import { fetch } from 'branchline';
import createClient, { type Client } from 'openapi-fetch';

/** As openapi-typescript makes it from the description of my-rest. */
interface Paths {
  '/get-customer-permissions': {
    get: {
      parameters: { query?: { customer?: string } };
      responses: { 200: { content: { 'application/json': string[] } } };
    };
  };
}

export const myRest: Client<Paths> = createClient<Paths>({ baseUrl: 'http://my-rest', fetch });
