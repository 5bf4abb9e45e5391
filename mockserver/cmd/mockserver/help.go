package main

import (
	"fmt"

	"github.com/alecthomas/kong"
)

// overview is what stands before the flags where no command is asked about.
const overview = `mockserver emulates four license-key vendors: Junkie, Keycrate, Keygen and LuaProt.

Usage:
  mockserver [serve] [flags]
      Serve until a signal comes.
  mockserver exec [flags] -- COMMAND [ARGUMENT...]
      Serve while another program runs, which finds in its environment how to
      reach the vendors and as whom.
  mockserver health [--url=URL]
      Ask a running server whether it is well.

Every flag has a twin in the environment, such as MOCKSERVER_READY_FILE for
--ready-file. The flag decides where there are both.

Exit codes: 0 for success, 1 for failure, 2 for a bad flag or variable, 3 for
what --strict found. exec has those of its command: 126 and 127 if that could not
be run, 128 and the number of the signal if one has ended it.
`

// usages are the first lines of the help of each command.
var usages = map[string]string{
	"serve":  "Usage: mockserver [serve] [flags]",
	"exec":   "Usage: mockserver exec [flags] -- COMMAND [ARGUMENT...]",
	"health": "Usage: mockserver health [flags]",
}

// help shows what the program or one of its commands can be told.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	options.NoAppSummary = true
	options.WrapUpperBound = 100
	if selected := ctx.Selected(); selected != nil {
		fmt.Fprintln(ctx.Stdout, usages[selected.Name])
		return kong.DefaultHelpPrinter(options, ctx)
	}
	serve, err := kong.Trace(ctx.Kong, []string{"serve"})
	if err != nil {
		return err
	}
	serve.Selected().Help = "" // as overview says it
	fmt.Fprint(ctx.Stdout, overview)
	return kong.DefaultHelpPrinter(options, serve)
}
