package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
)

// readOnly shows what the vendor has, and changes nothing there.
func readOnly(ctx context.Context, out io.Writer) error {
	apiKey := os.Getenv("JUNKIE_API_KEY")
	if apiKey == "" {
		return errors.New("-live needs an API key in JUNKIE_API_KEY")
	}
	client, err := junkie.New(junkie.Config{APIKey: apiKey})
	if err != nil {
		return err
	}
	return show(ctx, out, client)
}

// show prints the folders and the newest keys, without the keys' values.
func show(ctx context.Context, out io.Writer, client *junkie.Client) error {
	folders, err := client.Keys.Folders(ctx)
	if err != nil {
		return err
	}
	page, err := client.Keys.List(ctx, junkie.ListKeysParams{Limit: 10})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Junkie: %d folders, %d keys\n", len(folders), page.Total)
	for _, key := range page.Keys {
		fmt.Fprintf(out, "  key %d, %q, %s, created %s\n", key.ID, key.Name, key.Status(time.Now()), date(key.CreatedAt))
	}
	return nil
}
