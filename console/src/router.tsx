// The addresses of the console, each a page.
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Failed, Loading, NotFound } from "./pages/fallbacks";
import { librarySearch, soughtBy } from "./pages/library/library-search";
import { budgetsQuery, limitsQuery, ruleSetsQuery } from "./pages/limits/use-governance";
import { providersQuery, rowsQuery } from "./pages/models/use-catalogue";
import { benchSearch } from "./pages/prompts/bench-search";
import { filesIn } from "./pages/prompts/files/files-search";
import { placeIn } from "./pages/prompts/versions/place";
import { promptQuery, searchQuery, shelvesQuery } from "./pages/queries";
import { filtersIn } from "./pages/runs/filters";
import { runQuery, traceQuery } from "./pages/runs/use-runs";
import { Shell } from "./pages/shell";
import { dialogSearch } from "./parts/dialogs";

interface Context {
  queries: QueryClient;
}

// Each page is fetched when it is gone to, or pointed at: who looks at models never waits for the editor.
const Welcome = lazyRouteComponent(() => import("./pages/prompts/welcome"), "Welcome");
const PromptFrame = lazyRouteComponent(() => import("./pages/prompts/frame"), "PromptFrame");
const Workbench = lazyRouteComponent(() => import("./pages/prompts/workbench"), "Workbench");
const VersionsPage = lazyRouteComponent(() => import("./pages/prompts/versions/versions-page"), "VersionsPage");
const LibraryPage = lazyRouteComponent(() => import("./pages/library/library-page"), "LibraryPage");
const FilesPage = lazyRouteComponent(() => import("./pages/prompts/files/files-page"), "FilesPage");
const RunsPage = lazyRouteComponent(() => import("./pages/runs/runs-page"), "RunsPage");
const RunPage = lazyRouteComponent(() => import("./pages/runs/run-page"), "RunPage");
const TracePage = lazyRouteComponent(() => import("./pages/runs/trace-page"), "TracePage");
const ModelsPage = lazyRouteComponent(() => import("./pages/models/models-page"), "ModelsPage");
const LimitsPage = lazyRouteComponent(() => import("./pages/limits/limits-page"), "LimitsPage");

const root = createRootRouteWithContext<Context>()({
  validateSearch: dialogSearch,
  component: Shell,
  notFoundComponent: NotFound,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  // A newcomer lands on a prompt that runs, everyone else on the one edited last.
  beforeLoad: async ({ context: { queries }, search }) => {
    const latest = (await queries.fetchQuery(searchQuery({ limit: 1 }))).entries[0];
    if (latest)
      throw redirect({
        to: "/prompts/$key",
        params: { key: latest.key },
        search: dialogSearch({ ...search }),
        replace: true,
      });
  },
  component: Welcome,
});

const library = createRoute({
  getParentRoute: () => root,
  path: "/prompts",
  validateSearch: librarySearch,
  loaderDeps: ({ search }) => soughtBy(search),
  loader: ({ context: { queries }, deps }) =>
    Promise.all([queries.ensureQueryData(shelvesQuery), queries.ensureQueryData(searchQuery(deps))]),
  component: function PromptsPage() {
    const navigate = library.useNavigate();
    return (
      <LibraryPage
        search={library.useSearch()}
        onSearch={(search, replace = false) => void navigate({ search, replace })}
      />
    );
  },
});

const prompt = createRoute({
  getParentRoute: () => root,
  path: "/prompts/$key",
  loader: ({ context: { queries }, params: { key } }) => queries.ensureQueryData(promptQuery(key)),
  component: function PromptPages() {
    return <PromptFrame promptKey={prompt.useParams().key} />;
  },
});

const write = createRoute({
  getParentRoute: () => prompt,
  path: "/",
  validateSearch: benchSearch,
  component: function WritePage() {
    const navigate = write.useNavigate();
    return (
      <Workbench
        search={write.useSearch()}
        onSearch={(search, replace = false) => void navigate({ search, replace })}
      />
    );
  },
});

const versions = createRoute({
  getParentRoute: () => prompt,
  path: "versions",
  validateSearch: placeIn,
  component: function Versions() {
    const navigate = versions.useNavigate();
    return <VersionsPage place={versions.useSearch()} onGo={(place) => void navigate({ search: place })} />;
  },
});

const files = createRoute({
  getParentRoute: () => prompt,
  path: "files",
  // `format`: whose file it is; `version`: of which version, when it is not the draft.
  validateSearch: filesIn,
  component: function Files() {
    const navigate = files.useNavigate();
    return (
      <FilesPage search={files.useSearch()} onSearch={(search) => void navigate({ search: filesIn({ ...search }) })} />
    );
  },
});

const runs = createRoute({
  getParentRoute: () => prompt,
  path: "runs",
  validateSearch: filtersIn,
  component: function PromptRuns() {
    const navigate = runs.useNavigate();
    return <RunsPage filters={runs.useSearch()} onFilters={(search) => void navigate({ search, replace: true })} />;
  },
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  // `model`: the one that a replay asks, when it is another.
  validateSearch: ({ model }: Record<string, unknown>): { model?: string } =>
    typeof model === "string" && model !== "" ? { model } : {},
  loader: ({ context: { queries }, params: { id } }) => queries.ensureQueryData(runQuery(id)),
  component: function OneRun() {
    const navigate = run.useNavigate();
    return (
      <RunPage
        id={run.useParams().id}
        model={run.useSearch().model}
        onModel={(model) => void navigate({ search: model ? { model } : {}, replace: true })}
      />
    );
  },
});

const trace = createRoute({
  getParentRoute: () => root,
  path: "/traces/$id",
  // `span`: the one that is looked at.
  validateSearch: (search: Record<string, unknown>): { span?: string } =>
    typeof search["span"] === "string" ? { span: search["span"] } : {},
  loader: ({ context: { queries }, params: { id } }) => queries.ensureQueryData(traceQuery(id)),
  component: function OneTrace() {
    const navigate = trace.useNavigate();
    return (
      <TracePage
        id={trace.useParams().id}
        span={trace.useSearch().span}
        onSpan={(span) => void navigate({ search: { span }, replace: true })}
      />
    );
  },
});

const models = createRoute({
  getParentRoute: () => root,
  path: "/models",
  loader: ({ context: { queries } }) =>
    Promise.all([queries.ensureQueryData(providersQuery), queries.ensureQueryData(rowsQuery)]),
  component: ModelsPage,
});

const limits = createRoute({
  getParentRoute: () => root,
  path: "/limits",
  loader: ({ context: { queries } }) =>
    Promise.all([
      queries.ensureQueryData(limitsQuery),
      queries.ensureQueryData(budgetsQuery),
      queries.ensureQueryData(ruleSetsQuery),
    ]),
  component: LimitsPage,
});

const tree = root.addChildren([
  home,
  library,
  prompt.addChildren([write, versions, files, runs]),
  run,
  trace,
  models,
  limits,
]);

export function routerWith(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPendingComponent: Loading,
    defaultErrorComponent: Failed,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof routerWith>;
  }
}
