// What is shown in the place of a page that is loading, failed, or is not there.
import { useQueryClient } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiFailure } from "@/api/client";
import { rememberKey } from "@/api/key";
import { Button } from "@/parts/button";
import { Input } from "@/parts/field";
import { useText } from "@/text/text";

export function Loading() {
  const say = useText();
  return (
    <p role="status" className="grid h-full place-items-center text-faint">
      {say("app.loading")}
    </p>
  );
}

export function Failed({ error, reset }: ErrorComponentProps) {
  const say = useText();
  const router = useRouter();
  const queries = useQueryClient();
  const kind = error instanceof ApiFailure ? error.error.class : undefined;
  const again = async () => {
    await queries.resetQueries();
    await router.invalidate();
    reset();
  };
  return (
    <main
      id="main"
      role="alert"
      className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center"
    >
      <h1 className="font-serif text-[26px]">{kind ? say(`class.${kind}`) : say("app.failed")}</h1>
      <p className="max-w-md text-soft">
        {error instanceof ApiFailure ? error.error.message : error instanceof Error ? error.message : String(error)}
      </p>
      {kind === "unauthenticated" && <KeyForm onKey={() => void again()} />}
      {kind === "not_found" && <Home />}
      {kind !== "unauthenticated" && kind !== "not_found" && (
        <Button onClick={() => void again()}>{say("app.retry")}</Button>
      )}
    </main>
  );
}

/** Asks for the API key of a server that wants one. */
function KeyForm({ onKey }: { onKey: () => void }) {
  const say = useText();
  const [key, setKey] = useState("");
  const enter = (event: FormEvent) => {
    event.preventDefault();
    rememberKey(key.trim());
    onKey();
  };
  return (
    <form onSubmit={enter} className="mt-2 flex w-80 gap-2">
      <Input
        type="password"
        value={key}
        placeholder={say("key.field")}
        aria-label={say("key.field")}
        onChange={(event) => setKey(event.target.value)}
      />
      <Button look="ink" type="submit">
        {say("key.enter")}
      </Button>
    </form>
  );
}

export function NotFound() {
  const say = useText();
  return (
    <main id="main" className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center">
      <h1 className="font-serif text-[26px]">{say("app.notFound")}</h1>
      <Home />
    </main>
  );
}

function Home() {
  const say = useText();
  return (
    <Button asChild>
      <Link to="/">{say("app.home")}</Link>
    </Button>
  );
}
