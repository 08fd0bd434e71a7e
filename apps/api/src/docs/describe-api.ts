import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PUBLIC_ROUTE } from '@app/auth';
import { addErrors } from './add-errors.js';

/** Works on an application in preview mode too, where nothing is connected. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Claude Code Agent')
    .setDescription(
      'Runs Claude Code as durable background workers. Errors have one shape everywhere: see ErrorBody.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: cca_…' })
    .addSecurityRequirements('bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
  return addErrors(document, publicOperations(app));
}

/** `ApiKeysController.create` → `apiKeysCreate`. */
function operationId(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return name.charAt(0).toLowerCase() + name.slice(1) + method.charAt(0).toUpperCase() + method.slice(1);
}

function publicOperations(app: INestApplication): Set<string> {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  const names = controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const methods: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(metatype.prototype);
    return Object.entries(methods)
      .filter(([, { value }]) => isPublic(metatype) || isPublic(value))
      .map(([method]) => operationId(metatype.name, method));
  });
  return new Set(names);
}

function isPublic(place: unknown): boolean {
  return typeof place === 'function' && Reflect.getMetadata(PUBLIC_ROUTE, place) === true;
}
