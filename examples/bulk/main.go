// Bulk issues the licenses of a file of orders at Keygen, thousands at a time: one
// for each row, although answers get lost, the program is stopped or dies, and the
// vendor's rate limit is in the way.
//
//	go -C examples/bulk run .                          # 5,000 of them, against the embedded mock
//	go -C examples/bulk run . orders.csv licenses.csv  # in earnest; see README.md
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitDone    = 0 // every order has its license
	exitNothing = 1 // nothing was issued: what is wrong with the orders or the settings was told
	exitFailed  = 2 // some orders have none, and why is in the file of failures
	exitStopped = 3 // not all orders were tried: run it again
)

// commandLine is what the program can be told.
type commandLine struct {
	Orders   string `arg:"" optional:"" placeholder:"ORDERS" help:"The orders, as CSV. Without, the program shows what it does, against the embedded mock."`
	Licenses string `arg:"" optional:"" placeholder:"LICENSES" help:"The licenses, as CSV: begun, or gone on with. Failures are beside it, in a file that ends in .failed.csv."`

	Workers int    `default:"4" placeholder:"N" help:"Calls at the same time, ${default} by default."`
	Mock    string `placeholder:"FILE" help:"Issue at the embedded mock, which keeps what it knows in this file."`
}

func main() { os.Exit(program(os.Args[1:], os.Stdout, os.Stderr, interrupts())) }

// interrupts delivers the signals that end the program.
func interrupts() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	return signals
}

// program does what the command line says, and returns the exit code.
func program(args []string, stdout, stderr io.Writer, signals <-chan os.Signal) int {
	var line commandLine
	helped := false
	parser := kong.Must(&line, kong.Name("bulk"), kong.Writers(stdout, stderr),
		kong.Description("Issue one license at Keygen for each order of a file. The variables KEYGEN_ACCOUNT and KEYGEN_TOKEN say where, and KEYGEN_BASE_URL if it is not the vendor itself."),
		kong.Exit(func(int) { helped = true }))
	_, err := parser.Parse(args)
	switch {
	case helped:
		return exitDone
	case err == nil && (line.Orders == "") != (line.Licenses == ""):
		err = fmt.Errorf("two files are needed, one of orders and one for licenses: see bulk --help")
	case err == nil && (line.Workers < 1 || line.Workers > 64):
		err = fmt.Errorf("--workers is 1 to 64")
	}
	if err != nil {
		fmt.Fprintln(stderr, "bulk:", err)
		return exitNothing
	}

	ctx, stop, done := twoSteps(signals, stderr)
	defer done()
	if line.Orders == "" {
		return demonstrate(ctx, stop, stdout, stderr)
	}
	return sell(ctx, stop, line, stdout, stderr)
}

// twoSteps returns two contexts: the first signal ends stop, so that no more calls
// begin; the second ends ctx, and breaks off those under way.
func twoSteps(signals <-chan os.Signal, stderr io.Writer) (ctx, stop context.Context, done func()) {
	ctx, breakOff := context.WithCancel(context.Background())
	stop, finish := context.WithCancel(ctx)
	go func() {
		for step := 1; ; step++ {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			if step > 1 {
				breakOff()
				return
			}
			fmt.Fprintln(stderr, "\nbulk: finishing the calls under way; again stops at once")
			finish()
		}
	}()
	return ctx, stop, func() { finish(); breakOff() }
}

// isTerminal reports whether somebody watches.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
