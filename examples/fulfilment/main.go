// Fulfilment sells exactly one key for each paid order, although the payment
// provider's webhook arrives twice, the vendor's answers get lost, and the program
// dies in the middle of a sale.
//
//	go run ./examples/fulfilment                 # all of that, against the embedded mock
//	go run ./examples/fulfilment -listen :8080   # in earnest, through Junkie; see README.md
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	listen := flag.String("listen", "", "take webhooks on this address and sell through Junkie; README.md tells the environment it needs")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "fulfilment:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, address string) error {
	if address != "" {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		return serve(ctx, listener)
	}
	folder, err := os.MkdirTemp("", "fulfilment-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	return story(ctx, os.Stdout, filepath.Join(folder, "orders.jsonl"))
}
