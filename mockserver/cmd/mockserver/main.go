// Command mockserver runs the emulator of this module for programs in any
// language:
//
//	$ mockserver
//	mockserver listening on http://127.0.0.1:5397
//	junkie   http://127.0.0.1:5397/api/v2
//	keycrate http://127.0.0.1:5397
//	keygen   http://127.0.0.1:5397/v1
//	luaprot  http://127.0.0.1:5397
//
// The first line is meant to be read by programs: with --listen 127.0.0.1:0 it
// tells which port was free. A client takes a vendor's URL in place of the
// vendor's own. Below /__admin lies the control plane, with which a program sets
// the stage and looks behind the curtain.
//
// SIGINT and SIGTERM end it once the answers in flight are out. The exit code is
// 0 then, 2 for a bad argument, and 1 where the address cannot be listened on.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/keysmith-go/keysmith/mockserver"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run serves until the context is done, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mockserver", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:5397", "loopback `address` to listen on; port 0 takes a free one")
	if err := flags.Parse(args); err != nil { // which Parse has told
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "mockserver: %q is one argument too many; see mockserver -help\n", flags.Arg(0))
		return exitUsage
	}
	server := mockserver.New()
	endpoint, err := server.Listen(*listen)
	if err != nil {
		fmt.Fprintln(stderr, err)
		if network := (*net.OpError)(nil); errors.As(err, &network) {
			return exitFailed
		}
		return exitUsage
	}
	fmt.Fprintf(stdout, "mockserver listening on %s\njunkie   %s\nkeycrate %s\nkeygen   %s\nluaprot  %s\n",
		endpoint.URL, endpoint.Junkie(), endpoint.Keycrate(), endpoint.Keygen(), endpoint.LuaProt())
	<-ctx.Done()
	if err := server.Close(); err != nil {
		fmt.Fprintln(stderr, "mockserver:", err)
		return exitFailed
	}
	return 0
}
