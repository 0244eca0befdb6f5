// Who answers a branch? A name of a namespace as the argument is a wish:
//   BRANCHLINE_CONFIG=/etc/branchline npx tsx examples/fetch-client/main.ts feature-x

import { context, fetch, isBranchlineError, resolutionOf } from 'branchline';

const [branch] = process.argv.slice(2);
const wish = branch === undefined ? undefined : { namespaces: [branch] };

try {
  const response = await context.run(wish, () =>
    fetch('http://my-rest/get-customer-permissions', { signal: AbortSignal.timeout(5000) }),
  );
  console.log(`${response.status} of ${response.url}, ${resolutionOf(response)?.via}`);
  // Without it nobody may conclude that a wish was honoured by the one who answered.
  const accepted = response.headers.get('branchline-accepted');
  console.log(accepted === null ? 'no wish was confirmed' : `confirmed: ${accepted}`);
} catch (error) {
  // The table says no; or a network error, which says where the call went.
  if (isBranchlineError(error)) console.log(error.code);
  else console.log(`${resolutionOf(error as Error)?.url} does not answer`);
  process.exitCode = 1;
}
