// The end of a form in a dialog: what went wrong, and the ways out.
import { useText } from "@/text/text";
import { Button } from "./button";
import { DialogClose } from "./overlay";
import { Problem } from "./problem";

export function FormEnd({ problem }: { problem: string }) {
  const say = useText();
  return (
    <>
      <Problem text={problem} boxed />
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button look="ghost">{say("form.cancel")}</Button>
        </DialogClose>
        <Button look="ink" type="submit">
          {say("form.save")}
        </Button>
      </div>
    </>
  );
}
