// BRANCHLINE_NAMESPACE=develop BRANCHLINE_BILLING__DEVELOP=http://127.0.0.1:8081 npx nest start

import { NestFactory } from '@nestjs/core';

import { OrdersModule } from './orders.module.ts';

const app = await NestFactory.create(OrdersModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 8080));
console.log(JSON.stringify({ listening: await app.getUrl() }));
