import { z } from "zod";
import { seconds } from "./seconds";

/** How long each step of a deploy may take. */
export const limits = z
  .strictObject({
    lock: seconds.default(900).describe("How long a push waits for another one"),
    virtualenv: seconds
      .default(900)
      .describe("How long pip may install the requirements, and git may fetch submodules"),
    build: seconds.default(1800).describe("How long each command of `build` may run"),
    deploy: seconds.default(600).describe("How long deploy.sh may run"),
    django: seconds
      .default(600)
      .describe("How long check, collectstatic and the plan of migrations may take"),
    migrate: seconds
      .default(3600)
      .describe("How long migrations may take, with the copy before them"),
    first: seconds.default(600).describe("How long each command of `first` may run"),
    release: seconds.default(600).describe("How long each command of `release` may run"),
    copy: z
      .int()
      .min(0)
      .default(1000)
      .describe(
        "The largest database, in MB, that is copied before a migration that can't be undone",
      ),
    boot: seconds.default(60).describe("How long gunicorn may take to boot"),
    health: seconds
      .default(10)
      .describe("How long an application that is up may take to answer the health path"),
    stop: seconds
      .default(60)
      .describe("How long the release before may take to finish its requests"),
  })
  .prefault({});
