// What a Nest application needs once: a resolver to inject, and an HttpService that finds its way.

import { HttpModule, HttpService } from '@nestjs/axios';
import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { defaultResolver, type Resolver, route } from 'branchline';

/** The token of the resolver. A test overrides it. */
export const RESOLVER = Symbol('branchline');

// No redirects: axios would take the headers along, to whatever host.
@Module({
  imports: [HttpModule.register({ maxRedirects: 0, timeout: 5000 })],
  providers: [{ provide: RESOLVER, useFactory: () => defaultResolver() }],
  exports: [HttpModule, RESOLVER],
})
export class BranchlineModule implements OnModuleInit {
  readonly #http: HttpService;
  readonly #resolver: Resolver;

  // `@Inject` says what to inject where a compiler says nothing of types: esbuild, tsx.
  constructor(@Inject(HttpService) http: HttpService, @Inject(RESOLVER) resolver: Resolver) {
    this.#http = http;
    this.#resolver = resolver;
  }

  onModuleInit(): void {
    const { axiosRef } = this.#http;
    axiosRef.interceptors.request.use((config) => {
      const { url, headers } = route(axiosRef.getUri(config), config.headers, { resolver: this.#resolver });
      return Object.assign(config, { url, headers, params: undefined });
    });
  }
}
