// The page of a prompt's versions: the list at the left; at the right what its address says, else the labels.
import { useQuery } from "@tanstack/react-query";
import { revertTo } from "@/api/versions";
import { Button } from "@/parts/button";
import { useDialog } from "@/parts/dialogs";
import { useText } from "@/text/text";
import { PromptBar } from "../frame";
import { useOpenDraft } from "../open-draft";
import { BranchDialog, BranchesPanel } from "./branches-panel";
import { DiffView } from "./diff-view";
import { LabelDialog } from "./label-dialog";
import { LabelsPanel } from "./labels-panel";
import { MergeView } from "./merge-view";
import type { Place } from "./place";
import { labelsQuery, useDoing, useVersions } from "./use-versions";
import { type VersionActions, VersionList } from "./version-list";
import { VersionView } from "./version-view";

interface VersionsPageProps {
  place: Place;
  onGo: (place: Place) => void;
}

export function VersionsPage({ place, onGo }: VersionsPageProps) {
  const say = useText();
  const [draft, { kept }] = useOpenDraft();
  const { key } = draft.base;
  const { versions } = useVersions(key);
  const { data: labels = [] } = useQuery(labelsQuery(key));
  const { attempt, problem } = useDoing(key);
  const label = useDialog("label");
  const branch = useDialog("branch");
  const actions: VersionActions = {
    open: (version) => onGo({ version }),
    compare: (before, after) => onGo({ before, after }),
    revert: (version) =>
      void attempt(async () => {
        const stored = await kept();
        if (!stored) throw new Error(say("commit.unsaved"));
        return revertTo(stored, version);
      }),
    label: (version) => label.show(`@${version}`),
    branch: branch.show,
  };
  const newest = versions[0]?.version;
  return (
    <>
      <PromptBar>
        {newest && (
          <Button size="small" onClick={() => onGo({ before: draft.base.base ?? newest, after: "draft" })}>
            {say("diff.open")}
          </Button>
        )}
      </PromptBar>
      <main
        id="main"
        className="grid min-h-0 flex-1 grid-cols-1 overflow-y-auto max-lg:content-start lg:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] lg:overflow-hidden"
      >
        <div className="min-w-0 border-line px-4 py-5 lg:overflow-y-auto lg:border-r">
          <BranchesPanel
            promptKey={key}
            onBranch={() => newest && branch.show(newest)}
            onMerge={(merge, into) => onGo({ merge, into })}
          />
          {problem && (
            <p role="alert" className="mb-3 rounded-lg bg-red-wash px-3 py-2 text-[13px] text-red">
              {problem}
            </p>
          )}
          <VersionList
            versions={versions}
            labels={labels}
            chosen={[place.version, place.before, place.after]}
            actions={actions}
          />
        </div>
        <div className="min-w-0 px-6 py-6 lg:overflow-y-auto">
          <div className="max-w-[56rem]">
            <Shown place={place} onGo={onGo} actions={actions} onLabel={label.show} />
          </div>
        </div>
      </main>
      {label.open && <LabelDialog key={label.about} promptKey={key} about={label.about} onClose={label.close} />}
      {branch.open && branch.about && (
        <BranchDialog key={branch.about} promptKey={key} version={branch.about} onClose={branch.close} />
      )}
    </>
  );
}

interface ShownProps extends VersionsPageProps {
  actions: VersionActions;
  onLabel: (name?: string) => void;
}

function Shown({ place, onGo, actions, onLabel }: ShownProps) {
  const [{ base }] = useOpenDraft();
  const { before, after, version, merge, into } = place;
  if (merge && into) {
    return (
      <MergeView
        key={`${merge} ${into}`}
        merge={merge}
        into={into}
        onDone={(made) => onGo({ version: made })}
        onCancel={() => onGo({})}
      />
    );
  }
  if (before && after) return <DiffView before={before} after={after} onChange={onGo} />;
  if (version) return <VersionView promptKey={base.key} version={version} actions={actions} />;
  return <LabelsPanel promptKey={base.key} onMove={onLabel} />;
}
