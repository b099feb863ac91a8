// Steptrace traces AWS Step Functions executions end to end.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/steptrace/steptrace/cmd/steptrace/render"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := newRootCommand().ExecuteContext(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil: // whatever broke off, it did so because of the signal
		fmt.Fprintln(os.Stderr, "steptrace: interrupted")
		os.Exit(interrupted)
	default:
		fmt.Fprintln(os.Stderr, "steptrace:", render.Printable(err.Error()))
		os.Exit(exitStatus(err))
	}
}

// interrupted is the exit status that shells give a program ended by SIGINT.
const interrupted = 130
