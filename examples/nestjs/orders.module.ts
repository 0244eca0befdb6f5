// The application: it knows `billing` by its name, and of branches only who may choose one.

import { HttpService } from '@nestjs/axios';
import {
  Body,
  Controller,
  Inject,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Post,
} from '@nestjs/common';
import type { Resolver } from 'branchline';
import { branchline } from 'branchline/express';
import { firstValueFrom } from 'rxjs';

import { BranchlineModule, RESOLVER } from './branchline.module.ts';

@Injectable()
export class Billing {
  readonly #http: HttpService;

  constructor(@Inject(HttpService) http: HttpService) {
    this.#http = http;
  }

  async invoice(order: unknown): Promise<unknown> {
    const { data } = await firstValueFrom(this.#http.post<unknown>('http://billing/invoices', order));
    return data;
  }
}

@Controller('orders')
export class OrdersController {
  readonly #billing: Billing;

  constructor(@Inject(Billing) billing: Billing) {
    this.#billing = billing;
  }

  @Post()
  take(@Body() order: unknown): Promise<unknown> {
    return this.#billing.invoice(order);
  }
}

@Module({ imports: [BranchlineModule], controllers: [OrdersController], providers: [Billing] })
export class OrdersModule implements NestModule {
  readonly #resolver: Resolver;

  constructor(@Inject(RESOLVER) resolver: Resolver) {
    this.#resolver = resolver;
  }

  configure(consumer: MiddlewareConsumer): void {
    // The ingress of the public sets this header. Whoever comes without it is the team, or a service of theirs.
    const middleware = branchline({
      trust: (req) => req.headers['x-from-outside'] === undefined,
      resolver: this.#resolver,
    });
    consumer.apply(middleware).forRoutes('{*path}');
  }
}
