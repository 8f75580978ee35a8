// Where the page begins: styles, theme, keys, the poll of the server's state, and which view the address asks for.

import { StrictMode, useRef } from "react";
import { createRoot } from "react-dom/client";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/runs.css";
import "./styles/run.css";
import "./styles/panel.css";
import "./styles/start.css";
import { Boundary } from "./frame/boundary.tsx";
import { Frame } from "./frame/frame.tsx";
import { startKeys } from "./lib/keys.ts";
import { followLink, usePlace } from "./lib/router.ts";
import { startPolling, useConnection } from "./lib/status.ts";
import { startTheme } from "./lib/theme.ts";
import { parsePath } from "./lib/url.ts";
import { RunPage } from "./run/page.tsx";
import { RunsPage } from "./runs/page.tsx";
import { StartPage } from "./start/page.tsx";

function Unknown({ path }: { path: string }) {
  const run = path.startsWith("/run/");
  return (
    <main className="panel-place">
      <section className="panel failed" role="alert">
        <h2>{run ? "This is not a trace id" : "There is no such view"}</h2>
        <p>{run ? <>“{path.slice(5)}” is not 32 hex digits.</> : <>Nothing stands at “{path}”.</>}</p>
        <div className="actions">
          <a className="button small" href="/runs" onClick={followLink}>
            All runs
          </a>
        </div>
      </section>
    </main>
  );
}

/** The list of runs, or, until something has ever arrived, how to send it. */
function RunsOrStart({ search }: { search: string }) {
  const { status } = useConnection();
  const started = useRef(false);
  // Once the first start is on screen it stays: the list of ticks goes on, and nothing moves unasked.
  if (status && !status.first.span && search === "") started.current = true;
  if (search !== "") started.current = false;
  if (!status && search === "") return <main className="quiet" aria-busy="true" />;
  if (started.current && status) return <StartPage status={status} />;
  return <RunsPage />;
}

/** Which view the address asks for. */
function Views() {
  const { path, search } = usePlace();
  const route = parsePath(path);
  const { lost, status } = useConnection();
  if (route.view === "run") return <RunPage key={route.traceId} traceId={route.traceId} />;
  if (route.view === "unknown") return <Unknown path={route.path} />;
  if (lost && !status) return <RunsPage />;
  return <RunsOrStart key={path} search={search} />;
}

startTheme();
startKeys();
startPolling();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Frame>
        <Boundary>
          <Views />
        </Boundary>
      </Frame>
    </StrictMode>,
  );
