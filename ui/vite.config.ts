// How the page is built: one folder ui/dist, hashed names under /assets/, nothing inlined that a strict
// Content-Security-Policy would refuse, the same bytes for the same sources.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const api = process.env.SEXTANT_URL ?? "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    assetsDir: "assets",
    target: "es2022",
    // Why 0: an inlined asset becomes a data: URL, which only images may be.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  worker: { format: "es" },
  // Only `npm run dev` uses these: the page from sources against a running server.
  server: { host: "127.0.0.1", proxy: { "/api": { target: api, changeOrigin: true } } },
});
