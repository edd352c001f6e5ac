// The buttons: ink for the one thing a page is for, outline and ghost for the rest.
import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn";

const looks = cva(
  [
    "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-lg font-medium",
    "transition-colors duration-100 disabled:pointer-events-none disabled:opacity-45",
    "[&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]",
  ],
  {
    variants: {
      look: {
        ink: "bg-ink text-paper hover:bg-ink/85 active:bg-ink/75",
        outline: "border border-edge bg-sheet text-ink hover:border-faint hover:bg-well",
        ghost: "text-soft hover:bg-ink/6 hover:text-ink data-[state=open]:bg-ink/6 data-[state=open]:text-ink",
      },
      size: {
        normal: "h-9 px-3.5 text-sm",
        small: "h-7 rounded-md px-2 text-[13px] [&_svg]:size-3.5",
        icon: "size-8",
        tiny: "size-6 rounded-md [&_svg]:size-3.5",
      },
    },
    defaultVariants: { look: "outline", size: "normal" },
  },
);

type ButtonProps = ComponentProps<"button"> & VariantProps<typeof looks> & { asChild?: boolean };

export function Button({ className, look, size, asChild, type = "button", ...rest }: ButtonProps) {
  const classes = cn(looks({ look, size }), className);
  return asChild ? <Slot.Root className={classes} {...rest} /> : <button type={type} className={classes} {...rest} />;
}
