// Unit tests stand beside the code they test. Browser tests are a program of their own: ../tests/page.
import { defineConfig } from "vitest/config";

/** What takes longer hangs: far above what a busy machine needs. */
const HANG_MS = 300_000;

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
    watch: false,
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
  },
});
