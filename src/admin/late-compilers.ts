import AjvCompiler from "@fastify/ajv-compiler";
import SerializerSelector from "@fastify/fast-json-stringify-compiler";
import type { FastifySchemaCompiler, FastifySerializerCompiler } from "fastify";
import type { FastifySchema } from "fastify/types/schema.js";
import type { AdminApplication } from "./services.js";

/** What a schema does not name is refused, not dropped: a filter with a typing error must not match everything. */
export const validation = { customOptions: { removeAdditional: false } } as const;

/**
 * Has an application compile each schema when it is first needed, with Fastify's own compilers: all of them together
 * take a quarter of the time that a server needs to start, and most are never used in its life.
 */
export function compileLate(app: AdminApplication): void {
  const validators = late(() => AjvCompiler()({ ...app.getSchemas() } as never, validation));
  const serializers = late(() => SerializerSelector()(app.getSchemas()));
  const validatorCompiler: FastifySchemaCompiler<unknown> = (route) => {
    const compiled = late(() => validators()(route as never));
    const validator: ReturnType<FastifySchemaCompiler<unknown>> = (data: unknown) => {
      const validate = compiled();
      const valid = validate(data) === true;
      validator.errors = validate.errors ?? null;
      return valid;
    };
    return validator;
  };
  const serializerCompiler: FastifySerializerCompiler<FastifySchema> = (route) => {
    const compiled = late(() => serializers()(route as never));
    return (data) => compiled()(data);
  };
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
}

/** What is made at the first call, and given by that and all others. */
function late<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
