// axios, with its http adapter and with its fetch adapter.

import axios from 'axios';
import { fetch, route } from 'branchline';

/** Follows no redirects: axios would take the headers along, to whatever host. */
export const http = axios.create({ maxRedirects: 0 });
http.interceptors.request.use((config) => {
  const { url, headers } = route(http.getUri(config), config.headers);
  return Object.assign(config, { url, headers, params: undefined });
});

/** Follows redirects, each as the table says. */
export const fetching = axios.create({ adapter: 'fetch', env: { fetch } });
