// A fault of the page itself is said where it happened; navigation goes on working.

import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode }, { fault: string | null }> {
  override state: { fault: string | null } = { fault: null };

  static getDerivedStateFromError(error: unknown) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    if (this.state.fault === null) return this.props.children;
    return (
      <main className="panel-place">
        <section className="panel failed" role="alert">
          <h2>This view broke</h2>
          <p>{this.state.fault}</p>
          <div className="actions">
            <button className="button small" onClick={() => window.location.reload()}>
              Load again
            </button>
          </div>
        </section>
      </main>
    );
  }
}
