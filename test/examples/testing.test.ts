// What a user's own tests look like: they run here as they are. The one for Jest runs in .ci/check-consumers, against the
// packed package, because this project has no Jest.
await import('../../examples/testing/permissions.test.ts');
