// How the console is built into the Python package, and served while it is being developed.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["PROMPTWIRE_URL"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": `${import.meta.dirname}/src` } },
  build: {
    outDir: "../src/promptwire/gateway/static",
    emptyOutDir: true,
    target: "es2023",
    chunkSizeWarningLimit: 1200,
  },
  // The browser talks to Vite and Vite to Promptwire, so that pages, API and stream share one origin as in production.
  server: { proxy: { "/api": server, "/v1": server, "/openapi.json": server } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
