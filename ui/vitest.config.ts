// Unit tests stand beside the code they test. Browser tests are a program of their own: ../tests/page.
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["src/**/*.test.ts"], environment: "node", watch: false } });
