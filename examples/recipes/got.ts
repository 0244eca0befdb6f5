// got: a hook before each request, and one for redirects.

import { receive, route } from 'branchline';
import { got } from 'got';

export const http = got.extend({
  hooks: {
    beforeRequest: [
      (options) => {
        if (options.url === undefined) return;
        const { url, headers } = route(options.url, options.headers);
        Object.assign(options, { url, headers });
      },
    ],
    beforeRedirect: [
      (options, { url }) => {
        // Of a request that is not trusted our member is taken out: so it does not go to another host.
        if (new URL(url).origin === new URL(options.url ?? url).origin) return;
        const { baggage } = receive(options.headers, { trust: false });
        options.headers['baggage'] = baggage ?? undefined;
      },
    ],
  },
});
