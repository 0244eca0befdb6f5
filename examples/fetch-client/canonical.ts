// Code that spells the baseline's names keeps them: `http://my-rest.develop.svc/` is my-rest, wherever that is.

import { createFetch } from 'branchline';

export const fetch = createFetch({ canonical: true });
