// What is shown in the place of a page that is loading, failed, or is not there.
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { ApiFailure } from "@/api/client";
import { Button } from "@/parts/button";
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
  const kind = error instanceof ApiFailure ? say(`class.${error.error.class}`) : say("app.failed");
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <main
      id="main"
      role="alert"
      className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center"
    >
      <h1 className="font-serif text-[26px]">{kind}</h1>
      <p className="max-w-md text-soft">{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={again}>{say("app.retry")}</Button>
    </main>
  );
}

export function NotFound() {
  const say = useText();
  return (
    <main id="main" className="grid h-full place-content-center justify-items-center gap-3 p-6 text-center">
      <h1 className="font-serif text-[26px]">{say("app.notFound")}</h1>
      <Button asChild>
        <Link to="/">{say("app.home")}</Link>
      </Button>
    </main>
  );
}
