import { z } from "zod";
import { shown } from "../printable";
import * as texts from "../texts";
import { variableTroubles } from "../variables";

/** A value of an environment. It needs no quotes: the text counts as it is written in the file. */
const variableText = z
  .union([z.string(), z.number(), z.boolean()], {
    error: ({ input }) =>
      input === null
        ? 'has no value: write "" for an empty text'
        : `is ${shown(input)}, wanted a text`,
  })
  .transform(String);

/** The variables of an application, by name. */
export const environment = z.record(texts.variable, variableText).superRefine((values, context) => {
  for (const { name, message } of variableTroubles(values)) {
    context.addIssue({ code: "custom", message, path: name === undefined ? [] : [name] });
  }
});
