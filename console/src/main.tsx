// Where the console begins: what is remembered of the server, the addresses, the first paint.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiFailure } from "./api/client";
import { HintProvider } from "./parts/overlay";
import { routerWith } from "./router";
import "./styles.css";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What the server refuses it will refuse again; what nobody answered may be answered next time.
      retry: (count, failure) => count < 2 && !(failure instanceof ApiFailure && !failure.error.retryable),
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <HintProvider delayDuration={350}>
        <RouterProvider router={routerWith(queries)} />
      </HintProvider>
    </QueryClientProvider>
  </StrictMode>,
);
