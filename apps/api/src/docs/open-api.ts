import { Injectable } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

/** The API's description, made when somebody first asks: an idle server does without it. */
@Injectable()
export class OpenApi {
  private app: INestApplication | null = null;
  private made: Promise<OpenAPIObject> | null = null;

  /** Called once by whoever puts the service together; a controller cannot have the application injected. */
  describes(app: INestApplication): void {
    this.app = app;
  }

  document(): Promise<OpenAPIObject> {
    const { app } = this;
    if (!app) throw new Error('there is no application to describe');
    this.made ??= import('./describe-api.js').then(({ describeApi }) => describeApi(app));
    return this.made;
  }
}
