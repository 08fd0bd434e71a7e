import type { OpenAPIObject } from '@nestjs/swagger';
import { ERROR_STATUS } from '@app/contracts';

const ERROR_BODY = {
  type: 'object' as const,
  required: ['statusCode', 'code', 'message', 'request_id'],
  properties: {
    statusCode: { type: 'integer' as const, description: 'The HTTP status.' },
    code: {
      type: 'string' as const,
      enum: Object.keys(ERROR_STATUS),
      description: 'What programs decide by.',
    },
    message: { type: 'string' as const, description: 'For people: what was wrong and what to do next.' },
    request_id: { type: 'string' as const, description: 'Finds the request in the log of the server.' },
    details: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['field', 'message'],
        properties: { field: { type: 'string' as const }, message: { type: 'string' as const } },
      },
    },
  },
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every operation may answer with the one error shape, and those that need no key say so. */
export function addErrors(document: OpenAPIObject, publicOperations: ReadonlySet<string>): OpenAPIObject {
  const schemas = { ...document.components?.schemas, ErrorBody: ERROR_BODY };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (!operation) continue;
      operation.responses.default = {
        description: 'Refused or failed.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } },
      };
      if (publicOperations.has(operation.operationId ?? '')) operation.security = [];
    }
  }
  return { ...document, components: { ...document.components, schemas } };
}
