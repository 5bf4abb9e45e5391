// Quickstart tells the life of a license key, at one vendor after the other:
// issued, used, moved to another device, listed, extended, paused, expired, barred
// and revoked, or drawn from a pool; and what to do when an answer is lost.
//
//	go run ./examples/quickstart         # against the embedded mock
//	go run ./examples/quickstart -live   # against the vendors, reading only
//
// With -live the environment variables JUNKIE_API_KEY, LUAPROT_API_KEY,
// KEYGEN_TOKEN (with KEYGEN_ACCOUNT) and KEYCRATE_API_KEY (with KEYCRATE_APP_ID)
// hold the credentials; a vendor without one is left out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	live := flag.Bool("live", false, "read from the vendors instead of working on the embedded mock; needs JUNKIE_API_KEY, LUAPROT_API_KEY, KEYGEN_TOKEN or KEYCRATE_API_KEY")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var tell func(context.Context, io.Writer) error = story
	if *live {
		tell = readOnly
	}
	if err := tell(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		stop()
		os.Exit(1)
	}
}
