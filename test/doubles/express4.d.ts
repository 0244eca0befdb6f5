// Express 4 under its alias in package.json: for what the tests use of it, the types of Express 5 are right.

declare module 'express4' {
  import express from 'express';

  export default express;
}
